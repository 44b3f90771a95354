#pragma once
#include "policy/compiled.h"
#include "policy/rule_list.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace preloop::policy {

/// Inside of CompiledPolicy, for compiled.cc and decide.cc.
struct CompiledPolicy::Impl {
  struct ToolSetting {
    ToolPattern pattern;
    std::optional<bool> enabled;
    std::optional<catalogue::ArgumentsMode> arguments;
  };

  Document document;
  std::map<std::string, WorkflowPtr, std::less<>> workflows;
  WorkflowPtr default_workflow;
  RuleList account;
  std::map<std::string, RuleList, std::less<>> agents;
  std::map<std::string, RuleList, std::less<>> keys;
  std::vector<ToolSetting> tools;  ///< the last that matches wins
  core::Digest hash{};
};

}  // namespace preloop::policy
