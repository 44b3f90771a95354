#pragma once
#include "audit/head.h"
#include "audit/record.h"
#include "core/crypto.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::audit {

/// What an export shows of one payload.
struct ExportedPayload {
  PayloadKind kind = PayloadKind::args;
  Content content_is = Content::none;
  std::uint64_t size = 0;
  std::string salt;     ///< only with `exact`
  std::string content;  ///< with `exact` all of it, or nothing when it was erased
};

/// The first line.
struct ExportHeader {
  std::string origin;
  core::AccountId account;
  core::WallTime at;
  std::string software;
  std::vector<PublicKey> keys;
};

/// Writes the lines of an export (docs/formats/audit-record-v1.md), each with its newline, and
/// hashes them for the last one. Pure: the caller moves the bytes. The record's stored bytes are
/// embedded raw, so that a reader hashes what was stored.
class ExportWriter {
 public:
  explicit ExportWriter(const SigningKey& key) : key_(key) {}

  std::string header(const ExportHeader& header);
  std::string record(std::string_view bytes, std::span<const ExportedPayload> payloads);
  std::string head(const SignedHead& head);
  /// The last line: number and hash of the lines before it, signed.
  std::string end();

 private:
  std::string line(std::string text);

  const SigningKey& key_;
  core::Sha256 digest_;
  std::uint64_t lines_ = 0;
};

/// Both sides of the last line.
std::string end_text(std::uint64_t lines, const core::Digest& digest);
std::string end_line(std::uint64_t lines,
                     const core::Digest& digest,
                     std::string_view key_id,
                     std::string_view signature);

}  // namespace preloop::audit
