#include "identity/cli_login_repo.h"

namespace preloop::identity {
namespace {

using store::Blob;
using store::statement;

Blob blob_of(const core::Digest& digest) {
  return Blob{std::string(core::as_bytes(digest))};
}

core::Result<std::optional<CliLoginRow>> read_first(const store::Rows& rows) {
  if (rows.empty()) {
    return std::nullopt;
  }
  store::RowReader read(rows.front());
  CliLoginRow row;
  row.account = read.id<core::AccountId>();
  const std::string hash = read.blob();
  row.code = read.text();
  const auto scopes = ScopeSet::parse(read.text());
  row.parent = read.optional_id<core::KeyId>();
  row.client = read.text();
  row.address = read.text();
  row.created_at = read.time();
  row.expires_at = read.time();
  row.person = read.optional_id<core::PersonId>();
  const auto decision = read.optional_text();
  row.consumed_at = read.optional_time();
  PRELOOP_CHECK(read.status());
  if (!scopes || hash.size() != row.device_hash.size()) {
    return core::fail(core::Code::data_loss, "a terminal login's row is damaged");
  }
  std::copy(hash.begin(), hash.end(), row.device_hash.begin());
  row.scopes = *scopes;
  if (decision) {
    row.decision = *decision == "confirmed" ? LoginDecision::confirmed : LoginDecision::denied;
  }
  return std::optional(std::move(row));
}

}  // namespace

core::Task<core::Result<std::optional<CliLoginRow>>> CliLoginRepo::find_device(
    store::Database& database, core::Digest device_hash) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT account, device_hash, code, scopes, parent, client, address, created_at, "
          "expires_at, person, decision, consumed_at FROM cli_login WHERE device_hash = $1",
          blob_of(device_hash))));
  co_return read_first(rows);
}

core::Task<core::Result<std::optional<CliLoginRow>>> CliLoginRepo::find_code(
    store::Database& database, core::AccountId account, std::string code, core::WallTime now) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT account, device_hash, code, scopes, parent, client, address, created_at, "
          "expires_at, person, decision, consumed_at FROM cli_login "
          "WHERE account = $1 AND code = $2 AND decision IS NULL AND expires_at > $3",
          account,
          code,
          now)));
  co_return read_first(rows);
}

store::Statement CliLoginRepo::insert(const CliLoginRow& row, std::int64_t most) {
  return statement(
      store::Sql(
          "INSERT INTO cli_login (account, device_hash, code, scopes, parent, client, address, "
          "created_at, expires_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 "
          "WHERE (SELECT count(*) FROM cli_login WHERE account = $1 AND expires_at > $8) < $10",
          "INSERT INTO cli_login (account, device_hash, code, scopes, parent, client, address, "
          "created_at, expires_at) SELECT $1::uuid, $2::bytea, $3::text, $4::text, $5::uuid, "
          "$6::text, $7::text, $8::bigint, $9::bigint WHERE (SELECT count(*) FROM cli_login "
          "WHERE account = $1::uuid AND expires_at > $8::bigint) < $10::bigint"),
      row.account,
      blob_of(row.device_hash),
      row.code,
      row.scopes.to_string(),
      row.parent,
      row.client,
      row.address,
      row.created_at,
      row.expires_at,
      most);
}

store::Statement CliLoginRepo::decide(const CliLoginRow& row,
                                      core::PersonId person,
                                      LoginDecision decision,
                                      core::WallTime now) {
  return statement(
      "UPDATE cli_login SET person = $1, decision = $2 "
      "WHERE account = $3 AND device_hash = $4 AND decision IS NULL AND expires_at > $5",
      person,
      decision == LoginDecision::confirmed ? "confirmed" : "denied",
      row.account,
      blob_of(row.device_hash),
      now);
}

store::Statement CliLoginRepo::consume(const CliLoginRow& row, core::WallTime now) {
  return statement(
      "UPDATE cli_login SET consumed_at = $1 WHERE account = $2 AND device_hash = $3 "
      "AND decision = 'confirmed' AND consumed_at IS NULL AND expires_at > $4",
      now,
      row.account,
      blob_of(row.device_hash),
      now);
}

store::Statement CliLoginRepo::purge(core::WallTime limit) {
  return statement("DELETE FROM cli_login WHERE expires_at < $1", limit);
}

}  // namespace preloop::identity
