#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <optional>
#include <string>

namespace preloop::identity {

/// SQL of the table `account`.
class AccountRepo {
 public:
  /// The oldest: the one account of an embedded server.
  static core::Task<core::Result<std::optional<core::AccountId>>> first(store::Database& database);
  static store::Statement insert(core::AccountId id, const std::string& name, core::WallTime now);
};

}  // namespace preloop::identity
