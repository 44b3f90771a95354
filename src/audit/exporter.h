#pragma once
#include "audit/audit_repo.h"
#include "audit/head.h"
#include "audit/sealer.h"
#include "core/clock.h"
#include "core/task.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace preloop::audit {

struct ExportOptions {
  core::AccountId account;
  std::string origin;
  std::optional<core::WallTime> from;   ///< inclusive; the missing beginning is signed as a range
  std::optional<core::WallTime> until;  ///< exclusive
  enum class Include : std::uint8_t { records, payloads } include = Include::records;
};

struct ExportSummary {
  std::uint64_t records = 0;
  std::uint64_t chains = 0;
};

/// Takes the next bytes; an error ends the export with that error.
using ExportSink = std::function<core::Task<core::Status>(std::string)>;

/// Writes an account's log as docs/formats/audit-record-v1.md describes. `live`: the sealer's
/// heads, asked for now; what the database has lost of them then shows as incomplete (none when no
/// server runs). What is committed while it runs may or may not be included. A server calls
/// Keeper::sign_heads first, so that the heads of this export are also stored.
///
/// Reads by pages, so no read transaction lives long. Cancellation: between pages.
core::Task<core::Result<ExportSummary>> export_log(AuditRepo& repo,
                                                   std::vector<ChainSealer::Tail> live,
                                                   const SigningKey& key,
                                                   const core::Clock& clock,
                                                   ExportOptions options,
                                                   ExportSink sink);

}  // namespace preloop::audit
