#include "identity/account_repo.h"

namespace preloop::identity {

using store::statement;

core::Task<core::Result<std::optional<core::AccountId>>> AccountRepo::first(
    store::Database& database) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(statement("SELECT id FROM account ORDER BY id LIMIT 1")));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  store::RowReader read(rows.front());
  const auto id = read.id<core::AccountId>();
  PRELOOP_CO_CHECK(read.status());
  co_return id;
}

store::Statement AccountRepo::insert(core::AccountId id,
                                     const std::string& name,
                                     core::WallTime now) {
  return statement("INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3)", id, name, now);
}

}  // namespace preloop::identity
