#pragma once
#include "core/result.h"
#include "core/task.h"
#include "identity/types.h"
#include "store/database.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace preloop::identity {

/// SQL of the table `runtime_session`.
class RuntimeSessionRepo {
 public:
  /// Not ended, of every account.
  static core::Task<core::Result<std::vector<RuntimeSession>>> live(store::Database& database);
  static core::Task<core::Result<std::optional<RuntimeSession>>> find(store::Database& database,
                                                                      core::AccountId account,
                                                                      core::RuntimeSessionId id);
  /// Newest first; of one agent when given; older than `before` when given.
  static core::Task<core::Result<std::vector<RuntimeSession>>> page(
      store::Database& database,
      core::AccountId account,
      std::optional<core::AgentId> agent,
      std::optional<core::RuntimeSessionId> before,
      std::size_t limit);
  static store::Statement insert(const RuntimeSession& session);
  static store::Statement active(const RuntimeSession& session);
  /// One row when it had not ended.
  static store::Statement end(const RuntimeSession& session, std::string_view reason);
  static store::Statement end_of_key(core::AccountId account,
                                     core::KeyId key,
                                     core::WallTime now,
                                     std::string_view reason);
  static store::Statement end_of_agent(core::AccountId account,
                                       core::AgentId agent,
                                       core::WallTime now,
                                       std::string_view reason);
};

}  // namespace preloop::identity
