#pragma once
#include "cel/program.h"
#include "policy/patterns.h"
#include "policy/tool_tags.h"
#include "policy/types.h"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::policy {

/// One enabled rule, ready to evaluate.
struct Rule {
  ToolPattern pattern;
  std::optional<cel::Program> when;  ///< absent: always
  Action action = Action::deny;
  bool observes = false;
  ToolTags tagged = 0;   ///< the tool must have all of them
  WorkflowPtr workflow;  ///< of require_approval
  Justification justification = Justification::none;
  bool is_static = true;  ///< its condition reads nothing but tool, agent and key
  std::string message;
  RuleMatchPtr match;  ///< what is recorded when it decides, without an error
};

/// The rules of one scope in order, found by tool in time that depends on the rules of that tool
/// and on the wildcards, not on all.
class RuleList {
 public:
  RuleList() = default;
  explicit RuleList(std::vector<Rule> rules);

  /// Calls `visit(rule)` for each rule that names the tool, in order, until it answers false.
  template <class Visit>
  void visit(std::string_view server, std::string_view tool, Visit&& visit) const {
    const auto exact = by_name_.find(tool);
    static const std::vector<std::size_t> k_none;
    const std::vector<std::size_t>& named = exact == by_name_.end() ? k_none : exact->second;
    std::size_t i = 0, j = 0;
    while (i < named.size() || j < wildcards_.size()) {
      const bool take_named =
          j == wildcards_.size() || (i < named.size() && named[i] < wildcards_[j]);
      const Rule& rule = rules_[take_named ? named[i++] : wildcards_[j++]];
      if (rule.pattern.matches(server, tool) && !visit(rule)) {
        return;
      }
    }
  }
  const std::vector<Rule>& rules() const { return rules_; }
  bool has_observers() const { return has_observers_; }

 private:
  std::vector<Rule> rules_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_name_;
  std::vector<std::size_t> wildcards_;
  bool has_observers_ = false;
};

/// The variables a condition may read, in the order decide.cc binds them.
inline constexpr std::string_view k_condition_variables[] = {
    "args", "tool", "agent", "key", "now", "session", "request"};

}  // namespace preloop::policy
