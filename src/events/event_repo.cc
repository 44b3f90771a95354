#include "events/event_repo.h"

#include <algorithm>
#include <charconv>

namespace preloop::events {
namespace {

using store::RowReader;
using store::Sql;
using store::statement;

std::int64_t number(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

core::Result<std::int64_t> first_integer(const store::Rows& rows) {
  if (rows.empty()) {
    return 0;
  }
  RowReader read(rows.front());
  const std::int64_t out = read.optional_integer().value_or(0);
  PRELOOP_CHECK(read.status());
  return out;
}

}  // namespace

store::Statement insert_event(core::AccountId account,
                              Kind kind,
                              std::string_view ref,
                              core::WallTime at) {
  // PostgreSQL: a plain sequence would give 100 to a transaction that began later than the one that
  // gets 101; a reader behind 101 would never see 100. With the transaction id in front, the order
  // of numbers is the order in which pg_snapshot_xmin lets rows be read.
  return statement(Sql("INSERT INTO event (account, kind, ref, at) VALUES ($1, $2, $3, $4)",
                       "INSERT INTO event (account, seq, kind, ref, at) VALUES ($1, "
                       "(pg_current_xact_id()::text::bigint << 20) | (nextval('event_seq_seq') & "
                       "1048575), $2, $3, $4)"),
                   account,
                   to_string(kind),
                   ref,
                   at);
}

core::Task<core::Result<std::vector<Event>>> EventRepo::read(core::AccountId account,
                                                             std::int64_t after,
                                                             std::int64_t limit) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          Sql("SELECT seq, kind, ref, at FROM event WHERE account = $1 AND seq > $2 ORDER BY seq "
              "LIMIT $3",
              "SELECT seq, kind, ref, at FROM event WHERE account = $1 AND seq > $2 AND written_by "
              "< pg_snapshot_xmin(pg_current_snapshot()) ORDER BY seq LIMIT $3"),
          account,
          after,
          limit)));
  std::vector<Event> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    RowReader read(row);
    Event event;
    event.seq = read.integer();
    event.kind = read.text();
    event.ref = read.text();
    event.at = read.time();
    PRELOOP_CO_CHECK(read.status());
    out.push_back(std::move(event));
  }
  co_return out;
}

core::Task<core::Result<EventRepo::Bounds>> EventRepo::bounds(core::AccountId account) {
  PRELOOP_CO_TRY(
      const store::Rows floor,
      co_await database_.query(statement(
          "SELECT value FROM setting WHERE account = $1 AND name = 'event_floor'", account)));
  Bounds out;
  if (!floor.empty()) {
    RowReader read(floor.front());
    out.floor = number(read.text());
    PRELOOP_CO_CHECK(read.status());
  }
  PRELOOP_CO_TRY(const store::Rows last,
                 co_await database_.query(statement(
                     Sql("SELECT seq FROM event WHERE account = $1 ORDER BY seq DESC LIMIT 1",
                         "SELECT seq FROM event WHERE account = $1 AND written_by < "
                         "pg_snapshot_xmin(pg_current_snapshot()) ORDER BY seq DESC LIMIT 1"),
                     account)));
  PRELOOP_CO_TRY(out.last, first_integer(last));
  out.last = std::max(out.last, out.floor);
  co_return out;
}

core::Task<core::Result<std::vector<core::AccountId>>> EventRepo::accounts() {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(statement("SELECT id FROM account ORDER BY id")));
  std::vector<core::AccountId> out;
  for (const store::Row& row : rows) {
    RowReader read(row);
    out.push_back(read.id<core::AccountId>());
    PRELOOP_CO_CHECK(read.status());
  }
  co_return out;
}

core::Task<core::Result<std::int64_t>> EventRepo::expired(core::AccountId account,
                                                          core::WallTime before,
                                                          std::int64_t keep,
                                                          std::int64_t batch) {
  PRELOOP_CO_TRY(const store::Rows surplus,
                 co_await database_.query(statement(
                     "SELECT seq FROM event WHERE account = $1 ORDER BY seq DESC LIMIT 1 OFFSET $2",
                     account,
                     keep)));
  PRELOOP_CO_TRY(const std::int64_t too_many, first_integer(surplus));
  // Not beyond the first that is young enough: a prefix goes, whatever a clock did meanwhile.
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT seq, at FROM event WHERE account = $1 ORDER BY seq LIMIT $2", account, batch)));
  std::int64_t out = 0;
  for (const store::Row& row : rows) {
    RowReader read(row);
    const std::int64_t seq = read.integer();
    const core::WallTime at = read.time();
    PRELOOP_CO_CHECK(read.status());
    if (seq > too_many && at >= before) {
      break;
    }
    out = seq;
  }
  co_return out;
}

core::Task<core::Status> EventRepo::remove_until(core::AccountId account, std::int64_t seq) {
  store::Unit unit;
  unit.add(statement("DELETE FROM event WHERE account = $1 AND seq <= $2", account, seq));
  unit.add(
      statement("INSERT INTO setting (account, name, value) VALUES ($1, 'event_floor', $2) ON "
                "CONFLICT (account, name) DO UPDATE SET value = excluded.value",
                account,
                std::to_string(seq)));
  co_return co_await database_.commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::events
