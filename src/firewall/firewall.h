#pragma once
#include "approvals/service.h"
#include "catalogue/catalogue.h"
#include "core/call_context.h"
#include "core/json.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "firewall/call_counter.h"
#include "firewall/in_flight.h"
#include "firewall/upstream.h"
#include "identity/principal.h"
#include "policy/compiled.h"
#include "store/database.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::firewall {

/// A tool call as it came in, or another request that is decided like one (catalogue/requests.h):
/// then `server` is set, `params.arguments` is what its params are, and `name` is of no account.
/// Views live until `call` returns.
struct ToolCall {
  catalogue::Method method = catalogue::Method::tools_call;
  std::string_view name;  ///< as exposed on /mcp/v1, or the server's own name with `server` set
  std::optional<core::ServerId> server;  ///< /mcp/v1/servers/{server}: names are unprefixed
  core::Json params;                     ///< the parsed `params`
  std::string_view params_text;          ///< its bytes
  std::string_view client;               ///< clientInfo name, a label only
  ClientSide client_side;
};

/// What a held call's observer is told, on the loop of the call.
struct Hold {
  core::ApprovalId request;
  std::string approvers;
  core::WallTime expires_at;
};

class CallObserver {
 public:
  virtual ~CallObserver() = default;
  /// The call waits for people from now on: open the response stream.
  virtual void held(const Hold& hold) = 0;
  /// Nobody is waited for any more: the call goes to its upstream now, and should run to its end
  /// even when the caller has gone.
  virtual void dispatched() {}
  /// A JSON-RPC notification of the upstream that belongs to this call.
  virtual void notification(std::string_view json) = 0;
  /// The upstream asks something of the caller; it must be answered, with an error if need be.
  virtual void request(ServerRequest request) = 0;
};

/// How a governed call ended, for the protocol layer to put into words of its protocol.
struct CallResult {
  enum class Kind : std::uint8_t {
    answered,        ///< the upstream's `result`, bytes as received
    upstream_error,  ///< the upstream's JSON-RPC `error` object, bytes as received
    refused,         ///< policy or a person said no, or something failed closed: `text` says why
    pending,  ///< a person has not decided and we could not wait longer: `text` says how to go on
    unknown_tool,  ///< no such tool for this caller
  } kind = Kind::refused;
  std::string json;
  std::string text;
  std::optional<core::ApprovalId> approval;
  std::optional<policy::Action> decision;  ///< none when nothing was decided
};

/// The governed call: identity → policy → approval → upstream → record. The heart, and small:
/// each stage is a function of its own (governed_call.cc and held_call.cc, in the order of the life
/// of a call).
class Firewall {
 public:
  struct Dependencies {
    store::Database& database;
    const catalogue::CatalogueSnapshot& catalogue;
    const policy::PolicySnapshot& policy;
    const identity::IdentitySnapshot& identity;
    approvals::ApprovalService& approvals;
    /// Decides where rules count earlier calls; its loop is the approvals'.
    CallCounter& counter;
    Upstream& upstream;
    const core::Clock& clock;
    core::Offload& offload;
    core::LoopPool& loops;
    const audit::ChainSealer& record;
    /// Lock-free: false when calls that must be recorded cannot be (disk full); then they are
    /// refused.
    std::function<bool()> may_record;
  };
  explicit Firewall(Dependencies dependencies);

  /// Marks calls an earlier process had in flight as `unknown`, in one unit. Before the listener.
  core::Task<core::Status> start();

  /// Writes down which calls are in flight, if any were. Several times a second, and once when the
  /// last call has ended.
  core::Task<core::Status> checkpoint();

  /// Never throws, never lets an error through: whatever goes wrong is `refused`. The decision is
  /// committed before dispatch, the outcome before this returns.
  core::Task<CallResult> call(const identity::AgentPrincipal& principal,
                              ToolCall call,
                              CallObserver& observer,
                              const core::CallContext& context);

  /// The protocol layer wrote the answer to a caller that was still there: nothing is kept for a
  /// retry any more.
  core::Task<void> delivered(const identity::AgentPrincipal& principal, const CallResult& result);

  /// The tools this caller may see, as MCP tool objects with exposed (or own) names.
  std::vector<catalogue::ToolPtr> visible_tools(const identity::AgentPrincipal& principal,
                                                std::optional<core::ServerId> server) const;
  /// May such a request of this caller to the server ever be let go? As for tools: what may not is
  /// not listed.
  bool may_request(const identity::AgentPrincipal& principal,
                   core::ServerId server,
                   catalogue::Method method) const;

 private:
  Dependencies dependencies_;
  InFlightCalls in_flight_;
};

}  // namespace preloop::firewall
