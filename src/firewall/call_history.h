#pragma once
#include "audit/audit_repo.h"
#include "core/task.h"
#include "firewall/call_ledger.h"

#include <vector>

namespace preloop::firewall {

/// The calls of the record since `since` that were let go and did not provably stay: decided
/// `allow`, or dispatched after an approval, each once. `held` is false. Read page by page; a
/// month of a busy server takes seconds.
core::Task<core::Result<std::vector<CountedCall>>> calls_let_go(audit::AuditRepo& record,
                                                                core::AccountId account,
                                                                core::WallTime since,
                                                                core::WallTime until);

}  // namespace preloop::firewall
