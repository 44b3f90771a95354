#pragma once
#include "catalogue/types.h"
#include "core/call_context.h"
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "policy/types.h"

#include <functional>
#include <string>
#include <string_view>

namespace preloop::firewall {

/// Proof that the governed path let this call go: its decision is recorded and committed. Only the
/// firewall can make one, and nothing reaches an upstream tool without it.
class Permit {
 public:
  core::CallId call() const { return call_; }
  const policy::Verdict& verdict() const { return verdict_; }
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

 private:
  friend class Dispatch;
  friend class PermitForTest;  ///< firewall/testing: for tests of upstreams, never in the product
  Permit(core::CallId call, const policy::Verdict& verdict) : call_(call), verdict_(verdict) {}
  core::CallId call_;
  const policy::Verdict& verdict_;
};

/// What the upstream said: exactly one of the two is not empty. Bytes as received.
struct UpstreamAnswer {
  std::string result;  ///< the JSON-RPC `result` object
  std::string error;   ///< the JSON-RPC `error` object
};

/// What a server is told of the client of a call, where the protocol says it with each call. Views
/// live as long as the call.
struct ClientSide {
  std::string_view capabilities = "{}";  ///< MCP client capabilities, a JSON object
  std::string_view log_level;            ///< the least it wants to hear; empty: nothing
};

/// What a server asks of the client whose call it executes: for its person, or its model.
struct ServerRequest {
  std::string method;  ///< "elicitation/create", "sampling/createMessage" or "roots/list"
  std::string params;  ///< the JSON object; empty: none
  /// Answers it, once, on the loop that `request` was made on; after the call has ended it is of no
  /// effect.
  std::function<void(UpstreamAnswer)> reply;
};

/// Whatever can execute a tool; mcp implements it. Port wired in app.
class Upstream {
 public:
  virtual ~Upstream() = default;

  /// Sends one request of `tool.method`. `params` is the JSON object to send, with the upstream's
  /// own names and the client's arguments byte for byte. `on_notification` is given progress and
  /// log messages of this call as JSON-RPC text, while it runs, and `on_request` what the server
  /// asks of the caller meanwhile; both on the loop of the call.
  ///
  /// Errors: `unavailable` *only* when the call provably never left (refused connection, child not
  /// running, queue full); anything after the first byte left is `deadline_exceeded`, `cancelled`
  /// or `internal`, and its outcome counts as unknown.
  /// Cancellation (context.cancelled): notifies the upstream and returns `cancelled`.
  virtual core::Task<core::Result<UpstreamAnswer>> call_tool(
      const Permit& permit,
      const catalogue::Tool& tool,
      std::string params,
      std::function<void(std::string_view)> on_notification,
      std::function<void(ServerRequest)> on_request,
      const ClientSide& client,
      const core::CallContext& context) = 0;
};

}  // namespace preloop::firewall
