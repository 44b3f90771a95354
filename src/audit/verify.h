#pragma once
#include "audit/chain.h"
#include "audit/head.h"
#include "core/crypto.h"
#include "core/json.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::audit {

struct VerifyOptions {
  /// Key ids or public keys (hex) known by other means than the file. Empty: the file's own keys
  /// are believed, which finds damage and changes by anyone but the server; the report names them.
  std::vector<std::string> trusted_keys;
};

struct Report {
  Verdict verdict = Verdict::intact;
  /// The first thing that supports the verdict; empty when intact.
  std::optional<Finding> first;
  std::vector<Finding> findings;  ///< the first 100
  std::uint64_t finding_count = 0;
  std::vector<std::string> notes;  ///< worth knowing, not wrong: clock regressions, key changes
  std::uint64_t lines = 0;
  std::uint64_t records = 0;
  std::uint64_t payloads_checked = 0;
  std::vector<std::string> keys;  ///< ids of the first keys whose signatures were believed
  struct Chain {
    ChainId id;
    std::uint64_t first_seq = 0;
    Link last;
  };
  std::vector<Chain> chains;
};

/// Exit code of `preloop audit verify`: 0 intact, 1 tampered, 3 incomplete.
int exit_code(Verdict verdict);

/// Judges an export without a server, line by line, in memory bounded by the number of chains.
/// Pure. It hashes the bytes as they were stored and never writes a record anew.
class Verifier {
 public:
  explicit Verifier(VerifyOptions options = {});
  /// `line` without its newline.
  void line(std::string_view line);
  /// A last line that has no newline: cut off, whatever it says.
  void unterminated_line(std::string_view line);
  Report finish();
  bool has_findings() const { return report_.finding_count > 0; }

 private:
  void header(core::Json line);
  void record(core::Json line, std::string_view text);
  void payloads(core::Json list, const RecordView& record);
  void head(core::Json line);
  void end(core::Json line, std::string_view text);
  void clock(const RecordView& record);
  void bad(std::string what);
  void missing(std::string what);
  void note(std::string text);
  void collect();
  ChainCheck& chain(const ChainId& id);

  VerifyOptions options_;
  Report report_;
  std::vector<Finding> fresh_;
  std::optional<Finding> first_incomplete_;
  std::optional<KeyRing> keys_;
  std::map<ChainId, ChainCheck> chains_;
  std::map<ChainId, core::WallTime> clocks_;
  core::Sha256 digest_;
  bool ended_ = false;
  bool cut_ = false;
};

/// Reads chunks until `read` answers an empty one, and verifies their lines; an error of `read` is
/// returned. A line over 64 MiB counts as cut off.
core::Result<Report> verify_stream(const std::function<core::Result<std::string>()>& read,
                                   VerifyOptions options);

}  // namespace preloop::audit
