#include "secrets/secret_repo.h"

namespace preloop::secrets {
namespace {

using store::Blob;
using store::statement;

core::Result<std::vector<SecretRow>> read_rows(const store::Rows& rows) {
  std::vector<SecretRow> out;
  out.reserve(rows.size());
  for (const store::Row& cells : rows) {
    store::RowReader read(cells);
    SecretRow row;
    row.account = read.id<core::AccountId>();
    row.name = read.text();
    row.version = read.integer();
    row.key_version = static_cast<std::uint32_t>(read.integer());
    row.sealed = read.blob();
    row.created_at = read.time();
    row.updated_at = read.time();
    PRELOOP_CHECK(read.status());
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

core::Task<core::Result<std::optional<SecretRow>>> SecretRepo::find(store::Database& database,
                                                                    core::AccountId account,
                                                                    std::string name) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT account, name, version, key_version, sealed, created_at, updated_at "
                     "FROM secret WHERE account = $1 AND name = $2",
                     account,
                     name)));
  PRELOOP_CO_TRY(std::vector<SecretRow> read, read_rows(rows));
  co_return read.empty() ? std::nullopt : std::optional(std::move(read.front()));
}

core::Task<core::Result<std::vector<SecretRow>>> SecretRepo::of_account(store::Database& database,
                                                                        core::AccountId account) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT account, name, version, key_version, sealed, created_at, updated_at "
                     "FROM secret WHERE account = $1 ORDER BY name",
                     account)));
  co_return read_rows(rows);
}

core::Task<core::Result<std::vector<SecretRow>>> SecretRepo::all(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT account, name, version, key_version, sealed, created_at, updated_at "
                     "FROM secret ORDER BY account, name")));
  co_return read_rows(rows);
}

store::Statement SecretRepo::insert(const SecretRow& row) {
  return statement(
      "INSERT INTO secret (account, name, version, key_version, sealed, created_at, updated_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account, name) DO NOTHING",
      row.account,
      row.name,
      row.version,
      row.key_version,
      Blob{row.sealed},
      row.created_at,
      row.updated_at);
}

store::Statement SecretRepo::replace(const SecretRow& row, std::int64_t before) {
  return statement(
      "UPDATE secret SET version = $1, key_version = $2, sealed = $3, updated_at = $4 "
      "WHERE account = $5 AND name = $6 AND version = $7",
      row.version,
      row.key_version,
      Blob{row.sealed},
      row.updated_at,
      row.account,
      row.name,
      before);
}

store::Statement SecretRepo::remove(core::AccountId account, const std::string& name) {
  return statement("DELETE FROM secret WHERE account = $1 AND name = $2", account, name);
}

store::Statement SecretRepo::reseal(const SecretRow& row) {
  return statement(
      "UPDATE secret SET key_version = $1, sealed = $2 "
      "WHERE account = $3 AND name = $4 AND version = $5",
      row.key_version,
      Blob{row.sealed},
      row.account,
      row.name,
      row.version);
}

}  // namespace preloop::secrets
