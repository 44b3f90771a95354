#include "notify/outbox_repo.h"

#include <charconv>

namespace preloop::notify {
namespace {

using core::Task;
using store::Blob;
using store::RowReader;
using store::statement;

core::Result<std::vector<Message>> read_rows(core::AccountId account, const store::Rows& rows) {
  std::vector<Message> out;
  out.reserve(rows.size());
  for (const store::Row& row : rows) {
    RowReader read(row);
    Message message;
    message.account = account;
    message.id = read.id<MessageId>();
    message.dedupe = read.text();
    message.channel = read.id<ChannelId>();
    const auto kind = parse_kind(read.text());
    const auto event = parse_event(read.text());
    message.request = read.optional_id<core::ApprovalId>();
    message.person = read.optional_id<core::PersonId>();
    message.device = read.optional_id<DeviceId>();
    message.step = static_cast<int>(read.integer());
    const auto state = parse_state(read.text());
    message.wanted = read.integer();
    message.shown = read.integer();
    message.attempts = static_cast<int>(read.integer());
    message.due_at = read.optional_time();
    message.external = read.text();
    message.error = read.text();
    message.created_at = read.time();
    message.sent_at = read.optional_time();
    PRELOOP_CHECK(read.status());
    if (!kind || !event || !state) {
      return core::fail(core::Code::data_loss, "a row of the outbox has a word we do not know");
    }
    message.kind = *kind;
    message.event = *event;
    message.state = *state;
    out.push_back(std::move(message));
  }
  return out;
}

}  // namespace

store::Statement OutboxRepo::insert(const Message& message) {
  return statement(
      "INSERT INTO notification (account, id, dedupe, channel, kind, event, request, person, "
      "device, "
      "step, state, wanted, shown, attempts, due_at, external, error, created_at) VALUES ($1, $2, "
      "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, '', '', $15) ON CONFLICT DO NOTHING",
      message.account,
      message.id,
      message.dedupe,
      message.channel,
      to_string(message.kind),
      to_string(message.event),
      message.request,
      message.person,
      message.device,
      message.step,
      to_string(message.state),
      message.wanted,
      message.shown,
      message.due_at,
      message.created_at);
}

store::Statement OutboxRepo::want(core::AccountId account,
                                  core::ApprovalId request,
                                  std::int64_t revision,
                                  core::WallTime now) {
  // external is set only where a message can be changed once it was sent.
  return statement(
      "UPDATE notification SET wanted = $1, due_at = CASE WHEN state = 'sent' AND external <> '' "
      "THEN "
      "$2 ELSE due_at END, attempts = CASE WHEN state = 'sent' THEN 0 ELSE attempts END WHERE "
      "account = $3 AND request = $4 AND event = 'approval' AND wanted < $1",
      revision,
      now,
      account,
      request);
}

store::Statement OutboxRepo::settle(const Message& message) {
  return statement(
      "UPDATE notification SET state = $1, shown = $2, attempts = $3, due_at = CASE WHEN $1 = "
      "'sent' "
      "AND $5 <> '' AND wanted > $2 THEN CAST($9 AS BIGINT) ELSE CAST($4 AS BIGINT) END, external "
      "= $5, "
      "error = $6, sent_at = $7 "
      "WHERE account = $8 AND id = $10",
      to_string(message.state),
      message.shown,
      message.attempts,
      message.due_at,
      message.external,
      message.error,
      message.sent_at,
      message.account,
      message.sent_at.value_or(message.created_at),
      message.id);
}

store::Statement OutboxRepo::bring_forward(const Message& failed, core::WallTime now) {
  return statement(
      "UPDATE notification SET due_at = $1 WHERE account = $2 AND request = $3 AND person = $4 AND "
      "step > $5 AND state = 'waiting' AND attempts = 0 AND due_at > $1",
      now,
      failed.account,
      failed.request,
      failed.person,
      failed.step);
}

Task<core::Result<std::vector<Message>>> OutboxRepo::due(core::AccountId account,
                                                         core::WallTime now,
                                                         std::int64_t limit) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement("SELECT id, dedupe, channel, kind, event, request, "
                                         "person, device, step, state, wanted, shown, "
                                         "attempts, due_at, external, error, created_at, sent_at "
                                         "FROM notification WHERE account = "
                                         "$1 AND due_at <= $2 ORDER BY due_at LIMIT $3",
                                         account,
                                         now,
                                         limit)));
  co_return read_rows(account, rows);
}

Task<core::Result<std::optional<core::WallTime>>> OutboxRepo::next_due(core::AccountId account) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT MIN(due_at) FROM notification WHERE account = $1 AND due_at IS NOT NULL",
          account)));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  RowReader read(rows.front());
  const auto time = read.optional_time();
  PRELOOP_CO_CHECK(read.status());
  co_return time;
}

Task<core::Result<std::vector<Message>>> OutboxRepo::list(core::AccountId account, Filter filter) {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(statement(
                     store::Sql("SELECT id, dedupe, channel, kind, event, request, person, device, "
                                "step, state, wanted, "
                                "shown, attempts, due_at, external, error, created_at, sent_at "
                                "FROM notification WHERE "
                                "account = $1 AND ($2 IS NULL OR person = $2) AND ($3 IS NULL OR "
                                "request = $3) AND ($4 "
                                "IS NULL OR id < $4) ORDER BY id DESC LIMIT $5",
                                "SELECT id, dedupe, channel, kind, event, request, person, device, "
                                "step, state, wanted, "
                                "shown, attempts, due_at, external, error, created_at, sent_at "
                                "FROM notification WHERE "
                                "account = $1 AND ($2::uuid IS NULL OR person = $2) AND ($3::uuid "
                                "IS NULL OR request = "
                                "$3) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5"),
                     account,
                     filter.person,
                     filter.request,
                     filter.before,
                     filter.limit)));
  co_return read_rows(account, rows);
}

store::Statement OutboxRepo::purge(core::AccountId account, core::WallTime before) {
  return statement(
      "DELETE FROM notification WHERE account = $1 AND created_at < $2 AND due_at IS NULL",
      account,
      before);
}

Task<core::Result<std::optional<std::int64_t>>> OutboxRepo::cursor(core::AccountId account) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT value FROM setting WHERE account = $1 AND name = 'notify_cursor'", account)));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  RowReader read(rows.front());
  const std::string text = read.text();
  PRELOOP_CO_CHECK(read.status());
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  co_return out;
}

store::Statement OutboxRepo::set_cursor(core::AccountId account, std::int64_t seq) {
  return statement(
      "INSERT INTO setting (account, name, value) VALUES ($1, 'notify_cursor', $2) ON CONFLICT "
      "(account, name) DO UPDATE SET value = excluded.value",
      account,
      std::to_string(seq));
}

store::Statement OutboxRepo::insert_link(core::AccountId account,
                                         core::Digest token_hash,
                                         const LinkRow& link,
                                         core::WallTime now) {
  return statement(
      "INSERT INTO notification_link (account, token_hash, request, person, kind, created_at, "
      "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
      account,
      Blob{std::string(core::as_bytes(token_hash))},
      link.request,
      link.person,
      to_string(link.kind),
      now,
      link.expires_at);
}

Task<core::Result<std::optional<LinkRow>>> OutboxRepo::find_link(core::AccountId account,
                                                                 core::Digest token_hash) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT request, person, kind, expires_at, used_at FROM notification_link WHERE "
          "account = $1 AND token_hash = $2",
          account,
          Blob{std::string(core::as_bytes(token_hash))})));
  if (rows.empty()) {
    co_return std::nullopt;
  }
  RowReader read(rows.front());
  LinkRow link;
  link.request = read.id<core::ApprovalId>();
  link.person = read.id<core::PersonId>();
  const auto kind = parse_kind(read.text());
  link.expires_at = read.time();
  link.used_at = read.optional_time();
  PRELOOP_CO_CHECK(read.status());
  if (!kind) {
    co_return core::fail(core::Code::data_loss, "a decision link has a kind we do not know");
  }
  link.kind = *kind;
  co_return link;
}

store::Statement OutboxRepo::use_link(core::AccountId account,
                                      core::Digest token_hash,
                                      core::WallTime now) {
  return statement(
      "UPDATE notification_link SET used_at = $1 WHERE account = $2 AND token_hash = $3 AND "
      "used_at "
      "IS NULL AND expires_at > $1",
      now,
      account,
      Blob{std::string(core::as_bytes(token_hash))});
}

store::Statement OutboxRepo::release_link(core::AccountId account, core::Digest token_hash) {
  return statement(
      "UPDATE notification_link SET used_at = NULL WHERE account = $1 AND token_hash = $2",
      account,
      Blob{std::string(core::as_bytes(token_hash))});
}

store::Statement OutboxRepo::forget_unused_links(core::AccountId account) {
  return statement("DELETE FROM notification_link WHERE account = $1 AND used_at IS NULL", account);
}

store::Statement OutboxRepo::purge_links(core::AccountId account, core::WallTime before) {
  return statement(
      "DELETE FROM notification_link WHERE account = $1 AND expires_at < $2", account, before);
}

}  // namespace preloop::notify
