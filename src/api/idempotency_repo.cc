#include "api/idempotency_repo.h"

#include <algorithm>

namespace preloop::api {

using store::statement;

core::Task<core::Result<std::optional<KeptAnswer>>> IdempotencyRepo::find(std::string principal,
                                                                          std::string key) const {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement("SELECT route, body_hash, status, body FROM idempotency "
                                         "WHERE account = $1 AND principal = $2 AND key = $3",
                                         account_,
                                         principal,
                                         key)));
  if (rows.empty()) {
    co_return std::optional<KeptAnswer>();
  }
  store::RowReader reader(rows.front());
  KeptAnswer answer;
  answer.route = reader.text();
  const std::string hash = reader.blob();
  if (const auto status = reader.optional_integer()) {
    answer.status = static_cast<int>(*status);
  }
  answer.body = reader.optional_text().value_or("");
  PRELOOP_CO_CHECK(reader.status());
  if (hash.size() != answer.body_hash.size()) {
    co_return core::fail(core::Code::data_loss, "a kept answer cannot be read");
  }
  std::ranges::copy(hash, answer.body_hash.begin());
  co_return std::optional(std::move(answer));
}

store::Statement IdempotencyRepo::begin(const std::string& principal,
                                        const std::string& key,
                                        const KeptAnswer& answer,
                                        core::WallTime now) const {
  return statement(
      "INSERT INTO idempotency (account, principal, key, route, body_hash, created_at) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, principal, key) DO NOTHING",
      account_,
      principal,
      key,
      answer.route,
      store::Blob{std::string(core::as_bytes(answer.body_hash))},
      now);
}

store::Statement IdempotencyRepo::finish(const std::string& principal,
                                         const std::string& key,
                                         int status,
                                         const std::string& body) const {
  return statement(
      "UPDATE idempotency SET status = $1, body = $2 "
      "WHERE account = $3 AND principal = $4 AND key = $5",
      status,
      body,
      account_,
      principal,
      key);
}

store::Statement IdempotencyRepo::forget(const std::string& principal,
                                         const std::string& key) const {
  return statement("DELETE FROM idempotency WHERE account = $1 AND principal = $2 AND key = $3",
                   account_,
                   principal,
                   key);
}

store::Statement IdempotencyRepo::forget_before(core::WallTime limit) const {
  return statement(
      "DELETE FROM idempotency WHERE account = $1 AND created_at < $2", account_, limit);
}

}  // namespace preloop::api
