#include "store/postgres/migrate.h"

#include "core/log.h"
#include "store/postgres/connector.h"

#include <string>
#include <vector>

namespace preloop::store::postgres {
namespace {

using core::Task;
using Kind = Command::Kind;

constexpr auto k_patience = std::chrono::minutes(10);

// Any number that nobody else locks in the same database.
constexpr const char* k_lock = "SELECT pg_advisory_lock(5790128362250718)";
constexpr const char* k_unlock = "SELECT pg_advisory_unlock(5790128362250718)";
constexpr const char* k_is_new = "SELECT to_regclass('schema_migration') IS NULL";
constexpr const char* k_applied = "SELECT number, name, checksum FROM schema_migration ORDER BY 1";
constexpr const char* k_record =
    "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";

Task<core::Result<std::vector<AppliedMigration>>> read_applied(Connection& connection) {
  std::vector<AppliedMigration> out;
  PRELOOP_CO_TRY(const Answer is_new,
                 co_await connection.run_one({k_is_new, {}}, within(k_patience)));
  if (is_new.rows.front().front() == value(true)) {
    co_return out;
  }
  PRELOOP_CO_TRY(const Answer applied,
                 co_await connection.run_one({k_applied, {}}, within(k_patience)));
  for (const Row& row : applied.rows) {
    RowReader reader(row);
    AppliedMigration read{reader.integer(), reader.text(), reader.text()};
    PRELOOP_CO_CHECK(reader.status());
    out.push_back(std::move(read));
  }
  co_return out;
}

Task<core::Status> apply(Connection& connection, const Migration& migration, core::WallTime now) {
  PRELOOP_CO_CHECK(co_await connection.run_script("BEGIN;\n" + migration.sql, within(k_patience)));
  const std::vector<Value> row = {
      value(migration.number), value(migration.name), value(migration.checksum), value(now)};
  PRELOOP_CO_CHECK(co_await connection.run_one({k_record, row}, within(k_patience)));
  PRELOOP_CO_CHECK(co_await connection.run_one({"COMMIT", {}, Kind::direct}, within(k_patience)));
  core::log::info("schema migrated", {{"number", migration.number}, {"name", migration.name}});
  co_return core::Status();
}

Task<core::Status> migrate_locked(Connection& connection,
                                  std::span<const Migration> migrations,
                                  core::WallTime now) {
  PRELOOP_CO_TRY(const std::vector<AppliedMigration> applied, co_await read_applied(connection));
  PRELOOP_CO_TRY(const std::vector<Migration> missing, plan_migrations(applied, migrations));
  for (const Migration& migration : missing) {
    if (auto done = co_await apply(connection, migration, now); !done) {
      if (connection.is_usable() && connection.is_in_transaction()) {
        PRELOOP_CO_CHECK(
            co_await connection.run_one({"ROLLBACK", {}, Kind::direct}, within(k_patience)));
      }
      core::Error error = std::move(done).error();
      error.message = "migration " + migration.name + ": " + error.message;
      co_return std::unexpected(std::move(error));
    }
  }
  co_return core::Status();
}

}  // namespace

Task<core::Status> migrate(Connection& connection,
                           std::span<const Migration> migrations,
                           core::WallTime now) {
  PRELOOP_CO_CHECK(co_await connection.run_one({k_lock, {}}, within(k_patience)));
  core::Status done = co_await migrate_locked(connection, migrations, now);
  // When this fails the session is gone, and the lock with it.
  static_cast<void>(co_await connection.run_one({k_unlock, {}}, within(k_patience)));
  co_return done;
}

}  // namespace preloop::store::postgres
