#include "identity/key_repo.h"

#include <cstring>

namespace preloop::identity {
namespace {

using store::statement;

core::Result<std::vector<KeyInfo>> read_rows(const store::Rows& rows) {
  std::vector<KeyInfo> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    store::RowReader read(row);
    KeyInfo key;
    key.account = read.id<core::AccountId>();
    key.id = read.id<core::KeyId>();
    const auto key_class = key_class_from(read.text());
    key.name = read.text();
    const std::string hash = read.blob();
    key.agent = read.optional_id<core::AgentId>();
    key.person = read.optional_id<core::PersonId>();
    const auto scopes = ScopeSet::parse(read.text());
    key.made_by_admin = read.boolean();
    key.parent = read.optional_id<core::KeyId>();
    key.created_at = read.time();
    key.expires_at = read.optional_time();
    key.revoked_at = read.optional_time();
    key.last_used_at = read.optional_time();
    PRELOOP_CHECK(read.status());
    if (!key_class || !scopes || hash.size() != key.hash.size()) {
      return core::fail(core::Code::data_loss, "a key's row has an unknown class, scope or hash");
    }
    key.key_class = *key_class;
    key.scopes = *scopes;
    std::memcpy(key.hash.data(), hash.data(), hash.size());
    out.push_back(std::move(key));
  }
  return out;
}

}  // namespace

core::Task<core::Result<std::vector<KeyInfo>>> KeyRepo::usable(store::Database& database,
                                                               core::WallTime now) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT account, id, class, name, hash, agent, person, scopes, made_by_admin, parent, "
          "created_at, expires_at, revoked_at, last_used_at FROM api_key "
          "WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) "
          "ORDER BY account, id",
          now)));
  co_return read_rows(rows);
}

core::Task<core::Result<std::vector<KeyInfo>>> KeyRepo::page(store::Database& database,
                                                             core::AccountId account,
                                                             std::optional<core::KeyId> before,
                                                             std::size_t limit) {
  const auto newest =
      core::KeyId::from_bytes(std::string(16, '\xff')).value();  // above every version 7 id
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT account, id, class, name, hash, agent, person, scopes, made_by_admin, parent, "
          "created_at, expires_at, revoked_at, last_used_at FROM api_key "
          "WHERE account = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
          account,
          before.value_or(newest),
          limit)));
  co_return read_rows(rows);
}

store::Statement KeyRepo::insert(const KeyInfo& key) {
  return statement(
      "INSERT INTO api_key (account, id, class, name, hash, agent, person, scopes, made_by_admin, "
      "parent, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      key.account,
      key.id,
      to_string(key.key_class),
      key.name,
      store::Blob{std::string(core::as_bytes(key.hash))},
      key.agent,
      key.person,
      key.scopes.to_string(),
      key.made_by_admin,
      key.parent,
      key.created_at,
      key.expires_at);
}

store::Statement KeyRepo::revoke(core::AccountId account, core::KeyId id, core::WallTime now) {
  return statement(
      "UPDATE api_key SET revoked_at = $1 WHERE account = $2 AND id = $3 AND revoked_at IS NULL",
      now,
      account,
      id);
}

store::Statement KeyRepo::revoke_children(core::AccountId account,
                                          core::KeyId parent,
                                          core::WallTime now) {
  return statement(
      "UPDATE api_key SET revoked_at = $1 WHERE account = $2 AND parent = $3 "
      "AND revoked_at IS NULL",
      now,
      account,
      parent);
}

store::Statement KeyRepo::revoke_of_agent(core::AccountId account,
                                          core::AgentId agent,
                                          core::WallTime now) {
  return statement(
      "UPDATE api_key SET revoked_at = $1 WHERE account = $2 AND agent = $3 "
      "AND revoked_at IS NULL",
      now,
      account,
      agent);
}

store::Statement KeyRepo::used(core::AccountId account, core::KeyId id, core::WallTime at) {
  return statement(
      "UPDATE api_key SET last_used_at = $1 WHERE account = $2 AND id = $3", at, account, id);
}

}  // namespace preloop::identity
