#pragma once
#include "audit/types.h"
#include "core/json.h"
#include "core/result.h"
#include "store/database.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::audit {

// The bytes of record v1 (docs/formats/audit-record-v1.md). Pure. A record is built in two steps:
// what its module knows (`prepare`, on the caller's loop), then its place (`place`, by the sealer).

inline constexpr std::size_t k_max_details = 32 * 1024;
inline constexpr std::size_t k_max_inline_result = 256 * 1024;  ///< larger ones: head and blob
inline constexpr std::size_t k_payload_head = 4 * 1024;
inline constexpr std::size_t k_max_blob = 16 * 1024 * 1024;  ///< larger ones: hash and head only
inline constexpr std::size_t k_salt_size = 32;

/// What is stored of a payload. `exact`: the committed bytes, so the commitment can be checked.
enum class Content : std::uint8_t { none, redacted, exact };
std::string_view to_string(Content content);

struct PreparedPayload {
  PayloadKind kind = PayloadKind::args;
  std::string salt;
  Content content_is = Content::none;
  /// Encrypt salt (and exact content) at rest: a salt beside masked text would let its reader guess
  /// what was masked.
  bool confidential = true;
  std::uint64_t size = 0;  ///< of the real bytes
  std::string content;     ///< all of it, or the head when there is a blob
  std::string blob;
};

/// Everything of a record but its place.
struct PreparedRecord {
  core::Uuid id;  ///< nil: the sealer makes one
  Kind kind = Kind::system_started;
  std::optional<core::CallId> call;
  std::optional<core::AgentId> agent;
  std::string tool;
  std::string tail;  ///< the record's bytes behind the place
  std::vector<PreparedPayload> payloads;
};

/// SHA-256(0x00 ‖ salt ‖ bytes).
core::Digest commitment(std::string_view salt, std::string_view bytes);

PreparedRecord prepare(const Record& record);

/// The record's bytes: one line of JSON without the newline.
std::string place(const PreparedRecord& prepared,
                  const ChainId& chain,
                  std::uint64_t seq,
                  const core::Digest& prev,
                  std::string_view at_rfc3339,
                  const core::Uuid& id);

/// SHA-256("preloop.audit.v1\n" ‖ bytes): what the next record's `prev` and the heads name.
core::Digest record_hash(std::string_view bytes);

/// What goes into a store::Unit. Thread-safe, never fails; costs a few µs.
store::Draft make_draft(core::AccountId account, const Record& record);
/// The other side of make_draft, for the sealer.
const PreparedRecord& prepared(const store::Draft& draft);

/// A record's place and what verification needs of it, read from its bytes.
struct RecordView {
  ChainId chain;
  std::uint64_t seq = 0;
  core::Digest prev{};
  core::WallTime at;
  core::Uuid id;
  Kind kind = Kind::system_started;
  std::array<std::optional<core::Digest>, k_payload_kinds> commitments;
  struct Named {
    ChainId chain;
    Link last;
  };
  std::vector<Named> predecessors;  ///< of chain.opened
};

/// data_loss when the bytes are not a record v1, with what is wrong.
core::Result<RecordView> parse_record(std::string_view bytes);
core::Result<RecordView> read_record(core::Json record);

}  // namespace preloop::audit
