#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "store/migration.h"
#include "store/postgres/connection.h"

#include <span>

namespace preloop::store::postgres {

/// Brings the schema up to date, one node at a time (an advisory lock), each migration in one
/// transaction with its row in schema_migration. Errors as plan_migrations; a migration that fails
/// leaves those before it applied.
core::Task<core::Status> migrate(Connection& connection,
                                 std::span<const Migration> migrations,
                                 core::WallTime now);

}  // namespace preloop::store::postgres
