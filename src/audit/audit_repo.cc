#include "audit/audit_repo.h"

#include <algorithm>
#include <limits>

namespace preloop::audit {
namespace {

using store::Blob;
using store::Row;
using store::RowReader;
using store::Statement;
using store::statement;
using store::Value;

/// Rows one query of a filtered page looks at, and how many queries a page may take.
constexpr std::int64_t k_window = 5'000;
constexpr int k_windows = 8;

Blob blob_of(const core::Uuid& id) {
  return {std::string(id.as_bytes())};
}
template <class T>
std::optional<Blob> optional_blob(const std::optional<T>& id) {
  return id ? std::optional(blob_of(id->uuid)) : std::nullopt;
}

core::Uuid uuid(RowReader& read) {
  return read.id<core::AccountId>().uuid;
}

core::Digest digest(RowReader& read) {
  const std::string bytes = read.blob();
  core::Digest out{};
  if (bytes.size() == out.size()) {
    std::ranges::copy(bytes, out.begin());
  }
  return out;
}

core::Result<StoredRecord> read_record_row(const Row& row) {
  RowReader read(row);
  StoredRecord out;
  out.position = read.integer();
  out.chain.account = read.id<core::AccountId>();
  out.chain.writer = uuid(read);
  out.seq = static_cast<std::uint64_t>(read.integer());
  out.bytes = read.text();
  PRELOOP_CHECK(read.status());
  return out;
}

core::Result<StoredPayload> read_payload_row(const Row& row,
                                             core::AccountId account,
                                             const PayloadCipher& cipher) {
  RowReader read(row);
  StoredPayload out;
  const Position position = read.integer();
  out.chain = uuid(read);
  out.record_id = uuid(read);
  const auto kind = parse_payload_kind(read.text());
  const std::string content_is = read.text();
  const bool sealed = read.boolean();
  out.size = static_cast<std::uint64_t>(read.integer());
  out.salt = read.blob();
  out.content = read.blob();
  out.has_blob = read.boolean();
  PRELOOP_CHECK(read.status());
  if (!kind) {
    return core::fail(core::Code::data_loss, "an audit payload of unknown kind");
  }
  out.kind = *kind;
  out.record = position - static_cast<Position>(*kind);
  for (const Content content : {Content::none, Content::redacted, Content::exact}) {
    if (to_string(content) == content_is) {
      out.content_is = content;
    }
  }
  if (sealed) {
    PRELOOP_TRY(out.salt, cipher.open(out.salt, account, out.record_id, out.kind));
    if (out.content_is == Content::exact) {
      PRELOOP_TRY(out.content, cipher.open(out.content, account, out.record_id, out.kind));
    }
  }
  return out;
}

core::Result<SignedHead> read_head_row(const Row& row) {
  RowReader read(row);
  SignedHead out;
  out.head.chain.account = read.id<core::AccountId>();
  out.head.chain.writer = uuid(read);
  out.head.last.seq = static_cast<std::uint64_t>(read.integer());
  const auto purpose = parse_purpose(read.text());
  out.head.last.hash = digest(read);
  out.head.origin = read.text();
  out.head.at = read.time();
  out.key_id = read.text();
  out.signature = read.blob();
  PRELOOP_CHECK(read.status());
  if (!purpose) {
    return core::fail(core::Code::data_loss, "an audit head of unknown purpose");
  }
  out.head.purpose = *purpose;
  return out;
}

template <class T, class F>
core::Result<std::vector<T>> map_rows(const store::Rows& rows, F read) {
  std::vector<T> out;
  out.reserve(rows.size());
  for (const Row& row : rows) {
    PRELOOP_TRY(T item, read(row));
    out.push_back(std::move(item));
  }
  return out;
}

Statement filtered(core::AccountId account,
                   const Filter& filter,
                   Position before,
                   Position from,
                   std::size_t limit) {
  return statement(
      store::Sql(
          "SELECT position, account, chain, seq, record FROM audit_record WHERE account = $1 "
          "AND position < $2 AND position >= $3 AND ($4 IS NULL OR agent = $4) AND ($5 IS "
          "NULL OR call = $5) AND ($6 IS NULL OR tool = $6) AND ($7 IS NULL OR kind = $7) "
          "AND ($8 IS NULL OR kind LIKE $8) AND ($9 = 0 OR call IS NOT NULL) ORDER BY position "
          "DESC LIMIT $10",
          "SELECT position, account, chain, seq, record FROM audit_record WHERE account = $1 "
          "AND position < $2 AND position >= $3 AND ($4::uuid IS NULL OR agent = $4) AND "
          "($5::uuid IS NULL OR call = $5) AND ($6::text IS NULL OR tool = $6) AND ($7::text "
          "IS NULL OR kind = $7) AND ($8::text IS NULL OR kind LIKE $8) AND ($9::bigint = 0 OR "
          "call "
          "IS NOT NULL) ORDER BY position DESC LIMIT $10"),
      account,
      before,
      from,
      optional_blob(filter.agent),
      optional_blob(filter.call),
      filter.tool,
      filter.kind ? std::optional(std::string(to_string(*filter.kind))) : std::nullopt,
      filter.group ? std::optional(*filter.group + ".%") : std::nullopt,
      std::int64_t{filter.of_calls ? 1 : 0},
      limit);
}

}  // namespace

core::Task<core::Result<std::vector<StoredRecord>>> AuditRepo::records(Statement query) {
  PRELOOP_CO_TRY(const store::Rows rows, co_await database_.query(std::move(query)));
  co_return map_rows<StoredRecord>(rows, read_record_row);
}

core::Task<core::Result<Page>> AuditRepo::page(core::AccountId account,
                                               Filter filter,
                                               std::optional<Position> before,
                                               std::size_t limit) {
  limit = std::clamp<std::size_t>(limit, 1, 1000);
  Position from = filter.from ? position_at(*filter.from) : 0;
  if (filter.call) {
    // A call's id holds its time: nothing about it is older. Two seconds for the loops' clocks.
    std::int64_t millis = 0;
    for (const std::uint8_t byte : std::span(filter.call->uuid.bytes).first<6>()) {
      millis = millis << 8 | byte;
    }
    from = std::max(from, position_at(core::WallTime(core::milliseconds(millis - 2000))));
  }
  Position top = before.value_or(std::numeric_limits<Position>::max());
  if (filter.until) {
    top = std::min(top, position_at(*filter.until));
  }
  const bool selective =
      filter.agent || filter.call || filter.tool || filter.kind || filter.group || filter.of_calls;
  Page out;
  for (int window = 0; window < k_windows; ++window) {
    Position floor = from;
    bool last = !selective;
    if (selective) {
      PRELOOP_CO_TRY(
          const store::Rows row,
          co_await database_.query(statement(
              "SELECT position FROM audit_record WHERE account = $1 AND position < $2 AND position "
              ">= $3 ORDER BY position DESC LIMIT 1 OFFSET $4",
              account,
              top,
              from,
              k_window - 1)));
      last = row.empty();
      if (!last) {
        floor = RowReader(row.front()).integer();
      }
    }
    const std::size_t wanted = limit - out.records.size();
    PRELOOP_CO_TRY(auto found, co_await records(filtered(account, filter, top, floor, wanted)));
    const bool full = found.size() == wanted;
    std::ranges::move(found, std::back_inserter(out.records));
    if (full) {
      out.next = out.records.back().position;
      co_return out;
    }
    if (last) {
      co_return out;
    }
    top = floor;
  }
  out.next = top;
  co_return out;
}

core::Task<core::Result<std::vector<StoredRecord>>> AuditRepo::forward(core::AccountId account,
                                                                       Position after,
                                                                       Position until,
                                                                       std::size_t limit) {
  co_return co_await records(statement(
      "SELECT position, account, chain, seq, record FROM audit_record WHERE account = $1 AND "
      "position > $2 AND position <= $3 ORDER BY position LIMIT $4",
      account,
      after,
      until,
      limit));
}

core::Task<core::Result<std::vector<StoredRecord>>> AuditRepo::between(ChainId chain,
                                                                       Position after,
                                                                       Position before) {
  co_return co_await records(
      statement("SELECT position, account, chain, seq, record FROM audit_record WHERE account = $1 "
                "AND chain = $2 AND position > $3 AND position < $4 ORDER BY position LIMIT 10000",
                chain.account,
                blob_of(chain.writer),
                after,
                before));
}

core::Task<core::Result<std::vector<StoredPayload>>> AuditRepo::payloads(core::AccountId account,
                                                                         Position first,
                                                                         Position last) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT position, chain, record_id, kind, content_is, sealed, size, salt, content, "
          "has_blob FROM audit_payload WHERE account = $1 AND position >= $2 AND position < $3 "
          "ORDER BY position",
          account,
          first,
          last + k_position_step)));
  const PayloadCipher& cipher = cipher_;
  co_return map_rows<StoredPayload>(
      rows, [&](const Row& row) { return read_payload_row(row, account, cipher); });
}

core::Task<core::Result<std::string>> AuditRepo::blob(core::AccountId account,
                                                      StoredPayload payload) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement(
          "SELECT content FROM audit_blob WHERE account = $1 AND position = $2 AND chain = $3",
          account,
          payload.record + static_cast<Position>(payload.kind),
          blob_of(payload.chain))));
  if (rows.empty()) {
    co_return core::fail(core::Code::not_found, "the content was erased by retention");
  }
  RowReader read(rows.front());
  const std::string sealed = read.blob();
  PRELOOP_CO_CHECK(read.status());
  co_return cipher_.open(sealed, account, payload.record_id, payload.kind);
}

core::Task<core::Result<std::vector<core::AccountId>>> AuditRepo::accounts() {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement("SELECT DISTINCT account FROM audit_chain ORDER BY 1")));
  co_return map_rows<core::AccountId>(rows, [](const Row& row) -> core::Result<core::AccountId> {
    RowReader read(row);
    const auto id = read.id<core::AccountId>();
    PRELOOP_CHECK(read.status());
    return id;
  });
}

core::Task<core::Result<std::vector<RecordView::Named>>> AuditRepo::tails(core::AccountId account) {
  PRELOOP_CO_TRY(
      const auto newest,
      co_await records(statement("SELECT position, account, chain, seq, record FROM audit_record "
                                 "WHERE account = $1 ORDER BY position DESC LIMIT 512",
                                 account)));
  std::vector<RecordView::Named> out;
  for (const StoredRecord& record : newest) {
    if (std::ranges::find(out, record.chain, &RecordView::Named::chain) == out.end()) {
      out.push_back({record.chain, {record.seq, record_hash(record.bytes)}});
    }
  }
  co_return out;
}

core::Task<core::Result<Position>> AuditRepo::last_position() {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(statement("SELECT coalesce(max(position), 0) FROM audit_record")));
  RowReader read(rows.at(0));
  const Position last = read.integer();
  PRELOOP_CO_CHECK(read.status());
  co_return last;
}

core::Task<core::Result<std::vector<SignedHead>>> AuditRepo::heads(core::AccountId account) {
  PRELOOP_CO_TRY(
      const store::Rows rows,
      co_await database_.query(
          statement("SELECT account, chain, seq, purpose, hash, origin, at, key_id, signature FROM "
                    "audit_head WHERE account = $1 ORDER BY chain, seq, purpose",
                    account)));
  co_return map_rows<SignedHead>(rows, read_head_row);
}

core::Task<core::Result<std::vector<PublicKey>>> AuditRepo::keys() {
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(statement(
                     "SELECT public_key, endorsed_by, endorsement FROM audit_key ORDER BY "
                     "created_at, id")));
  co_return map_rows<PublicKey>(rows, [](const Row& row) -> core::Result<PublicKey> {
    RowReader read(row);
    PublicKey out;
    out.public_key = read.blob();
    out.endorsed_by = read.optional_text().value_or("");
    out.endorsement = read.optional_blob().value_or("");
    PRELOOP_CHECK(read.status());
    return out;
  });
}

core::Task<core::Result<std::optional<Position>>> AuditRepo::nth_oldest(Table table,
                                                                        core::AccountId account,
                                                                        Position before,
                                                                        std::int64_t count) {
  static constexpr store::Sql k_record =
      "SELECT max(position) FROM (SELECT position FROM audit_record WHERE account = $1 AND "
      "position "
      "< $2 ORDER BY position LIMIT $3) AS oldest";
  static constexpr store::Sql k_payload =
      "SELECT max(position) FROM (SELECT position FROM audit_payload WHERE account = $1 AND "
      "position < $2 ORDER BY position LIMIT $3) AS oldest";
  static constexpr store::Sql k_blob =
      "SELECT max(position) FROM (SELECT position FROM audit_blob WHERE account = $1 AND position "
      "< "
      "$2 ORDER BY position LIMIT $3) AS oldest";
  const store::Sql sql = table == Table::record    ? k_record
                         : table == Table::payload ? k_payload
                                                   : k_blob;
  PRELOOP_CO_TRY(const store::Rows rows,
                 co_await database_.query(statement(sql, account, before, count)));
  RowReader read(rows.at(0));
  const std::optional<Position> found = read.optional_integer();
  PRELOOP_CO_CHECK(read.status());
  co_return found;
}

Statement AuditRepo::delete_until(Table table, core::AccountId account, Position last) {
  switch (table) {
    case Table::record:
      return statement(
          "DELETE FROM audit_record WHERE account = $1 AND position <= $2", account, last);
    case Table::payload:
      return statement(
          "DELETE FROM audit_payload WHERE account = $1 AND position <= $2", account, last);
    case Table::blob:
      break;
  }
  return statement("DELETE FROM audit_blob WHERE account = $1 AND position <= $2", account, last);
}

}  // namespace preloop::audit
