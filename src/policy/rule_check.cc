#include "policy/rule_check.h"

#include "cel/schema_type.h"
#include "policy/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <unordered_map>

namespace preloop::policy {
namespace {

using cel::Type;
using cel::TypeKind;
using cel::TypePtr;

TypePtr text() {
  return cel::simple(TypeKind::string);
}

/// Open: a field that is not listed is a warning, not an error.
TypePtr record(std::vector<cel::Field> fields) {
  return cel::make(Type{.kind = TypeKind::record, .fields = std::move(fields)});
}

/// What bindings.cc binds beside `args`; dyn where nothing is said.
TypePtr type_of_variable(std::string_view name) {
  if (name == "tool") {
    const TypePtr hint = cel::simple(TypeKind::bool_);
    const TypePtr hints = record({{"readOnlyHint", hint, true},
                                  {"destructiveHint", hint, true},
                                  {"idempotentHint", hint, true},
                                  {"openWorldHint", hint, true}});
    return record({{"name", text(), true},
                   {"server", text(), true},
                   {"annotations", hints, true},
                   {"definition_hash", text(), true},
                   {"first_seen", cel::simple(TypeKind::timestamp), true}});
  }
  if (name == "agent") {
    return record({{"name", text(), true},
                   {"kind", text(), true},
                   {"tags", cel::composed(TypeKind::list, text()), true},
                   {"owner", text(), true},
                   {"id", text(), true}});
  }
  const TypePtr used =
      cel::composed(TypeKind::list, record({{"name", text(), true}, {"server", text(), true}}));
  if (name == "session") {
    return record({{"id", text(), true},
                   {"started", cel::simple(TypeKind::timestamp), true},
                   {"calls", cel::simple(TypeKind::int_), true},
                   {"tools_used", used, true},
                   {"models_used", cel::composed(TypeKind::list, cel::dyn()), true},
                   {"spend", cel::simple(TypeKind::double_), true}});
  }
  if (name == "request") {
    const TypePtr client = record({{"name", text(), true}, {"version", text(), true}});
    return record({{"client", client, true}, {"ip", text(), true}});
  }
  return name == "key"   ? record({{"name", text(), true}, {"id", text(), true}})
         : name == "now" ? cel::simple(TypeKind::timestamp)
                         : cel::dyn();
}

const std::vector<cel::Variable>& fixed_variables() {
  static const std::vector<cel::Variable> k_variables = [] {
    std::vector<cel::Variable> out;
    for (const std::string_view name : k_condition_variables) {
      if (name != "args") {
        out.push_back({name, type_of_variable(name)});
      }
    }
    return out;
  }();
  return k_variables;
}

TypePtr arguments_of(const catalogue::Tool& tool) {
  const auto definition = core::JsonDocument::parse(tool.definition);
  return definition ? cel::type_of_arguments(definition->root()["inputSchema"])
                    : cel::map_of(text(), cel::dyn());
}

cel::Checked check_against(const cel::Program& condition, const TypePtr& arguments) {
  std::vector<cel::Variable> variables = fixed_variables();
  variables.push_back({"args", arguments});
  return cel::check(condition,
                    {.variables = variables,
                     .functions = usage_functions(),
                     .purpose = cel::CheckOptions::Purpose::condition});
}

core::Result<cel::Program> compile_condition(std::string_view when) {
  return cel::compile(
      when, {.variables = std::span(k_condition_variables), .functions = usage_functions()});
}

std::string shown(const cel::Finding& finding) {
  return fmt::format("{}:{}: {}", finding.line, finding.column, to_string(finding));
}

/// A problem of `compile` as a finding; `place` is "line:column".
cel::Finding syntax_finding(std::string_view place, std::string message) {
  cel::Finding out{.code = "syntax", .message = std::move(message), .suggestion = {}};
  const std::size_t colon = place.find(':');
  if (colon != std::string_view::npos) {
    std::from_chars(place.data(), place.data() + colon, out.line);
    std::from_chars(place.data() + colon + 1, place.data() + place.size(), out.column);
  }
  return out;
}

/// A thread's answers. Programs are kept, so that an address means one condition.
class Answers {
 public:
  const std::string& of(const cel::Program& condition, const catalogue::Tool& tool) {
    const Key key{condition.identity(), tool.definition_hash};
    const auto found = known_.find(key);
    if (found != known_.end()) {
      return found->second.problem;
    }
    if (known_.size() >= k_max) {
      known_.clear();
    }
    const cel::Checked checked = check_condition(condition, tool);
    const auto error =
        std::ranges::find(checked.findings, cel::Severity::error, &cel::Finding::severity);
    return known_
        .emplace(
            key,
            Answer{condition,
                   error == checked.findings.end()
                       ? std::string()
                       : fmt::format("the condition does not fit this tool: {}", shown(*error))})
        .first->second.problem;
  }

 private:
  static constexpr std::size_t k_max = 65'536;  ///< 10,000 rules and 50 with `*` over 1,000 tools
  struct Key {
    const void* condition;
    core::Digest definition;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      std::size_t out = 0;  // the digest is random already
      std::memcpy(&out, key.definition.data(), sizeof(out));
      return out ^ (reinterpret_cast<std::uintptr_t>(key.condition) >> 4);
    }
  };
  struct Answer {
    cel::Program condition;
    std::string problem;
  };
  std::unordered_map<Key, Answer, Hash> known_;
};

/// The rules of a document with the paths their findings are reported under.
struct Place {
  const RuleText* rule = nullptr;
  std::string path;
};

std::vector<Place> rules_of(const Document& document) {
  std::vector<Place> out;
  const auto add = [&](const std::vector<RuleText>& rules, const std::string& prefix) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const RuleText& rule = rules[i];
      if (rule.enabled && !rule.when.empty()) {
        out.push_back({&rule,
                       rule.at.line > 0 ? fmt::format("{}:{}", rule.at.line, rule.at.column)
                                        : fmt::format("{}/{}/when", prefix, i)});
      }
    }
  };
  add(document.rules, "/rules");
  for (const auto& [name, scope] : document.agents) {
    add(scope.rules, fmt::format("/scopes/agents/{}/rules", name));
  }
  for (const auto& [name, scope] : document.keys) {
    add(scope.rules, fmt::format("/scopes/keys/{}/rules", name));
  }
  return out;
}

/// Types of tools' arguments, each read once.
class Arguments {
 public:
  const TypePtr& of(const catalogue::Tool& tool) {
    TypePtr& type = known_[&tool];
    type = type != nullptr ? type : arguments_of(tool);
    return type;
  }

 private:
  std::unordered_map<const catalogue::Tool*, TypePtr> known_;
};

}  // namespace

const std::vector<cel::Variable>& condition_variables() {
  return fixed_variables();
}

cel::Checked check_condition(const cel::Program& condition, const catalogue::Tool& tool) {
  return check_against(condition, arguments_of(tool));
}

const std::string& condition_problem(const cel::Program& condition, const catalogue::Tool& tool) {
  thread_local Answers answers;
  return answers.of(condition, tool);
}

core::Result<std::vector<ConditionFinding>> check_text(std::string_view when,
                                                       std::string_view tool,
                                                       const catalogue::Catalogue& catalogue) {
  std::vector<ConditionFinding> out;
  const auto condition = compile_condition(when);
  if (!condition) {
    for (const core::ErrorDetail& detail : condition.error().details) {
      out.push_back({syntax_finding(detail.path, detail.message), {}});
    }
    if (out.empty()) {
      out.push_back({syntax_finding("", condition.error().message), {}});
    }
    return out;
  }
  const auto add = [&](const cel::Checked& checked, std::string_view name) {
    for (const cel::Finding& finding : checked.findings) {
      const auto same = std::ranges::find_if(out, [&](const ConditionFinding& other) {
        return shown(other.finding) == shown(finding);
      });
      ConditionFinding& target =
          same != out.end() ? *same : out.emplace_back(ConditionFinding{finding, {}});
      if (!name.empty()) {
        target.tools.emplace_back(name);
      }
    }
  };
  if (tool.empty()) {
    add(check_against(*condition, cel::dyn()), "");
    return out;
  }
  PRELOOP_TRY(const ToolPattern pattern, ToolPattern::parse(tool));
  for (const catalogue::ToolPtr& known : catalogue.tools()) {
    if (pattern.matches(known->server_name, known->name)) {
      add(check_condition(*condition, *known), known->exposed_name);
    }
  }
  return out;
}

RuleFindings check_rules(const Document& document,
                         const Document& in_force,
                         const catalogue::Catalogue& catalogue) {
  std::vector<std::pair<std::string_view, std::string_view>> old;
  for (const Place& place : rules_of(in_force)) {
    old.emplace_back(place.rule->tool, place.rule->when);
  }
  RuleFindings out;
  Arguments arguments;
  for (const Place& place : rules_of(document)) {
    const auto pattern = ToolPattern::parse(place.rule->tool);
    const auto condition = compile_condition(place.rule->when);
    if (!pattern || !condition) {
      continue;  // reported when the document was compiled
    }
    const bool is_old = std::ranges::count(old,
                                           std::pair<std::string_view, std::string_view>(
                                               place.rule->tool, place.rule->when)) > 0;
    bool fits_some = false;
    std::map<std::string, std::pair<cel::Severity, std::vector<std::string_view>>> found;
    for (const catalogue::ToolPtr& tool : catalogue.tools()) {
      if (pattern->matches(tool->server_name, tool->name)) {
        const cel::Checked checked = check_against(*condition, arguments.of(*tool));
        fits_some = fits_some || checked.ok();
        for (const cel::Finding& finding : checked.findings) {
          auto& [severity, tools] = found[shown(finding)];
          severity = finding.severity;
          tools.push_back(tool->exposed_name);
        }
      }
    }
    const bool tolerated = is_old || (pattern->has_wildcard() && fits_some);
    for (const auto& [message, about] : found) {
      const auto& [severity, tools] = about;
      const bool is_error = severity == cel::Severity::error;
      auto& list = is_error && !tolerated ? out.errors : out.warnings;
      list.push_back({place.path,
                      fmt::format("condition: {} (for {}{})",
                                  message,
                                  tools.front(),
                                  tools.size() > 1 ? fmt::format(" and {} more", tools.size() - 1)
                                                   : std::string())});
      if (is_error && tolerated) {
        list.back().message += "; the rule counts as an error there";
      }
    }
  }
  return out;
}

}  // namespace preloop::policy
