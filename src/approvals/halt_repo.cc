#include "approvals/halt_repo.h"

namespace preloop::approvals {

using store::statement;

store::Statement HaltRepo::insert(const Halt& halt) {
  return statement(
      "INSERT INTO halt (account, scope, reason, person, person_name, since) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      halt.account,
      to_string(halt.scope),
      halt.reason,
      halt.person,
      halt.person_name,
      halt.since);
}

store::Statement HaltRepo::remove(const Halt& halt) {
  return statement(
      "DELETE FROM halt WHERE account = $1 AND scope = $2", halt.account, to_string(halt.scope));
}

store::Statement HaltRepo::give_time_back(const Halt& halt, core::WallTime now) {
  // The same arithmetic as `thaw` (service_halt.cc), in one statement for all of them.
  return statement(
      "UPDATE approval_request SET "
      "expires_at = expires_at + $1 - CASE WHEN created_at > $2 THEN created_at ELSE $2 END, "
      "given_back = given_back + $1 - CASE WHEN created_at > $2 THEN created_at ELSE $2 END, "
      "valid_until = valid_until + $1 - CASE WHEN decided_at > $2 THEN decided_at ELSE $2 END "
      "WHERE account = $3 AND state IN ('pending', 'approved')",
      now,
      halt.since,
      halt.account);
}

core::Task<core::Result<std::vector<Halt>>> HaltRepo::all() const {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT account, scope, reason, person, person_name, since FROM halt ORDER BY scope")));
  std::vector<Halt> halts;
  for (const store::Row& row : rows) {
    store::RowReader reader(row);
    Halt halt;
    halt.account = reader.id<core::AccountId>();
    const auto scope = parse_halt_scope(reader.text());
    halt.reason = reader.text();
    halt.person = reader.optional_id<core::PersonId>();
    halt.person_name = reader.text();
    halt.since = reader.time();
    PRELOOP_CO_CHECK(reader.status());
    if (!scope) {
      co_return core::fail(core::Code::data_loss, "a halt of a scope that this version lacks");
    }
    halt.scope = *scope;
    halts.push_back(std::move(halt));
  }
  co_return halts;
}

}  // namespace preloop::approvals
