#pragma once
#include "policy/compiled.h"
#include "policy/decide.h"
#include "policy/redaction.h"
#include "policy/rule_list.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace preloop::policy {

/// Inside of CompiledPolicy, for compiled.cc and what decides.
struct CompiledPolicy::Impl {
  struct ToolSetting {
    ToolPattern pattern;
    std::optional<bool> enabled;
    std::optional<catalogue::ArgumentsMode> arguments;
    Justification justification = Justification::none;
    std::shared_ptr<const Redaction> redaction;  ///< null: nothing beyond the usual
  };
  struct Scoped {
    RuleList rules;
    std::vector<ToolPattern> disabled;
    bool disables(const catalogue::Tool& tool) const;
  };
  using Scopes = std::map<std::string, Scoped, std::less<>>;

  Document document;
  std::map<std::string, WorkflowPtr, std::less<>> workflows;
  WorkflowPtr default_workflow;
  RuleList account;
  Scopes agents;
  Scopes keys;
  std::vector<ToolSetting> tools;      ///< the last that matches wins
  std::vector<ToolPattern> justified;  ///< tools that something asks a justification for
  bool reads_details = false;  ///< some condition reads an id, a hash or another costly fact
  StateReads state;
  core::Digest hash{};
};

/// Of one tool, after the policy's `tools` section.
struct ToolSettings {
  bool enabled = true;
  catalogue::ArgumentsMode arguments = catalogue::ArgumentsMode::strict;
  Justification justification = Justification::none;
};
ToolSettings settings_of(const CompiledPolicy::Impl& policy, const catalogue::Tool& tool);
/// Off for this agent or key, whatever the account says.
bool is_switched_off(const CompiledPolicy::Impl& policy, const CallFacts& facts);

}  // namespace preloop::policy
