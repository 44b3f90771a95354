#include "policy/policy_repo.h"

#include <algorithm>
#include <limits>

namespace preloop::policy {
namespace {

using store::statement;

core::Result<Version> read_version(const store::Row& row) {
  store::RowReader reader(row);
  Version version;
  version.number = reader.integer();
  version.document = reader.text();
  const std::string hash = reader.blob();
  version.actor = reader.text();
  version.comment = reader.text();
  version.created_at = reader.time();
  PRELOOP_CHECK(reader.status());
  if (hash.size() != version.hash.size()) {
    return core::fail(core::Code::data_loss, "a policy version's hash has the wrong size");
  }
  std::ranges::copy(hash, version.hash.begin());
  return version;
}

core::Result<std::optional<Version>> read_one(core::Result<store::Rows> rows) {
  PRELOOP_TRY(const store::Rows found, std::move(rows));
  if (found.empty()) {
    return std::optional<Version>();
  }
  PRELOOP_TRY(Version version, read_version(found.front()));
  return std::optional(std::move(version));
}

}  // namespace

core::Task<core::Result<std::optional<Version>>> PolicyRepo::newest() const {
  co_return read_one(co_await database_.query(
      statement("SELECT number, document, hash, actor, comment, created_at FROM policy_version "
                "WHERE account = $1 ORDER BY number DESC LIMIT 1",
                account_)));
}

core::Task<core::Result<std::optional<Version>>> PolicyRepo::find(std::int64_t number) const {
  co_return read_one(co_await database_.query(
      statement("SELECT number, document, hash, actor, comment, created_at FROM policy_version "
                "WHERE account = $1 AND number = $2",
                account_,
                number)));
}

core::Task<core::Result<std::vector<Version>>> PolicyRepo::page(std::optional<std::int64_t> before,
                                                                std::size_t limit) const {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(statement(
                     "SELECT number, '', hash, actor, comment, created_at FROM policy_version "
                     "WHERE account = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
                     account_,
                     before.value_or(std::numeric_limits<std::int64_t>::max()),
                     limit)));
  std::vector<Version> versions;
  for (const store::Row& row : rows) {
    PRELOOP_CO_TRY(Version version, read_version(row));
    versions.push_back(std::move(version));
  }
  co_return versions;
}

store::Statement PolicyRepo::insert(const Version& version) const {
  return statement(
      "INSERT INTO policy_version (account, number, document, hash, actor, comment, created_at) "
      "SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $8 = "
      "(SELECT COALESCE(MAX(number), 0) FROM policy_version WHERE account = $9)",
      account_,
      version.number,
      version.document,
      store::Blob{std::string(core::as_bytes(version.hash))},
      version.actor,
      version.comment,
      version.created_at,
      version.number - 1,
      account_);
}

}  // namespace preloop::policy
