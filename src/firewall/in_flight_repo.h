#pragma once
#include "audit/types.h"
#include "audit/write_repo.h"
#include "core/task.h"
#include "firewall/in_flight.h"
#include "store/database.h"

#include <string>
#include <vector>

namespace preloop::firewall {

// SQL of the checkpoint of calls in flight, and of the record behind it.

store::Statement insert_in_flight(const InFlight& call);
/// Of every account.
store::Statement delete_all_in_flight();
store::Statement set_checkpoint_position(audit::Position position);

/// What was in flight at the last checkpoint, of every account.
core::Task<core::Result<std::vector<InFlight>>> all_in_flight(store::Database& database);
/// Records up to this position are accounted for by the rows; those behind it are not.
core::Task<core::Result<audit::Position>> checkpoint_position(store::Database& database);
core::Task<core::Result<std::vector<core::AccountId>>> accounts(store::Database& database);

struct CallRecord {
  audit::Position position = 0;
  std::string record;  ///< JSON, docs/formats/audit-record-v1.md
};
/// Records of decisions, dispatches and outcomes behind `after`, oldest first; at most `limit`.
core::Task<core::Result<std::vector<CallRecord>>> call_records(store::Database& database,
                                                               core::AccountId account,
                                                               audit::Position after,
                                                               std::size_t limit);

}  // namespace preloop::firewall
