#pragma once
#include "core/clock.h"
#include "core/json.h"
#include "firewall/recorded_calls.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace preloop::firewall {

/// A rule that the record speaks for, for a person to review.
struct Suggestion {
  std::string server, tool;
  std::string agent;  ///< the only one that made the calls; empty when there are several
  std::string when;   ///< CEL; empty: every call
  std::string action;
  std::size_t calls = 0;  ///< that it rests on
  std::string reason;
};

/// What people decided, and what the rules they decided under could be. Looks at approvals that
/// were always given for a tool: it proposes to allow exactly what was approved (values that were
/// always the same, numbers up to the largest); and at approvals that were never given: it proposes
/// to deny. Nothing is proposed on fewer than `k_least` decisions, or where people disagreed. Pure.
class Suggester {
 public:
  static constexpr std::size_t k_least = 5;

  void add(const std::vector<RecordedCall>& calls);
  /// A request's end: `approved` or `declined`.
  void decided(core::CallId call, bool approved);
  std::vector<Suggestion> suggestions() const;

 private:
  /// What the arguments of some calls have in common.
  struct Shape {
    std::size_t calls = 0;
    std::size_t unreadable = 0;
    /// By argument: how many calls had it, the distinct texts (few), the largest number.
    struct Member {
      std::size_t calls = 0;
      bool all_text = true, all_numbers = true;
      std::set<std::string> texts;
      double most = 0;
    };
    std::map<std::string, Member> members;
    void add(const std::string& arguments);
  };
  struct Tool {
    std::vector<std::string> approved;  ///< arguments
    std::size_t declined = 0;
    std::set<std::string> agents;
  };

  static std::string condition_of(const Shape& shape);

  std::unordered_map<core::CallId, RecordedCall> asked_;
  std::map<std::pair<std::string, std::string>, Tool> tools_;
};

/// As YAML to review, each rule with its reason; what `preloop policy suggest` prints.
std::string to_document(const std::vector<Suggestion>& suggestions);

/// Reads decisions and their outcomes since then.
core::Task<core::Result<std::vector<Suggestion>>> suggest(audit::AuditRepo& record,
                                                          core::AccountId account,
                                                          core::WallTime since,
                                                          core::WallTime until);

}  // namespace preloop::firewall
