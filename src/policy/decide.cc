#include "policy/decide.h"

#include "cel/evaluate.h"
#include "core/text.h"
#include "policy/bindings.h"
#include "policy/compiled_impl.h"
#include "policy/rule_check.h"
#include "redact/redact.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {
namespace {

/// What one scope says about the call.
struct Opinion {
  Action action = Action::allow;
  Cause cause = Cause::rule;
  RuleMatchPtr rule;
  std::string message;
  WorkflowPtr workflow;
  Justification justification = Justification::none;
};

/// Values of arguments may be secrets; explanations are read by people.
std::string shown(const cel::Value& value) {
  constexpr redact::Detectors k_all{redact::Detector::secrets,
                                    redact::Detector::credit_card,
                                    redact::Detector::email,
                                    redact::Detector::iban};
  return core::truncate_utf8(redact::mask(cel::to_text(value), k_all).text, 200);
}

RuleMatchPtr with_error(const Rule& rule, std::string error) {
  if (error.empty()) {
    return rule.match;
  }
  RuleMatch match = *rule.match;
  match.error = std::move(error);
  return std::make_shared<const RuleMatch>(std::move(match));
}

class Decider {
 public:
  Decider(const CompiledPolicy::Impl& policy, const CallFacts& facts, std::vector<Step>* steps)
      : policy_(policy),
        facts_(facts),
        tags_(tags_of(facts.tool->annotations)),
        bindings_(facts, policy.reads_details),
        steps_(steps) {}

  Verdict run() {
    if (auto refused = before_rules()) {
      return std::move(*refused);
    }
    std::vector<Opinion> opinions;
    auto account = scope(policy_.account);
    if (const auto found = policy_.agents.find(facts_.agent_name); found != policy_.agents.end()) {
      add(opinions, scope(found->second.rules));
    }
    if (const auto found = policy_.keys.find(facts_.key_name); found != policy_.keys.end()) {
      add(opinions, scope(found->second.rules));
    }
    // The account always has an opinion, so that a narrower scope can only tighten.
    opinions.insert(opinions.begin(), account ? std::move(*account) : fallback());
    add(opinions, pin());
    Verdict verdict = strictest(std::move(opinions));
    verdict.observed = std::move(observed_);
    return verdict;
  }

 private:
  static void add(std::vector<Opinion>& opinions, std::optional<Opinion> opinion) {
    if (opinion) {
      opinions.push_back(std::move(*opinion));
    }
  }

  /// What refuses a call whatever the rules say.
  std::optional<Verdict> before_rules() const {
    const ToolSettings settings = settings_of(policy_, *facts_.tool);
    if (!settings.enabled || is_switched_off(policy_, facts_)) {
      return Verdict{
          .action = Action::deny,
          .cause = Cause::tool_disabled,
          .message = fmt::format("The tool {} is switched off here.", facts_.tool->name)};
    }
    if (settings.justification == Justification::required && facts_.justification.empty()) {
      return justification_missing();
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

  static Verdict justification_missing() {
    return Verdict{.action = Action::deny,
                   .cause = Cause::justification_missing,
                   .message =
                       "Justification required: make the same call again with the argument "
                       "'justification', one sentence for the person who reads it."};
  }

  /// The first rule of the scope that matches.
  std::optional<Opinion> scope(const RuleList& list) {
    std::optional<Opinion> opinion;
    list.visit(facts_.tool->server_name, facts_.tool->name, [&](const Rule& rule) {
      if ((tags_ & rule.tagged) != rule.tagged) {
        return true;
      }
      if (rule.observes) {
        observe(rule, opinion.has_value());
        return true;
      }
      named_ = true;
      std::string error;
      const bool matched = matches(rule, error);
      if (steps_ != nullptr) {
        note(rule, matched, error, opinion.has_value());
      }
      if (matched && !opinion) {
        opinion = Opinion{.action = rule.action,
                          .cause = error.empty() ? Cause::rule : Cause::rule_error,
                          .rule = with_error(rule, std::move(error)),
                          .message = rule.message,
                          .workflow = rule.workflow,
                          .justification = rule.justification};
      }
      // Only an explanation, or a rule in shadow mode further down, goes on.
      return !opinion || steps_ != nullptr || list.has_observers();
    });
    return opinion;
  }

  /// Shadow mode: as if it decided, without any effect.
  void observe(const Rule& rule, bool is_late) {
    std::string error;
    const bool matched = matches(rule, error);
    if (matched && !is_late) {
      observed_.push_back(with_error(rule, error));
    }
    if (steps_ != nullptr) {
      note(rule, matched, error, is_late);
    }
  }

  void note(const Rule& rule, bool matched, const std::string& error, bool is_late) {
    Step step{.rule = *rule.match,
              .action = rule.action,
              .observes = rule.observes,
              .result = !error.empty() ? Step::Result::error
                        : matched      ? Step::Result::matched
                                       : Step::Result::not_matched,
              .values = {}};
    step.rule.error = error;
    if (is_late) {
      step.result = matched ? Step::Result::also_matched : Step::Result::not_reached;
    }
    if (rule.when) {
      for (const cel::Reference& reference : rule.when->references()) {
        const auto value = bindings_.find(reference);
        step.values.push_back({reference.to_string(), value ? shown(*value) : "(absent)"});
      }
    }
    steps_->push_back(std::move(step));
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
    return rule.observes || rule.action != Action::allow;
  }

  Opinion fallback() const {
    const DefaultsText& defaults = policy_.document.defaults;
    const Action action = named_ ? defaults.no_match : defaults.unknown_tools;
    Opinion opinion{.action = action,
                    .cause = named_ ? Cause::no_match : Cause::unknown_tool,
                    .rule = nullptr,
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
                   .rule = nullptr,
                   .message = changed ? "This tool's definition changed since it was accepted."
                                      : "This tool appeared after its server was accepted.",
                   .workflow = policy_.default_workflow};
  }

  /// deny > require_approval > allow; the first scope wins among equals, and every scope that asks
  /// for approval adds its workflow.
  Verdict strictest(std::vector<Opinion> opinions) const {
    const auto decisive = std::ranges::max_element(opinions, {}, &Opinion::action);
    const bool unjustified =
        facts_.justification.empty() && std::ranges::any_of(opinions, [](const Opinion& opinion) {
          return opinion.justification == Justification::required;
        });
    if (decisive->action != Action::deny && unjustified) {
      Verdict verdict = justification_missing();
      verdict.rule = std::move(decisive->rule);
      return verdict;
    }
    Verdict verdict{.action = decisive->action,
                    .cause = decisive->cause,
                    .rule = std::move(decisive->rule),
                    .message = std::move(decisive->message)};
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
  ToolTags tags_;
  Bindings bindings_;
  std::vector<Step>* steps_;
  std::vector<RuleMatchPtr> observed_;
  bool named_ = false;  ///< a rule of some scope names the tool
};

}  // namespace

Verdict decide(const CompiledPolicy& policy, const CallFacts& facts) {
  return Decider(policy.impl(), facts, nullptr).run();
}

bool is_enabled(const CompiledPolicy& policy, const catalogue::Tool& tool) {
  return settings_of(policy.impl(), tool).enabled;
}

std::vector<const Redaction*> redactions_of(const CompiledPolicy& policy,
                                            const catalogue::Tool& tool) {
  std::vector<const Redaction*> out;
  for (const auto& setting : policy.impl().tools) {
    if (setting.redaction && setting.pattern.matches(tool.server_name, tool.name)) {
      out.push_back(setting.redaction.get());
    }
  }
  return out;
}

Explanation explain(const CompiledPolicy& policy, const CallFacts& facts) {
  Explanation explanation;
  explanation.verdict = Decider(policy.impl(), facts, &explanation.steps).run();
  return explanation;
}

}  // namespace preloop::policy
