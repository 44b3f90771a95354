#include "firewall/recovery.h"

#include "firewall/call_record.h"
#include "firewall/in_flight_repo.h"

namespace preloop::firewall {

core::Task<core::Result<std::size_t>> mark_lost_calls(store::Database& database, std::string why) {
  PRELOOP_CO_TRY(const std::vector<InFlight> lost, co_await all_in_flight(database));
  if (lost.empty()) {
    co_return std::size_t{0};
  }
  store::Unit unit;
  for (const InFlight& call : lost) {
    CallIdentity identity;
    identity.call = call;
    unit.add(delete_in_flight(call.account, call.id));
    unit.drafts.push_back(completed_draft(identity, Outcome::unknown, why));
  }
  PRELOOP_CO_CHECK(co_await database.commit(std::move(unit), store::Durability::strict));
  co_return lost.size();
}

}  // namespace preloop::firewall
