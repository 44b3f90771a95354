#pragma once
#include "catalogue/service.h"
#include "catalogue/types.h"
#include "core/loop.h"
#include "core/offload.h"
#include "core/task_scope.h"
#include "core/wakeup.h"
#include "mcp/restart_policy.h"
#include "mcp/stdio_upstream.h"
#include "mcp/upstream_session.h"
#include "mcp/upstream_target.h"
#include "net/http_client.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace preloop::mcp {

/// What the keepers of all servers share.
struct KeeperSettings {
  core::Loop& owner;
  core::Offload& offload;
  catalogue::CatalogueService& catalogue;
  ResolveSecret resolve;
  ChildDefaults child;
  BackoffSettings backoff;
  /// First starts download packages.
  core::milliseconds open_limit{120'000};
  core::milliseconds list_limit{30'000};
  core::milliseconds list_delay{100};      ///< after the server said that its tools changed
  core::milliseconds list_spacing{2'000};  ///< of a storm of such messages
  core::milliseconds list_retry{30'000};
};

/// Keeps one server connected: start, list its tools for the catalogue, list again when they
/// change, start again with back-off when it fails, and tell the catalogue how it stands. Of the
/// pool's owner loop. `stop` before destroying.
class ServerKeeper final : public SessionEvents {
 public:
  /// Told when the connection calls go through is another one: null while there is none.
  using OnSession = std::function<void(std::shared_ptr<UpstreamSession>)>;
  /// Told where an HTTP server is, secrets resolved, each time it is started.
  using OnTarget = std::function<void(const HttpTarget&)>;
  /// Told the URI of a resource that changed, which somebody subscribed to.
  using OnUpdate = std::function<void(std::string)>;

  ServerKeeper(const KeeperSettings& settings,
               net::HttpClient& client,
               catalogue::Server server,
               OnSession on_session,
               OnTarget on_target,
               OnUpdate on_update);

  void start();
  /// Connects if it is not, lists, and returns how that went.
  core::Task<core::Status> scan();
  /// A call found the server unreachable: look.
  void suspect();
  /// The connection, and then for stdio the child.
  core::Task<void> stop(core::milliseconds grace);
  const catalogue::Server& server() const { return server_; }
  const std::string& problem() const { return problem_; }

  /// Somebody subscribed to the resource: after a new start it is asked for again.
  void subscribed(std::string uri);

  void list_changed() override;
  void reopened() override;
  void resource_updated(std::string uri) override { on_update_(std::move(uri)); }
  void ended(std::string why) override;

 private:
  struct Scan {
    explicit Scan(core::Wakeup wakeup) : done(std::move(wakeup)) {}
    core::Wakeup done;
    std::optional<core::Status> outcome;
  };
  core::Task<void> run();
  core::Task<core::Status> connect();
  core::Task<core::Status> make_session();
  core::Task<core::Status> attend();
  core::Task<core::Status> list();
  core::Task<void> subscribe_again();
  core::Task<void> disconnect();
  core::Task<void> report(catalogue::ServerStatus status, std::string problem);
  void finish_scans(const core::Status& how);

  const KeeperSettings& settings_;
  net::HttpClient& client_;
  catalogue::Server server_;
  OnSession on_session_;
  OnTarget on_target_;
  OnUpdate on_update_;
  core::TaskScope scope_;
  core::Wakeup changed_;
  Backoff backoff_;
  Debounce debounce_;
  std::shared_ptr<UpstreamSession> session_;
  std::shared_ptr<Scan> scan_;  ///< those who wait for the next listing
  std::set<std::string> subscriptions_;
  Opening opening_ = Opening::discover;  ///< of the next child
  bool must_subscribe_ = false;          ///< the server knows of none of them
  std::string ended_;                    ///< why the connection is of no more use; empty: it is
  std::string problem_;
  std::optional<catalogue::ServerStatus> reported_;
  bool stopping_ = false;
};

}  // namespace preloop::mcp
