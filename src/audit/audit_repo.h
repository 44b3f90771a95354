#pragma once
#include "audit/head.h"
#include "audit/payload_cipher.h"
#include "audit/record.h"
#include "audit/write_repo.h"
#include "store/database.h"

#include <optional>
#include <string>
#include <vector>

namespace preloop::audit {

struct StoredRecord {
  Position position = 0;
  ChainId chain;
  std::uint64_t seq = 0;
  std::string bytes;
};

struct StoredPayload {
  Position record = 0;  ///< position of its record
  core::Uuid chain;
  core::Uuid record_id;
  PayloadKind kind = PayloadKind::args;
  Content content_is = Content::none;
  std::uint64_t size = 0;
  std::string salt;     ///< decrypted
  std::string content;  ///< decrypted; the head when there is a blob
  bool has_blob = false;
};

/// What the API asks for; empty members do not restrict.
struct Filter {
  std::optional<core::WallTime> from;   ///< inclusive
  std::optional<core::WallTime> until;  ///< exclusive
  std::optional<core::AgentId> agent;
  std::optional<core::CallId> call;
  std::optional<std::string> tool;
  std::optional<Kind> kind;
  std::optional<std::string> group;  ///< kinds that begin with this and a dot
  bool of_calls = false;             ///< everything about calls, their approvals included
};

/// A page, newest first. It may hold fewer than asked for although there are more: a query looks at
/// a bounded number of rows. `next` is empty at the end.
struct Page {
  std::vector<StoredRecord> records;
  std::optional<Position> next;
};

/// The record's tables. Any loop; each member is a few short queries. Errors: those of
/// store::Database, data_loss for rows that make no sense.
class AuditRepo {
 public:
  AuditRepo(store::Database& database, const PayloadCipher& cipher)
      : database_(database), cipher_(cipher) {}

  /// Newest first, behind `before` when given. `limit` 1 to 1,000.
  core::Task<core::Result<Page>> page(core::AccountId account,
                                      Filter filter,
                                      std::optional<Position> before,
                                      std::size_t limit);
  /// Oldest first, positions in (after, until].
  core::Task<core::Result<std::vector<StoredRecord>>> forward(core::AccountId account,
                                                              Position after,
                                                              Position until,
                                                              std::size_t limit);
  /// One chain's records with positions in (after, before); at most 10,000.
  core::Task<core::Result<std::vector<StoredRecord>>> between(ChainId chain,
                                                              Position after,
                                                              Position before);
  /// Payloads of the records with positions in [first, last].
  core::Task<core::Result<std::vector<StoredPayload>>> payloads(core::AccountId account,
                                                                Position first,
                                                                Position last);
  /// The whole of a payload that has a blob; not_found when it was erased.
  core::Task<core::Result<std::string>> blob(core::AccountId account, StoredPayload payload);

  core::Task<core::Result<std::vector<core::AccountId>>> accounts();
  /// The last records of the chains among the account's newest 512: where a new chain begins.
  core::Task<core::Result<std::vector<RecordView::Named>>> tails(core::AccountId account);
  core::Task<core::Result<Position>> last_position();
  core::Task<core::Result<std::vector<SignedHead>>> heads(core::AccountId account);
  core::Task<core::Result<std::vector<PublicKey>>> keys();

  /// Position of the account's `count`-th oldest row of a table, or of its newest before it.
  enum class Table : std::uint8_t { record, payload, blob };
  core::Task<core::Result<std::optional<Position>>> nth_oldest(Table table,
                                                               core::AccountId account,
                                                               Position before,
                                                               std::int64_t count);
  static store::Statement delete_until(Table table, core::AccountId account, Position last);

 private:
  core::Task<core::Result<std::vector<StoredRecord>>> records(store::Statement query);

  store::Database& database_;
  const PayloadCipher& cipher_;
};

}  // namespace preloop::audit
