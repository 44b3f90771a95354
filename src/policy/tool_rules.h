#pragma once
#include "policy/document.h"
#include "policy/types.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// One tool, as rules name it.
struct ToolSubject {
  std::string server;
  std::string name;
  bool bare_name_is_own = true;  ///< no other server has a tool of this name

  std::string qualified() const { return server + "/" + name; }
  /// Is the pattern written for this tool alone?
  bool owns(std::string_view pattern) const {
    return pattern == qualified() || (bare_name_is_own && pattern == name);
  }
  /// Does it name this tool, perhaps among others? False for what is no pattern.
  bool is_named_by(std::string_view pattern) const;
};

/// The rules of one scope that are written for one tool alone, as people edit them.
struct ToolRules {
  Scope scope = Scope::account;
  std::string scope_name;  ///< the agent or key; empty for the account
  std::vector<RuleText> rules;
  /// Of an agent or key: may it use the tool at all? nullopt leaves that as it is.
  std::optional<bool> enabled;
};

/// Puts them in place of those the scope has for this tool: where the first of them stood, else in
/// front of the first rule that would win over them. Rules for several tools stay, and a rule that
/// is still there keeps its examples. A scope that says nothing any more goes. Pure;
/// invalid_argument for a scope without a name, and for `enabled` of the account, whose switch is
/// the catalogue's.
core::Status set_tool_rules(Document& document, const ToolSubject& subject, ToolRules next);

/// The agents or keys that may not use the tool, by name.
std::vector<std::string> switched_off_for(const ScopeTexts& scopes, const ToolSubject& subject);

}  // namespace preloop::policy
