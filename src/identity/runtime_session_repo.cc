#include "identity/runtime_session_repo.h"

namespace preloop::identity {
namespace {

using store::statement;

core::Result<std::vector<RuntimeSession>> read_rows(const store::Rows& rows) {
  std::vector<RuntimeSession> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    store::RowReader read(row);
    RuntimeSession session;
    session.account = read.id<core::AccountId>();
    session.id = read.id<core::RuntimeSessionId>();
    session.agent = read.id<core::AgentId>();
    session.key = read.id<core::KeyId>();
    session.client = read.text();
    session.started_at = read.time();
    session.last_active_at = read.time();
    session.ended_at = read.optional_time();
    session.end_reason = read.text();
    PRELOOP_CHECK(read.status());
    out.push_back(std::move(session));
  }
  return out;
}

/// Above every version 7 id.
core::RuntimeSessionId newest() {
  return core::RuntimeSessionId::from_bytes(std::string(16, '\xff')).value();
}

}  // namespace

core::Task<core::Result<std::vector<RuntimeSession>>> RuntimeSessionRepo::live(
    store::Database& database) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(
          statement("SELECT account, id, agent, key, client, started_at, last_active_at, ended_at, "
                    "end_reason FROM runtime_session WHERE ended_at IS NULL")));
  co_return read_rows(rows);
}

core::Task<core::Result<std::optional<RuntimeSession>>> RuntimeSessionRepo::find(
    store::Database& database, core::AccountId account, core::RuntimeSessionId id) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(
          statement("SELECT account, id, agent, key, client, started_at, last_active_at, ended_at, "
                    "end_reason FROM runtime_session WHERE account = $1 AND id = $2",
                    account,
                    id)));
  PRELOOP_CO_TRY(std::vector<RuntimeSession> read, read_rows(rows));
  co_return read.empty() ? std::nullopt : std::optional(std::move(read.front()));
}

core::Task<core::Result<std::vector<RuntimeSession>>> RuntimeSessionRepo::page(
    store::Database& database,
    core::AccountId account,
    std::optional<core::AgentId> agent,
    std::optional<core::RuntimeSessionId> before,
    std::size_t limit) {
  if (agent) {
    PRELOOP_CO_TRY(
        const store::Rows rows,
        co_await database.query(statement(
            "SELECT account, id, agent, key, client, started_at, last_active_at, ended_at, "
            "end_reason FROM runtime_session WHERE account = $1 AND agent = $2 AND id < $3 "
            "ORDER BY id DESC LIMIT $4",
            account,
            *agent,
            before.value_or(newest()),
            limit)));
    co_return read_rows(rows);
  }
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database.query(
          statement("SELECT account, id, agent, key, client, started_at, last_active_at, ended_at, "
                    "end_reason FROM runtime_session WHERE account = $1 AND id < $2 "
                    "ORDER BY id DESC LIMIT $3",
                    account,
                    before.value_or(newest()),
                    limit)));
  co_return read_rows(rows);
}

store::Statement RuntimeSessionRepo::insert(const RuntimeSession& session) {
  return statement(
      "INSERT INTO runtime_session (account, id, agent, key, client, started_at, last_active_at, "
      "end_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      session.account,
      session.id,
      session.agent,
      session.key,
      session.client,
      session.started_at,
      session.last_active_at,
      session.end_reason);
}

store::Statement RuntimeSessionRepo::active(const RuntimeSession& session) {
  return statement(
      "UPDATE runtime_session SET last_active_at = $1, client = $2 "
      "WHERE account = $3 AND id = $4 AND ended_at IS NULL",
      session.last_active_at,
      session.client,
      session.account,
      session.id);
}

store::Statement RuntimeSessionRepo::end(const RuntimeSession& session, std::string_view reason) {
  return statement(
      "UPDATE runtime_session SET ended_at = $1, last_active_at = $2, end_reason = $3 "
      "WHERE account = $4 AND id = $5 AND ended_at IS NULL",
      session.ended_at,
      session.last_active_at,
      reason,
      session.account,
      session.id);
}

store::Statement RuntimeSessionRepo::end_of_key(core::AccountId account,
                                                core::KeyId key,
                                                core::WallTime now,
                                                std::string_view reason) {
  return statement(
      "UPDATE runtime_session SET ended_at = $1, end_reason = $2 "
      "WHERE account = $3 AND key = $4 AND ended_at IS NULL",
      now,
      reason,
      account,
      key);
}

store::Statement RuntimeSessionRepo::end_of_agent(core::AccountId account,
                                                  core::AgentId agent,
                                                  core::WallTime now,
                                                  std::string_view reason) {
  return statement(
      "UPDATE runtime_session SET ended_at = $1, end_reason = $2 "
      "WHERE account = $3 AND agent = $4 AND ended_at IS NULL",
      now,
      reason,
      account,
      agent);
}

}  // namespace preloop::identity
