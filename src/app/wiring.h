#pragma once
#include "api/api.h"
#include "app/admin.h"
#include "app/config.h"
#include "app/foundation.h"
#include "app/front.h"
#include "app/housekeeping.h"
#include "approvals/notices.h"
#include "approvals/service.h"
#include "audit/keeper.h"
#include "catalogue/service.h"
#include "events/feed.h"
#include "firewall/firewall.h"
#include "mcp/endpoint.h"
#include "mcp/upstream_pool.h"
#include "net/http_client.h"
#include "net/local_socket.h"
#include "notify/notifier.h"
#include "policy/service.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace preloop::app {

/// Everything between the foundation and the listeners, made in the order in which a call meets the
/// lower layers, started and stopped in the order the comments give. Read wiring.cc from top to
/// bottom: it shows everything that runs.
class Wiring {
 public:
  Wiring(Foundation& foundation, const Config& config);
  ~Wiring();

  /// Recovers what a crash left, loads and publishes, connects upstreams in the background. Nothing
  /// is served yet. On a loop.
  core::Task<core::Status> start();
  /// No new calls; held calls get their pending answer, live streams end. On a loop.
  core::Task<void> drain();
  /// After the listeners have stopped. On a loop.
  core::Task<void> stop();

  net::HttpHandler& front() { return *front_; }
  std::string metrics() const;
  /// Adds the numbers of the listeners to /metrics.
  void set_listener_stats(std::function<net::ServerStats()> stats) { stats_ = std::move(stats); }

  Foundation& foundation() { return foundation_; }
  catalogue::CatalogueService& catalogue() { return *catalogue_; }
  policy::PolicyService& policy() { return *policy_; }

 private:
  class Observers;
  std::optional<std::string> not_ready() const;
  core::Task<core::Result<std::string>> admin_add_server(core::Json json);
  core::Task<core::Result<std::string>> admin_apply_policy(std::string yaml, bool prune);

  Foundation& foundation_;
  Config config_;
  bool started_ = false;
  std::atomic<bool> draining_ = false;
  std::function<net::ServerStats()> stats_;

  std::unique_ptr<audit::Keeper> keeper_;
  std::unique_ptr<events::Feed> feed_;
  std::unique_ptr<catalogue::CatalogueService> catalogue_;
  std::unique_ptr<policy::PolicyService> policy_;
  std::unique_ptr<approvals::ApprovalService> approvals_;
  std::unique_ptr<firewall::CallCounter> counter_;
  std::vector<std::unique_ptr<net::HttpClient>> http_;
  std::unique_ptr<net::HttpClient> notify_http_;
  core::Offload mail_{2};  ///< a slow mail server must not hold up the store's readers
  std::unique_ptr<approvals::Notices> notices_;
  std::unique_ptr<notify::Notifier> notifier_;
  std::unique_ptr<mcp::UpstreamPool> upstreams_;
  std::unique_ptr<firewall::Firewall> firewall_;
  std::unique_ptr<mcp::McpEndpoint> endpoint_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<Observers> observers_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<net::LocalListener> admin_socket_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<Front> front_;
};

}  // namespace preloop::app
