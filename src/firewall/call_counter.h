#pragma once
#include "approvals/service.h"
#include "audit/audit_repo.h"
#include "core/async_mutex.h"
#include "core/loop.h"
#include "core/task.h"
#include "firewall/call_ledger.h"
#include "policy/compiled.h"

#include <memory>
#include <string>

namespace preloop::firewall {

/// The ledger with its loop: where decisions of rules that count are made. The first decision under
/// a policy reads from the record and the open requests what the ledger does not know, so a count
/// survives restarts and changes of the rules. Members may be called from any loop and hop.
class CallCounter final : public approvals::RequestObserver {
 public:
  struct Dependencies {
    core::Loop& owner;
    audit::AuditRepo& record;
    approvals::ApprovalService& approvals;
    const core::Clock& clock;
    core::AccountId account;
  };
  explicit CallCounter(const Dependencies& dependencies)
      : owner_(dependencies.owner),
        record_(dependencies.record),
        approvals_(dependencies.approvals),
        clock_(dependencies.clock),
        account_(dependencies.account),
        reading_(dependencies.owner.executor()) {}

  using Policy = core::Snapshot<policy::CompiledPolicy>::Version;
  /// CallLedger::decide. What `facts` point to must live until it returns. An error when the past
  /// cannot be read: nothing may be let through then.
  core::Task<core::Result<policy::Verdict>> decide(Policy policy,
                                                   policy::CallFacts facts,
                                                   CountedCall call);
  /// CallLedger::past_of, for a policy that counts; an error when the past cannot be read.
  core::Task<core::Result<std::shared_ptr<const policy::Usage>>> past_of(Policy policy,
                                                                         core::AgentId agent);
  core::Task<void> release(core::CallId id);
  core::Task<void> waits_with(core::CallId id, core::ApprovalId request);

  /// On the owner's loop, which is that of the approvals.
  void request_ended(const approvals::Request& request) override;

 private:
  core::Task<core::Result<policy::Verdict>> decide_here(Policy policy,
                                                        policy::CallFacts facts,
                                                        CountedCall call);
  core::Task<core::Result<std::shared_ptr<const policy::Usage>>> past_here(Policy policy,
                                                                           core::AgentId agent);
  core::Task<core::Status> catch_up(const Policy& policy);
  core::Task<core::Status> read_requests();

  core::Loop& owner_;
  audit::AuditRepo& record_;
  approvals::ApprovalService& approvals_;
  const core::Clock& clock_;
  core::AccountId account_;

  CallLedger ledger_;
  core::AsyncMutex reading_;
  std::uint64_t generation_ = 0;  ///< of the policy it has caught up with
  std::string counted_;           ///< what that policy counts, as text
  core::WallTime complete_until_;
};

}  // namespace preloop::firewall
