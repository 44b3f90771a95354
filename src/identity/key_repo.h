#pragma once
#include "core/result.h"
#include "core/task.h"
#include "identity/types.h"
#include "store/database.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace preloop::identity {

/// SQL of the table `api_key`.
class KeyRepo {
 public:
  /// Neither revoked nor expired, of every account: what authentication needs.
  static core::Task<core::Result<std::vector<KeyInfo>>> usable(store::Database& database,
                                                               core::WallTime now);
  /// All of an account, newest first; older than `before` when given.
  static core::Task<core::Result<std::vector<KeyInfo>>> page(store::Database& database,
                                                             core::AccountId account,
                                                             std::optional<core::KeyId> before,
                                                             std::size_t limit);
  static store::Statement insert(const KeyInfo& key);
  /// One row when it was not revoked yet.
  static store::Statement revoke(core::AccountId account, core::KeyId id, core::WallTime now);
  /// The elevations obtained with it.
  static store::Statement revoke_children(core::AccountId account,
                                          core::KeyId parent,
                                          core::WallTime now);
  static store::Statement revoke_of_agent(core::AccountId account,
                                          core::AgentId agent,
                                          core::WallTime now);
  static store::Statement used(core::AccountId account, core::KeyId id, core::WallTime at);
};

}  // namespace preloop::identity
