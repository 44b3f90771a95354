#include "secrets/master_key_repo.h"

namespace preloop::secrets {

using store::Blob;
using store::statement;

core::Task<core::Result<std::vector<MasterKeyRow>>> MasterKeyRepo::all(store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement(
                     "SELECT version, check_value, sealed FROM master_key ORDER BY version")));
  std::vector<MasterKeyRow> out;
  for (const store::Row& row : rows) {
    store::RowReader read(row);
    MasterKeyRow key;
    key.version = static_cast<std::uint32_t>(read.integer());
    key.check_value = read.text();
    key.sealed = read.optional_blob();
    PRELOOP_CO_CHECK(read.status());
    out.push_back(std::move(key));
  }
  co_return out;
}

store::Statement MasterKeyRepo::insert(std::uint32_t version,
                                       const std::string& check_value,
                                       core::WallTime now) {
  return statement("INSERT INTO master_key (version, check_value, created_at) VALUES ($1, $2, $3)",
                   version,
                   check_value,
                   now);
}

store::Statement MasterKeyRepo::retire(std::uint32_t version, std::string sealed) {
  return statement("UPDATE master_key SET sealed = $1 WHERE version = $2 AND sealed IS NULL",
                   Blob{std::move(sealed)},
                   version);
}

store::Statement MasterKeyRepo::reseal(std::uint32_t version, std::string sealed) {
  return statement(
      "UPDATE master_key SET sealed = $1 WHERE version = $2", Blob{std::move(sealed)}, version);
}

}  // namespace preloop::secrets
