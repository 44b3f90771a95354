#pragma once
#include "core/result.h"
#include "core/task.h"
#include "identity/types.h"
#include "store/database.h"

#include <cstdint>
#include <vector>

namespace preloop::identity {

/// SQL of the table `agent`.
class AgentRepo {
 public:
  /// Without removed ones.
  static core::Task<core::Result<std::vector<Agent>>> all(store::Database& database);
  static store::Statement insert(const Agent& agent);
  /// One row when its revision is still `before`.
  static store::Statement update(const Agent& agent, std::int64_t before);
  static store::Statement remove(core::AccountId account, core::AgentId id, core::WallTime now);
};

}  // namespace preloop::identity
