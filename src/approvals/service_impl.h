#pragma once
#include "approvals/approval_repo.h"
#include "approvals/escalation.h"
#include "approvals/quorum.h"
#include "approvals/registry.h"
#include "approvals/request.h"
#include "approvals/service.h"
#include "core/loop_call.h"
#include "core/task_scope.h"
#include "identity/directory.h"

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace preloop::approvals {

/// Inside of ApprovalService: members hop to the owner's loop, where what begins with `do_` runs.
/// service.cc: life, timers, who waits. service_ask.cc: asking and executing. service_decide.cc:
/// people. service_halt.cc: stopping everything. service_move.cc: the one way a request changes.
class ServiceImpl final : public ApprovalService {
 public:
  explicit ServiceImpl(Dependencies dependencies)
      : owner_(dependencies.owner),
        database_(dependencies.database),
        identity_(dependencies.identity),
        clock_(dependencies.clock),
        result_key_(std::move(dependencies.result_key)),
        max_pending_per_agent_(dependencies.max_pending_per_agent),
        repo_(dependencies.database),
        tasks_(dependencies.owner.executor()),
        timer_(dependencies.owner.executor()),
        halting_(dependencies.owner.executor()) {}

  core::Task<core::Status> start() override { return core::on_loop(owner_, do_start()); }
  core::Task<void> stop() override { return core::on_loop(owner_, do_stop()); }
  core::Task<core::Result<Ticket>> admit(Request request, store::Unit more) override {
    return core::on_loop(owner_, do_admit(std::move(request), std::move(more)));
  }
  core::Task<core::Status> begin_execution(core::ApprovalId id, store::Unit more) override {
    return core::on_loop(owner_, do_begin(id, std::move(more)));
  }
  core::Task<core::Status> finish_execution(core::ApprovalId id,
                                            State outcome,
                                            std::string result,
                                            store::Unit more) override {
    return core::on_loop(owner_, do_finish(id, outcome, std::move(result), std::move(more)));
  }
  core::Task<core::Result<Request>> decide(const identity::Principal& person,
                                           core::ApprovalId id,
                                           Decision decision,
                                           std::string comment,
                                           Channel channel) override {
    return core::on_loop(owner_, do_decide(person, id, decision, std::move(comment), channel));
  }
  core::Task<core::Result<Request>> release(const identity::Principal& person,
                                            core::ApprovalId id,
                                            std::string comment) override {
    return core::on_loop(owner_, do_release(person, id, std::move(comment)));
  }
  core::Task<core::Result<Request>> reveal(const identity::Principal& person,
                                           core::ApprovalId id) override {
    return do_reveal(person, id);
  }
  core::Task<core::Status> supersede(core::ApprovalId id, std::string reason) override {
    return core::on_loop(owner_,
                         do_end([id](const Request& request) { return request.id == id; },
                                State::superseded,
                                std::move(reason)));
  }
  core::Task<core::Status> cancel(core::ApprovalId id, std::string reason) override {
    return cancel_where([id](const Request& request) { return request.id == id; },
                        std::move(reason));
  }
  core::Task<core::Status> cancel_of_key(core::KeyId key, std::string reason) override {
    return cancel_where([key](const Request& request) { return request.key == key; },
                        std::move(reason));
  }
  core::Task<core::Status> cancel_of_agent(core::AgentId agent, std::string reason) override {
    return cancel_where([agent](const Request& request) { return request.agent == agent; },
                        std::move(reason));
  }
  core::Task<core::Status> cancel_of_server(core::ServerId server, std::string reason) override {
    return cancel_where([server](const Request& request) { return request.server == server; },
                        std::move(reason));
  }
  core::Task<core::Status> cancel_all(std::string reason) override {
    return cancel_where([](const Request&) { return true; }, std::move(reason));
  }
  const HaltSwitches& switches() const override { return switches_; }
  core::Task<core::Result<std::vector<Halt>>> halts(core::AccountId account) override {
    return core::on_loop(owner_, do_halts(account));
  }
  core::Task<core::Result<Halt>> halt(const identity::Principal& person,
                                      HaltScope scope,
                                      std::string reason) override {
    return core::on_loop(owner_, do_halt(person, scope, std::move(reason)));
  }
  core::Task<core::Result<std::size_t>> resume(const identity::Principal& person,
                                               HaltScope scope) override {
    return core::on_loop(owner_, do_resume(person, scope));
  }
  core::Task<void> expire_due() override { return core::on_loop(owner_, do_expire_due()); }

  core::Task<core::Result<std::optional<std::string>>> kept_result(core::AccountId account,
                                                                   core::ApprovalId id) override;
  core::Task<core::Status> delivered(core::AccountId account, core::ApprovalId id) override;
  core::Task<core::Result<Request>> find(core::AccountId account, core::ApprovalId id) override {
    co_return co_await repo_.find(account, id);
  }
  core::Task<core::Result<std::vector<Request>>> list(core::AccountId account,
                                                      ListFilter filter) override {
    co_return co_await repo_.list(account, filter);
  }
  void set_observer(RequestObserver* observer) override { observer_ = observer; }
  std::size_t pending_count() const override { return pending_.load(std::memory_order_relaxed); }

  core::Task<core::Result<RequestPtr>> wait(core::ApprovalId id,
                                            State state,
                                            const core::CallContext& context) override;

 private:
  // service.cc
  core::Task<core::Status> do_start();
  core::Task<void> do_stop();
  core::Task<void> run_timers();
  core::Task<void> do_expire_due();
  core::Task<core::Status> escalate(Live& live, core::WallTime now);
  core::Task<void> step(LivePtr live, core::WallTime now, std::size_t& failed);

  // service_halt.cc
  core::Task<core::Status> load_halts();
  core::Task<core::Result<std::vector<Halt>>> do_halts(core::AccountId account);
  core::Task<core::Result<Halt>> do_halt(identity::Principal principal,
                                         HaltScope scope,
                                         std::string reason);
  core::Task<core::Result<std::size_t>> do_resume(identity::Principal principal, HaltScope scope);

  // service_ask.cc
  core::Status not_halted() const;
  core::Task<core::Result<Ticket>> do_admit(Request request, store::Unit more);
  /// What an identical call of the past means for this one: a kept result, an unknown outcome, or
  /// nothing.
  core::Task<core::Result<std::optional<Ticket>>> earlier_ticket(const Request& request);
  static Ticket ticket_of(const Request& request, Ticket::How how);
  /// Null when the waiter was listed: thousands may wait, and none needs the request meanwhile.
  core::Task<core::Result<RequestPtr>> enlist(core::ApprovalId id, State state, WaiterPtr waiter);
  core::Task<core::Result<RequestPtr>> leave(core::ApprovalId id, WaiterPtr waiter);
  core::Task<core::Status> do_begin(core::ApprovalId id, store::Unit more);
  core::Task<core::Status> do_finish(core::ApprovalId id,
                                     State outcome,
                                     std::string result,
                                     store::Unit more);

  // service_decide.cc
  core::Task<core::Result<Request>> do_decide(identity::Principal principal,
                                              core::ApprovalId id,
                                              Decision decision,
                                              std::string comment,
                                              Channel channel);
  core::Task<core::Result<Request>> do_release(identity::Principal principal,
                                               core::ApprovalId id,
                                               std::string comment);
  core::Task<core::Result<Request>> do_reveal(identity::Principal principal, core::ApprovalId id);
  /// With its texts. The change stands, so a failing read only leaves them out.
  core::Task<Request> whole(RequestPtr request) const;
  FindVoter voter_finder(const Request& request) const;
  Everybody everybody(const Request& request) const;
  std::string name_of(const identity::Principal& principal) const;

  // service_move.cc
  using Which = std::function<bool(const Request&)>;
  core::Task<core::Status> cancel_where(Which which, std::string reason);
  core::Task<core::Status> do_end(Which which, State state, std::string reason);
  core::Task<core::Result<Request>> find_anywhere(core::ApprovalId id) const;
  /// The one way a request changes: guarded by its own row, with its record and its event,
  /// strictly; then memory, then the waiters. The caller holds the request's turn. `voted` carries
  /// new votes.
  core::Task<core::Status> move(Live& live,
                                State to,
                                std::string reason,
                                store::Unit unit,
                                std::optional<Request> voted = std::nullopt);
  void count_pending();

  core::Loop& owner_;
  store::Database& database_;
  const identity::IdentitySnapshot& identity_;
  const core::Clock& clock_;
  core::Secret result_key_;
  std::size_t max_pending_per_agent_;
  ApprovalRepo repo_;
  core::TaskScope tasks_;
  core::Wakeup timer_;
  LiveRequests live_;
  HaltSwitches switches_;
  std::vector<Halt> halts_;  ///< changed under `halting_`
  core::AsyncMutex halting_;
  RequestObserver* observer_ = nullptr;
  bool stopping_ = false;
  core::WallTime swept_at_;
  std::atomic<std::size_t> pending_ = 0;
};

}  // namespace preloop::approvals
