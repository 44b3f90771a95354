#pragma once
#include "core/result.h"
#include "core/task.h"
#include "notify/types.h"

#include <string>
#include <vector>

namespace preloop::notify {

/// What messages are about and what comes back through them; implemented by approvals, which stands
/// above. Any loop.
class Subjects {
 public:
  virtual ~Subjects() = default;
  /// The request as it is now. not_found when there is none.
  virtual core::Task<core::Result<Ask>> find(core::AccountId account, core::ApprovalId id) = 0;
  /// Every request that waits for a decision.
  virtual core::Task<core::Result<std::vector<core::ApprovalId>>> open(core::AccountId account) = 0;
  /// That person's vote, by the same path as the console's: eligibility, reason, state are checked
  /// there, as of now. `kind` is recorded as the vote's channel.
  virtual core::Task<core::Status> decide(core::AccountId account,
                                          core::PersonId person,
                                          core::ApprovalId id,
                                          bool approve,
                                          std::string comment,
                                          Kind kind) = 0;
};

}  // namespace preloop::notify
