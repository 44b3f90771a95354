#include "policy/decide.h"

#include "cel/evaluate.h"
#include "policy/compiled_impl.h"
#include "policy/rule_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {
namespace {

/// Of one tool, after the policy's `tools` section.
struct Settings {
  bool enabled = true;
  catalogue::ArgumentsMode arguments = catalogue::ArgumentsMode::strict;
};

Settings settings_of(const CompiledPolicy::Impl& policy, const catalogue::Tool& tool) {
  Settings settings{tool.enabled, tool.arguments};
  for (const auto& setting : policy.tools) {
    if (setting.pattern.matches(tool.server_name, tool.name)) {
      settings.enabled = settings.enabled && setting.enabled.value_or(true);
      settings.arguments = setting.arguments.value_or(settings.arguments);
    }
  }
  return settings;
}

/// What one scope says about the call.
struct Opinion {
  Action action = Action::allow;
  Cause cause = Cause::rule;
  std::optional<RuleMatch> rule;
  std::string message;
  WorkflowPtr workflow;
};

/// Values the conditions read, bound once a decision and shared by every rule.
class Bindings {
 public:
  explicit Bindings(const CallFacts& facts) {
    using cel::Value;
    const catalogue::Annotations& hints = facts.tool->annotations;
    annotations_ = {{entry("readOnlyHint", Value::of_bool(hints.read_only_hint)),
                     entry("destructiveHint", Value::of_bool(hints.destructive_hint)),
                     entry("idempotentHint", Value::of_bool(hints.idempotent_hint)),
                     entry("openWorldHint", Value::of_bool(hints.open_world_hint))}};
    tool_ = {{entry("name", Value::of_string(facts.tool->name)),
              entry("server", Value::of_string(facts.tool->server_name)),
              entry("annotations", Value::of_map(annotations_))}};
    if (facts.agent_tags != nullptr) {
      for (const std::string& tag : *facts.agent_tags) {
        tags_.push_back(Value::of_string(tag));
      }
    }
    agent_ = {{entry("name", Value::of_string(facts.agent_name)),
               entry("kind", Value::of_string(facts.agent_kind)),
               entry("tags", Value::of_list(tags_)),
               entry("owner", Value::of_string(facts.agent_owner))}};
    key_ = {{entry("name", Value::of_string(facts.key_name))}};
    const auto since = facts.now.time_since_epoch();
    const auto whole = std::chrono::floor<core::seconds>(since);
    const cel::Timestamp now{whole.count(),
                             static_cast<std::uint32_t>((since - whole).count() * 1000)};
    // In the order of k_condition_variables.
    variables_ = {{{"args", Value::of_json(facts.args)},
                   {"tool", Value::of_map(tool_)},
                   {"agent", Value::of_map(agent_)},
                   {"key", Value::of_map(key_)},
                   {"now", Value::of_timestamp(now)}}};
  }
  cel::Activation activation() const { return {variables_}; }

 private:
  static cel::MapEntry entry(std::string_view key, cel::Value value) {
    return {cel::Value::of_string(key), value};
  }
  std::array<cel::MapEntry, 4> annotations_;
  std::array<cel::MapEntry, 3> tool_;
  std::array<cel::MapEntry, 4> agent_;
  std::array<cel::MapEntry, 1> key_;
  std::vector<cel::Value> tags_;
  std::array<cel::Binding, 5> variables_;
};

class Decider {
 public:
  Decider(const CompiledPolicy::Impl& policy, const CallFacts& facts, std::vector<Step>* steps)
      : policy_(policy), facts_(facts), bindings_(facts), steps_(steps) {}

  Verdict run() {
    if (const auto refused = before_rules()) {
      return *refused;
    }
    std::vector<Opinion> opinions;
    auto account = scope(policy_.account);
    if (const auto list = policy_.agents.find(facts_.agent_name); list != policy_.agents.end()) {
      add(opinions, scope(list->second));
    }
    if (const auto list = policy_.keys.find(facts_.key_name); list != policy_.keys.end()) {
      add(opinions, scope(list->second));
    }
    // The account always has an opinion, so that a narrower scope can only tighten.
    opinions.insert(opinions.begin(), account ? std::move(*account) : fallback());
    add(opinions, pin());
    return strictest(std::move(opinions));
  }

 private:
  static void add(std::vector<Opinion>& opinions, std::optional<Opinion> opinion) {
    if (opinion) {
      opinions.push_back(std::move(*opinion));
    }
  }

  /// What refuses a call whatever the rules say.
  std::optional<Verdict> before_rules() const {
    const Settings settings = settings_of(policy_, *facts_.tool);
    if (!settings.enabled) {
      return Verdict{
          .action = Action::deny,
          .cause = Cause::tool_disabled,
          .message = fmt::format("The tool {} is switched off here.", facts_.tool->name)};
    }
    if (facts_.tool->input_schema == nullptr ||
        settings.arguments == catalogue::ArgumentsMode::lenient) {
      return std::nullopt;
    }
    const schema::Validation checked = facts_.tool->input_schema->validate(facts_.args);
    if (checked.valid()) {
      return std::nullopt;
    }
    std::string message = "The arguments do not fit the tool's input schema:";
    for (const schema::Problem& problem : checked.problems) {
      message += fmt::format(
          " {}: {};", problem.instance_path.empty() ? "/" : problem.instance_path, problem.message);
    }
    message.back() = '.';
    return Verdict{
        .action = Action::deny, .cause = Cause::invalid_arguments, .message = std::move(message)};
  }

  /// The first rule of the scope that matches.
  std::optional<Opinion> scope(const RuleList& list) {
    std::optional<Opinion> opinion;
    list.visit(facts_.tool->server_name, facts_.tool->name, [&](const Rule& rule) {
      named_ = true;
      if (opinion) {  // only an explanation goes on
        steps_->push_back({rule.match, rule.action, Step::Result::not_reached});
        return true;
      }
      std::string error;
      const bool matched = matches(rule, error);
      if (steps_ != nullptr) {
        steps_->push_back({rule.match,
                           rule.action,
                           !error.empty() ? Step::Result::error
                           : matched      ? Step::Result::matched
                                          : Step::Result::not_matched});
        steps_->back().rule.error = error;
      }
      if (matched) {
        opinion = Opinion{.action = rule.action,
                          .cause = error.empty() ? Cause::rule : Cause::rule_error,
                          .rule = rule.match,
                          .message = rule.message,
                          .workflow = rule.workflow};
        opinion->rule->error = std::move(error);
      }
      return !matched || steps_ != nullptr;
    });
    return opinion;
  }

  /// A condition that cannot be evaluated counts as a match unless the rule would allow.
  bool matches(const Rule& rule, std::string& error) {
    if (!rule.when) {
      return true;
    }
    if (facts_.tool->input_schema == nullptr && rule.when->reads("args")) {
      error = "the tool's input schema cannot be used: " + facts_.tool->schema_problem;
    } else if (const std::string& problem = condition_problem(*rule.when, *facts_.tool);
               !problem.empty()) {
      error = problem;
    } else if (const auto held = cel::evaluate_bool(*rule.when, bindings_.activation())) {
      return *held;
    } else {
      error = held.error().message;
    }
    return rule.action != Action::allow;
  }

  Opinion fallback() const {
    const DefaultsText& defaults = policy_.document.defaults;
    const Action action = named_ ? defaults.no_match : defaults.unknown_tools;
    Opinion opinion{.action = action,
                    .cause = named_ ? Cause::no_match : Cause::unknown_tool,
                    .rule = std::nullopt,
                    .message = {},
                    .workflow = policy_.default_workflow};
    if (action == Action::deny) {
      opinion.message = named_ ? "No rule allows this call." : "No rule names this tool.";
    }
    return opinion;
  }

  std::optional<Opinion> pin() const {
    if (facts_.tool->pin == catalogue::PinState::accepted) {
      return std::nullopt;
    }
    const bool changed = facts_.tool->pin == catalogue::PinState::changed;
    return Opinion{.action = policy_.document.defaults.new_tools,
                   .cause = Cause::new_tool,
                   .rule = std::nullopt,
                   .message = changed ? "This tool's definition changed since it was accepted."
                                      : "This tool appeared after its server was accepted.",
                   .workflow = policy_.default_workflow};
  }

  /// deny > require_approval > allow; the first scope wins among equals, and every scope that asks
  /// for approval adds its workflow.
  static Verdict strictest(std::vector<Opinion> opinions) {
    const auto decisive = std::ranges::max_element(opinions, {}, &Opinion::action);
    Verdict verdict{.action = decisive->action,
                    .cause = decisive->cause,
                    .rule = std::move(decisive->rule),
                    .message = std::move(decisive->message),
                    .workflows = {}};
    if (verdict.action == Action::require_approval) {
      for (const Opinion& opinion : opinions) {
        if (opinion.action == Action::require_approval &&
            std::ranges::find(verdict.workflows, opinion.workflow) == verdict.workflows.end()) {
          verdict.workflows.push_back(opinion.workflow);
        }
      }
    }
    if (verdict.action == Action::deny && verdict.message.empty()) {
      verdict.message = "A rule does not allow this call.";
    }
    return verdict;
  }

  const CompiledPolicy::Impl& policy_;
  const CallFacts& facts_;
  Bindings bindings_;
  std::vector<Step>* steps_;
  bool named_ = false;  ///< a rule of some scope names the tool
};

}  // namespace

Verdict decide(const CompiledPolicy& policy, const CallFacts& facts) {
  return Decider(policy.impl(), facts, nullptr).run();
}

bool is_enabled(const CompiledPolicy& policy, const catalogue::Tool& tool) {
  return settings_of(policy.impl(), tool).enabled;
}

Explanation explain(const CompiledPolicy& policy, const CallFacts& facts) {
  Explanation explanation;
  explanation.verdict = Decider(policy.impl(), facts, &explanation.steps).run();
  return explanation;
}

}  // namespace preloop::policy
