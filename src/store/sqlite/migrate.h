#pragma once
#include "core/clock.h"
#include "store/migration.h"
#include "store/sqlite/connection.h"

#include <span>

namespace preloop::store::sqlite {

/// Brings the database to the newest of `available`, each in a transaction of its own; what is
/// refused leaves it untouched. The caller holds the data dir's lock.
core::Status migrate(Connection& writer, std::span<const Migration> available, core::WallTime now);

}  // namespace preloop::store::sqlite
