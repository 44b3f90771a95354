#pragma once
#include "policy/trial.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// A rule that takes part in decisions about a tool, in the order of its scope.
struct EffectiveRule {
  RuleMatch rule;
  Action action = Action::allow;
  bool observes = false;
  std::string message;
};

/// What the policy says about one tool to one caller.
struct EffectiveTool {
  catalogue::ToolPtr tool;
  bool listed = true;  ///< false: no call of it can ever be let through
  /// The same for every call; nullopt: it depends on the call.
  std::optional<Action> outcome;
  Justification justification = Justification::none;
  std::vector<EffectiveRule> rules;
};

/// Everything that holds a caller: all scopes together, the strictest winning.
struct EffectivePolicy {
  std::vector<EffectiveTool> tools;
  /// In the lists of the agent and of the key; nullopt: nobody restricts them.
  std::optional<std::vector<std::string>> allowed_models;
  DefaultsText defaults;
};

/// Of the agent and key of these names (empty: of neither). Pure.
EffectivePolicy effective_policy(const TrialWorld& world,
                                 std::string_view agent,
                                 std::string_view key);

}  // namespace preloop::policy
