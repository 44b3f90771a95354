#pragma once
#include "audit/record.h"
#include "audit/types.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace preloop::audit {

/// `tampered`: something was changed, and it can be proven. `incomplete`: something is missing.
enum class Verdict : std::uint8_t { intact, tampered, incomplete };
std::string_view to_string(Verdict verdict);

/// What is wrong, and where. `line` counts from 1; 0 for the stream as a whole.
struct Finding {
  Verdict verdict = Verdict::tampered;
  std::uint64_t line = 0;
  std::optional<ChainId> chain;
  std::uint64_t seq = 0;
  std::string what;
};

/// Follows one chain through a stream: numbers without gaps, each record naming the hash of the one
/// before, and every statement about it elsewhere (signed heads, the next chain's first record)
/// agreeing. Pure; holds the last 1,024 hashes.
class ChainCheck {
 public:
  explicit ChainCheck(ChainId id) : id_(id) {}

  /// The chain begins behind `last` (a signed anchor).
  void begin_behind(const Link& last, std::uint64_t line);
  void record(const RecordView& record,
              const core::Digest& hash,
              std::uint64_t line,
              std::vector<Finding>& findings);
  /// Somebody says that the chain was at `link`. `is_signature` when it covers all up to there.
  enum class Witness : std::uint8_t { signature, mention };
  void expect(const Link& link,
              Witness witness,
              std::uint64_t line,
              std::vector<Finding>& findings);
  /// At the end of the stream: what was promised and did not come, and what nobody signed.
  void finish(std::vector<Finding>& findings) const;

  const ChainId& id() const { return id_; }
  std::uint64_t first_seq() const { return first_seq_; }  ///< 0 when no record came
  const Link& last() const { return last_; }
  std::uint64_t signed_seq() const { return signed_seq_; }

 private:
  struct Promise {
    core::Digest hash{};
    Witness witness = Witness::mention;
    std::uint64_t line = 0;
  };
  void settle(const Link& link,
              const core::Digest& actual,
              std::uint64_t record_line,
              const Promise& promise,
              std::vector<Finding>& findings);

  ChainId id_;
  std::uint64_t first_seq_ = 0;
  Link last_;
  std::uint64_t last_line_ = 0;
  std::uint64_t anchor_seq_ = 0;
  std::uint64_t signed_seq_ = 0;
  std::multimap<std::uint64_t, Promise> promises_;
  struct Past {
    std::uint64_t seq = 0;
    core::Digest hash{};
    std::uint64_t line = 0;
  };
  std::deque<Past> recent_;
};

}  // namespace preloop::audit
