#pragma once
#include "catalogue/catalogue.h"
#include "core/clock.h"
#include "core/offload.h"
#include "core/task.h"
#include "firewall/firewall.h"
#include "identity/principal.h"
#include "identity/revocation.h"
#include "mcp/session_index.h"
#include "net/http.h"
#include "policy/compiled.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace preloop::mcp {

/// The largest body of a POST to the endpoint; for HttpHandler::max_body.
constexpr std::size_t k_max_post_body = 4 * 1024 * 1024;

/// Is the path the endpoint's? /mcp/v1, /mcp and /mcp/v1/servers/{server}.
bool is_mcp_path(std::string_view path);

/// For /metrics; read from any thread.
struct EndpointCounters {
  std::atomic<std::uint64_t> calls_answered = 0;
  std::atomic<std::uint64_t> calls_upstream_error = 0;
  std::atomic<std::uint64_t> calls_refused = 0;
  std::atomic<std::uint64_t> calls_pending = 0;
  std::atomic<std::uint64_t> calls_unknown_tool = 0;
  std::atomic<std::uint64_t> calls_over_limit = 0;
  std::atomic<std::uint64_t> calls_undelivered = 0;  ///< the caller was gone when it ended
  std::atomic<std::int64_t> calls_in_flight = 0;
  std::atomic<std::int64_t> listeners = 0;  ///< open GET streams
  std::atomic<std::uint64_t> sessions_opened = 0;
  std::atomic<std::uint64_t> unauthenticated = 0;
};

/// What MCP clients talk to: streamable HTTP of revisions 2025-03-26 to 2026-07-28, for agent and
/// execution keys. Knows the protocol and nothing else: whether a call may go is the firewall's
/// business, host and origin are checked before.
///
/// `handle` runs on any loop of the pool, many at once; a call runs on the loop that read it.
/// Create before the loops serve, `start` it, `stop` it after the server has, then destroy it.
class McpEndpoint : public identity::RevocationListener {
 public:
  struct Dependencies {
    core::LoopPool& loops;
    const core::Clock& clock;
    core::Offload& offload;
    const identity::IdentitySnapshot& identity;
    const catalogue::CatalogueSnapshot& catalogue;
    const policy::PolicySnapshot& policy;
    firewall::Firewall& firewall;
    /// RuntimeSessions::touch: the credential's runtime session, with a label of its client.
    std::function<core::Task<core::Result<core::RuntimeSessionId>>(identity::AgentPrincipal,
                                                                   std::string)>
        touch;
  };
  struct Options {
    SessionLimits sessions;
    int max_calls_per_agent = 32;
    std::size_t tools_per_page = 500;
    std::string version = "0";               ///< of serverInfo
    core::milliseconds sweep_every{1000};    ///< keeps streams alive, finds what is due
    std::size_t offload_above = 128 * 1024;  ///< bytes of a body parsed off the loop
  };
  static std::unique_ptr<McpEndpoint> create(Dependencies dependencies, Options options);

  /// Starts each loop's sweep.
  virtual core::Task<void> start() = 0;
  /// Answers one request of a path that is ours. Must answer; never throws.
  virtual core::Task<void> handle(net::Request& request,
                                  net::Responder& responder,
                                  const core::CallContext& context) = 0;
  /// From now on new requests get 503; calls that wait for a person get their pending answer,
  /// streams end with `retry`. Calls that run go on. From any thread, at once.
  virtual void drain() = 0;
  /// Ends everything, waits for the sweeps. After the server has stopped.
  virtual core::Task<void> stop() = 0;
  /// A resource that somebody subscribed to has changed; from any thread.
  virtual void resource_updated(core::ServerId server, std::string uri) = 0;
  /// What the sweep does, on the calling loop; for tests with a clock of their own.
  virtual void sweep_now() = 0;

  virtual const EndpointCounters& counters() const = 0;
  virtual std::size_t session_count() const = 0;
};

}  // namespace preloop::mcp
