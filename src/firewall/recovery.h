#pragma once
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <cstddef>
#include <string>

namespace preloop::firewall {

/// Records every call that was in flight when an earlier process ended as `unknown`, in one unit.
/// Which ones those are is read from the last checkpoint and the record behind it (in_flight.h).
/// Before anything new is let through; also after a restore. Returns how many.
core::Task<core::Result<std::size_t>> mark_lost_calls(store::Database& database, std::string why);

}  // namespace preloop::firewall
