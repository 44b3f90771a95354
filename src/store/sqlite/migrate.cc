#include "store/sqlite/migrate.h"

#include "core/log.h"

#include <fmt/format.h>

namespace preloop::store::sqlite {
namespace {

core::Result<std::vector<AppliedMigration>> applied_migrations(Connection& connection) {
  std::vector<AppliedMigration> out;
  PRELOOP_TRY(
      const Rows found,
      connection.query(statement("SELECT name FROM sqlite_master WHERE type = 'table' AND name = "
                                 "'schema_migration'")));
  if (found.empty()) {
    PRELOOP_TRY(const Rows foreign,
                connection.query(statement("SELECT name FROM sqlite_master LIMIT 1")));
    if (!foreign.empty()) {
      return core::fail(core::Code::failed_precondition,
                        "the database file is not one of preloop: use another --data-dir");
    }
    return out;
  }
  PRELOOP_TRY(const Rows rows,
              connection.query(statement(
                  "SELECT number, name, checksum FROM schema_migration ORDER BY number")));
  for (const Row& row : rows) {
    RowReader read(row);
    AppliedMigration& next = out.emplace_back();
    next.number = read.integer();
    next.name = read.text();
    next.checksum = read.text();
    PRELOOP_CHECK(read.status());
  }
  return out;
}

core::Status apply(Connection& writer, const Migration& migration, core::WallTime now) {
  PRELOOP_CHECK(writer.script("BEGIN IMMEDIATE"));
  PRELOOP_CHECK(writer.script(migration.sql));
  PRELOOP_CHECK(writer.execute(
      statement("INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, $2, "
                "$3, $4)",
                migration.number,
                migration.name,
                migration.checksum,
                now)));
  return writer.script("COMMIT");
}

}  // namespace

core::Status migrate(Connection& writer, std::span<const Migration> available, core::WallTime now) {
  PRELOOP_TRY(const auto applied, applied_migrations(writer));
  PRELOOP_TRY(const auto wanted, plan_migrations(applied, available));
  for (const Migration& next : wanted) {
    if (auto done = apply(writer, next, now); !done) {
      if (writer.in_transaction()) {
        PRELOOP_CHECK(writer.script("ROLLBACK"));
      }
      done.error().message =
          fmt::format("migration {:04}_{}: {}", next.number, next.name, done.error().message);
      return done;
    }
  }
  if (!wanted.empty()) {
    core::log::debug("schema migrated", {{"number", wanted.back().number}});
  }
  return {};
}

}  // namespace preloop::store::sqlite
