#include "firewall/in_flight_repo.h"

namespace preloop::firewall {

using store::statement;

store::Statement insert_in_flight(const InFlight& call) {
  return statement(
      "INSERT INTO call_in_flight (account, id, agent, key, session, server, tool, approval) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      call.account,
      call.id,
      call.agent,
      call.key,
      call.session,
      call.server,
      call.tool,
      call.approval);
}

store::Statement delete_all_in_flight() {
  return statement("DELETE FROM call_in_flight");
}

store::Statement set_checkpoint_position(audit::Position position) {
  return statement("UPDATE call_checkpoint SET position = $1", position);
}

core::Task<core::Result<std::vector<InFlight>>> all_in_flight(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT account, id, agent, key, session, server, tool, approval FROM "
                     "call_in_flight ORDER BY account, id")));
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
    PRELOOP_CO_CHECK(reader.status());
    calls.push_back(std::move(call));
  }
  co_return calls;
}

core::Task<core::Result<audit::Position>> checkpoint_position(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement("SELECT position FROM call_checkpoint")));
  if (rows.size() != 1) {
    co_return core::fail(core::Code::data_loss, "call_checkpoint does not have its one row");
  }
  store::RowReader reader(rows.front());
  const audit::Position position = reader.integer();
  PRELOOP_CO_CHECK(reader.status());
  co_return position;
}

core::Task<core::Result<std::vector<core::AccountId>>> accounts(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement("SELECT id FROM account ORDER BY id")));
  std::vector<core::AccountId> out;
  for (const store::Row& row : rows) {
    store::RowReader reader(row);
    out.push_back(reader.id<core::AccountId>());
    PRELOOP_CO_CHECK(reader.status());
  }
  co_return out;
}

core::Task<core::Result<std::vector<CallRecord>>> call_records(store::Database& database,
                                                               core::AccountId account,
                                                               audit::Position after,
                                                               std::size_t limit) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT position, record FROM audit_record WHERE account = $1 AND position > $2 AND kind "
          "IN ('call.decided', 'call.dispatched', 'call.completed', 'call.cancelled', "
          "'call.unknown') ORDER BY position LIMIT $3",
          account,
          after,
          limit)));
  std::vector<CallRecord> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    store::RowReader reader(row);
    CallRecord record;
    record.position = reader.integer();
    record.record = reader.text();
    PRELOOP_CO_CHECK(reader.status());
    out.push_back(std::move(record));
  }
  co_return out;
}

}  // namespace preloop::firewall
