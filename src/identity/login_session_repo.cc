#include "identity/login_session_repo.h"

#include <cstring>

namespace preloop::identity {
namespace {

using store::Blob;
using store::statement;

bool read_digest(const std::string& bytes, core::Digest& out) {
  if (bytes.size() != out.size()) {
    return false;
  }
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return true;
}

core::Result<std::vector<LoginSession>> read_rows(const store::Rows& rows) {
  std::vector<LoginSession> out;
  for (const store::Row& row : rows) {
    store::RowReader read(row);
    LoginSession session;
    session.account = read.id<core::AccountId>();
    session.id = read.id<core::LoginSessionId>();
    session.person = read.id<core::PersonId>();
    const std::string cookie = read.blob();
    const std::string header = read.blob();
    session.client = read.text();
    session.address = read.text();
    session.created_at = read.time();
    session.last_seen_at = read.time();
    session.authenticated_at = read.time();
    session.expires_at = read.time();
    session.ended_at = read.optional_time();
    PRELOOP_CHECK(read.status());
    if (!read_digest(cookie, session.cookie_hash) || !read_digest(header, session.header_hash)) {
      return core::fail(core::Code::data_loss, "a session's row has a damaged hash");
    }
    out.push_back(std::move(session));
  }
  return out;
}

}  // namespace

core::Task<core::Result<std::optional<LoginSession>>> LoginSessionRepo::find(
    store::Database& database, core::LoginSessionId id) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT account, id, person, cookie_hash, header_hash, client, address, created_at, "
          "last_seen_at, authenticated_at, expires_at, ended_at FROM login_session WHERE id = $1",
          id)));
  PRELOOP_CO_TRY(std::vector<LoginSession> read, read_rows(rows));
  co_return read.empty() ? std::nullopt : std::optional(std::move(read.front()));
}

core::Task<core::Result<std::vector<LoginSession>>> LoginSessionRepo::of_person(
    store::Database& database, core::AccountId account, core::PersonId person, core::WallTime now) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(statement(
          "SELECT account, id, person, cookie_hash, header_hash, client, address, created_at, "
          "last_seen_at, authenticated_at, expires_at, ended_at FROM login_session "
          "WHERE account = $1 AND person = $2 AND ended_at IS NULL AND expires_at > $3 "
          "ORDER BY id DESC LIMIT 200",
          account,
          person,
          now)));
  co_return read_rows(rows);
}

store::Statement LoginSessionRepo::insert(const LoginSession& session) {
  return statement(
      "INSERT INTO login_session (account, id, person, cookie_hash, header_hash, client, address, "
      "created_at, last_seen_at, authenticated_at, expires_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      session.account,
      session.id,
      session.person,
      Blob{std::string(core::as_bytes(session.cookie_hash))},
      Blob{std::string(core::as_bytes(session.header_hash))},
      session.client,
      session.address,
      session.created_at,
      session.last_seen_at,
      session.authenticated_at,
      session.expires_at);
}

store::Statement LoginSessionRepo::seen(const LoginSession& session, core::WallTime now) {
  return statement("UPDATE login_session SET last_seen_at = $1 WHERE account = $2 AND id = $3",
                   now,
                   session.account,
                   session.id);
}

store::Statement LoginSessionRepo::authenticated(core::AccountId account,
                                                 core::LoginSessionId id,
                                                 core::WallTime now) {
  return statement(
      "UPDATE login_session SET authenticated_at = $1 "
      "WHERE account = $2 AND id = $3 AND ended_at IS NULL",
      now,
      account,
      id);
}

store::Statement LoginSessionRepo::end(core::AccountId account,
                                       core::LoginSessionId id,
                                       core::WallTime now) {
  return statement(
      "UPDATE login_session SET ended_at = $1 WHERE account = $2 AND id = $3 AND ended_at IS NULL",
      now,
      account,
      id);
}

store::Statement LoginSessionRepo::end_of_person(core::AccountId account,
                                                 core::PersonId person,
                                                 core::WallTime now) {
  return statement(
      "UPDATE login_session SET ended_at = $1 "
      "WHERE account = $2 AND person = $3 AND ended_at IS NULL",
      now,
      account,
      person);
}

store::Statement LoginSessionRepo::end_others(core::AccountId account,
                                              core::PersonId person,
                                              core::LoginSessionId keep,
                                              core::WallTime now) {
  return statement(
      "UPDATE login_session SET ended_at = $1 "
      "WHERE account = $2 AND person = $3 AND id <> $4 AND ended_at IS NULL",
      now,
      account,
      person,
      keep);
}

store::Statement LoginSessionRepo::end_all(core::AccountId account, core::WallTime now) {
  return statement("UPDATE login_session SET ended_at = $1 WHERE account = $2 AND ended_at IS NULL",
                   now,
                   account);
}

store::Statement LoginSessionRepo::purge(core::WallTime limit) {
  return statement("DELETE FROM login_session WHERE expires_at < $1", limit);
}

}  // namespace preloop::identity
