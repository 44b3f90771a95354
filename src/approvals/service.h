#pragma once
#include "approvals/halt.h"
#include "approvals/types.h"
#include "core/call_context.h"
#include "core/loop.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/principal.h"
#include "store/database.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::approvals {

/// How a caller finds the request of its call.
struct Ticket {
  core::ApprovalId id;
  State state = State::pending;
  enum class How : std::uint8_t {
    created,
    attached,  ///< an identical call waits, was approved and not yet used, or is executing
    finished,  ///< an identical call was executed; its result is kept for this retry
  } how = How::created;
  bool is_async = false;  ///< a workflow wants the caller answered at once
  core::WallTime expires_at;
  std::string approvers;  ///< for the agent: "anyone with the role approver"
  std::string result;     ///< `finished` only: the kept result, JSON
};

struct ListFilter {
  std::optional<State> state;
  std::optional<core::AgentId> agent;
  std::optional<core::ApprovalId> before;  ///< page: ids older than this one
  std::size_t limit = 50;
};

/// Told on the service's loop when a request has ended, before anybody who waits; must not suspend.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  virtual void request_ended(const Request& request) = 0;
};

/// Requests, waiters and timers. The registry of live requests (pending, approved and unused,
/// executing) belongs to one loop; every member may be called from any loop and hops there. The
/// database is the truth: after a restart `start` reads the rows, arms the timers and nobody needs
/// to have waited.
///
/// A waiter is woken by the decision itself, never by polling.
class ApprovalService {
 public:
  struct Dependencies {
    core::Loop& owner;
    core::LoopPool& loops;
    store::Database& database;
    const identity::IdentitySnapshot& identity;
    const core::Clock& clock;
    /// 32 bytes; seals results kept for a retry.
    core::Secret result_key;
    std::size_t max_pending_per_agent = 50;
  };
  static std::unique_ptr<ApprovalService> create(Dependencies dependencies);
  virtual ~ApprovalService() = default;

  virtual void set_observer(RequestObserver* observer) = 0;  ///< before start

  /// Marks `executing` rows of an earlier run as `unknown` in one unit (decision 29), loads live
  /// rows, arms timers. Before the listener opens.
  virtual core::Task<core::Status> start() = 0;
  /// Wakes every waiter with its stored state (pending ones stay pending) and stops the timers.
  virtual core::Task<void> stop() = 0;

  /// Creates a request, or finds the one an identical call of this agent has. `request` carries
  /// everything but state, expiry and digests, which are filled in. resource_exhausted when the
  /// agent has too many pending. failed_precondition when an identical call ended `unknown`: only a
  /// person releases it. `more` joins the unit that creates it (the decision's record). Committed
  /// strictly, with its audit draft and event, before it returns.
  virtual core::Task<core::Result<Ticket>> admit(Request request, store::Unit more) = 0;

  /// Suspends until the request leaves `state`, the caller goes away (`cancelled`; the request
  /// stays), or the service stops; then the current request. At once when the request has ended: it
  /// will not leave its state any more. What only people read (arguments, definitions) may be
  /// missing from it.
  virtual core::Task<core::Result<RequestPtr>> wait(core::ApprovalId id,
                                                    State state,
                                                    const core::CallContext& context) = 0;

  /// approved → executing, once: the guard of the unit is the row itself. `more` joins the unit
  /// (audit, the call's row). `aborted` when somebody else consumed it or it is no longer valid.
  virtual core::Task<core::Status> begin_execution(core::ApprovalId id, store::Unit more) = 0;
  /// executing → succeeded | failed | unknown. `result`, when not empty, is kept for an identical
  /// retry: encrypted, at most 1 MiB, until it was delivered, at most 24 h.
  virtual core::Task<core::Status> finish_execution(core::ApprovalId id,
                                                    State outcome,
                                                    std::string result,
                                                    store::Unit more) = 0;
  /// The result kept for an identical retry, when there is one. Asks for nothing, unlike `admit`.
  virtual core::Task<core::Result<std::optional<std::string>>> kept_result(core::AccountId account,
                                                                           core::ApprovalId id) = 0;
  /// The result reached its caller: the kept one is dropped, so that the same call made again is a
  /// new call, with a new question.
  virtual core::Task<core::Status> delivered(core::AccountId account, core::ApprovalId id) = 0;

  /// A person's vote. permission_denied when not eligible (checked against `now`'s roles and the
  /// workflow: never an agent, not the owner when excluded), failed_precondition with the state
  /// when it is no longer pending, already_exists when the same person voted; a repeated identical
  /// vote is the same answer, not an error. Strict.
  virtual core::Task<core::Result<Request>> decide(const identity::Principal& person,
                                                   core::ApprovalId id,
                                                   Decision decision,
                                                   std::string comment,
                                                   Channel channel) = 0;
  /// A person releases an `unknown` one, so that an identical call may ask again.
  virtual core::Task<core::Result<Request>> release(const identity::Principal& person,
                                                    core::ApprovalId id,
                                                    std::string comment) = 0;

  /// The request with its arguments as they are. The look is recorded first, strictly.
  /// permission_denied without the right to reveal.
  virtual core::Task<core::Result<Request>> reveal(const identity::Principal& person,
                                                   core::ApprovalId id) = 0;

  /// The rules ask for more than the request's workflows: it ends, and the call asks anew.
  virtual core::Task<core::Status> supersede(core::ApprovalId id, std::string reason) = 0;
  /// Cancels live requests: key revoked, agent suspended, server removed, policy superseded.
  virtual core::Task<core::Status> cancel(core::ApprovalId id, std::string reason) = 0;
  virtual core::Task<core::Status> cancel_of_key(core::KeyId key, std::string reason) = 0;
  virtual core::Task<core::Status> cancel_of_agent(core::AgentId agent, std::string reason) = 0;
  virtual core::Task<core::Status> cancel_of_server(core::ServerId server, std::string reason) = 0;

  virtual core::Task<core::Status> cancel_all(std::string reason) = 0;

  /// What is compared right before anything is let go. Any thread.
  virtual const HaltSwitches& switches() const = 0;
  virtual core::Task<core::Result<std::vector<Halt>>> halts(core::AccountId account) = 0;
  /// Stops what the scope names: when this returns nothing goes any more, on any loop. Deadlines
  /// stand still meanwhile. Stays over restarts; an error says that it may not. Halting twice is
  /// the first halt. Recorded.
  virtual core::Task<core::Result<Halt>> halt(const identity::Principal& person,
                                              HaltScope scope,
                                              std::string reason) = 0;
  /// Lets it go on; requests get the time of the halt back. How many of them there are. Recorded.
  virtual core::Task<core::Result<std::size_t>> resume(const identity::Principal& person,
                                                       HaltScope scope) = 0;

  /// Expires what is due now. The service's own timer calls it; tests with their own clock do.
  virtual core::Task<void> expire_due() = 0;

  virtual core::Task<core::Result<Request>> find(core::AccountId account, core::ApprovalId id) = 0;
  virtual core::Task<core::Result<std::vector<Request>>> list(core::AccountId account,
                                                              ListFilter filter) = 0;
  virtual std::size_t pending_count() const = 0;  ///< any thread, for /metrics
};

}  // namespace preloop::approvals
