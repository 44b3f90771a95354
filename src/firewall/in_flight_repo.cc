#include "firewall/in_flight_repo.h"

namespace preloop::firewall {

using store::statement;

store::Statement insert_in_flight(const InFlight& call) {
  return statement(
      "INSERT INTO call_in_flight (account, id, agent, key, session, server, tool, approval, "
      "started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      call.account,
      call.id,
      call.agent,
      call.key,
      call.session,
      call.server,
      call.tool,
      call.approval,
      call.started_at);
}

store::Statement delete_in_flight(core::AccountId account, core::CallId id) {
  return statement("DELETE FROM call_in_flight WHERE account = $1 AND id = $2", account, id);
}

core::Task<core::Result<std::vector<InFlight>>> all_in_flight(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT account, id, agent, key, session, server, tool, approval, started_at "
                     "FROM call_in_flight ORDER BY account, id")));
  std::vector<InFlight> calls;
  for (const store::Row& row : rows) {
    store::RowReader reader(row);
    InFlight call;
    call.account = reader.id<core::AccountId>();
    call.id = reader.id<core::CallId>();
    call.agent = reader.id<core::AgentId>();
    call.key = reader.id<core::KeyId>();
    call.session = reader.id<core::RuntimeSessionId>();
    call.server = reader.text();
    call.tool = reader.text();
    call.approval = reader.optional_id<core::ApprovalId>();
    call.started_at = reader.time();
    PRELOOP_CO_CHECK(reader.status());
    calls.push_back(std::move(call));
  }
  co_return calls;
}

}  // namespace preloop::firewall
