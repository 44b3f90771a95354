#pragma once
#include "audit/audit_repo.h"
#include "core/id.h"
#include "core/task.h"

#include <functional>
#include <string>
#include <vector>

namespace preloop::firewall {

/// A call as the record has it: what policy said then, and what became of its arguments.
struct RecordedCall {
  core::CallId id;
  core::AgentId agent;
  core::KeyId key;
  core::RuntimeSessionId session;
  std::string agent_name;  ///< as it was then
  std::string server, tool;
  std::string action;  ///< allow, require_approval, deny
  core::WallTime at;
  /// JSON, the very bytes; empty when they were erased, too large, or kept with something masked.
  std::string arguments;
};

/// Every decision recorded in [since, until], oldest first, page by page; `take` runs on the
/// caller's loop and may be a task. A page is at most 1,000 calls.
using TakeCalls = std::function<core::Task<core::Status>(std::vector<RecordedCall>)>;
core::Task<core::Status> read_recorded_calls(audit::AuditRepo& record,
                                             core::AccountId account,
                                             core::WallTime since,
                                             core::WallTime until,
                                             TakeCalls take);

}  // namespace preloop::firewall
