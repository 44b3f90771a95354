#include "identity/link_repo.h"

#include <cstring>

namespace preloop::identity {

using store::Blob;
using store::statement;

std::string_view to_string(LinkPurpose purpose) {
  return purpose == LinkPurpose::setup ? "setup" : "reset";
}
std::optional<LinkPurpose> parse_link_purpose(std::string_view text) {
  return text == "setup"   ? std::optional(LinkPurpose::setup)
         : text == "reset" ? std::optional(LinkPurpose::reset)
                           : std::nullopt;
}

core::Task<core::Result<std::optional<OneTimeLink>>> LinkRepo::find(store::Database& database,
                                                                    core::Digest token_hash) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database.query(
                     statement("SELECT account, purpose, person, created_at, expires_at, used_at "
                               "FROM one_time_link WHERE token_hash = $1",
                               Blob{std::string(core::as_bytes(token_hash))})));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  store::RowReader read(rows.front());
  OneTimeLink link;
  link.token_hash = token_hash;
  link.account = read.id<core::AccountId>();
  const auto purpose = parse_link_purpose(read.text());
  link.person = read.optional_id<core::PersonId>();
  link.created_at = read.time();
  link.expires_at = read.time();
  link.used_at = read.optional_time();
  PRELOOP_CO_CHECK(read.status());
  if (!purpose) {
    co_return core::fail(core::Code::data_loss, "a link's row has an unknown purpose");
  }
  link.purpose = *purpose;
  co_return link;
}

store::Statement LinkRepo::insert(const OneTimeLink& link) {
  return statement(
      "INSERT INTO one_time_link (account, token_hash, purpose, person, created_at, expires_at) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      link.account,
      Blob{std::string(core::as_bytes(link.token_hash))},
      to_string(link.purpose),
      link.person,
      link.created_at,
      link.expires_at);
}

store::Statement LinkRepo::use(const OneTimeLink& link, core::WallTime now) {
  return statement(
      "UPDATE one_time_link SET used_at = $1 "
      "WHERE account = $2 AND token_hash = $3 AND used_at IS NULL AND expires_at > $4",
      now,
      link.account,
      Blob{std::string(core::as_bytes(link.token_hash))},
      now);
}

store::Statement LinkRepo::supersede(const OneTimeLink& link) {
  if (!link.person) {
    return statement(
        "DELETE FROM one_time_link WHERE account = $1 AND person IS NULL AND used_at IS NULL",
        link.account);
  }
  return statement(
      "DELETE FROM one_time_link WHERE account = $1 AND person = $2 AND used_at IS NULL",
      link.account,
      *link.person);
}

store::Statement LinkRepo::forget_unused(core::AccountId account) {
  return statement("DELETE FROM one_time_link WHERE account = $1 AND used_at IS NULL", account);
}

store::Statement LinkRepo::purge(core::WallTime limit) {
  return statement("DELETE FROM one_time_link WHERE expires_at < $1", limit);
}

}  // namespace preloop::identity
