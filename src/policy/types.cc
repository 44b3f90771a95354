#include "policy/types.h"

namespace preloop::policy {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::allow:
      return "allow";
    case Action::require_approval:
      return "require_approval";
    case Action::deny:
      return "deny";
  }
  return "deny";
}
std::optional<Action> parse_action(std::string_view text) {
  for (const Action action : {Action::allow, Action::require_approval, Action::deny}) {
    if (text == to_string(action)) {
      return action;
    }
  }
  return std::nullopt;
}

std::string_view to_string(Declining declining) {
  return declining == Declining::veto ? "veto" : "arithmetic";
}
std::optional<Declining> parse_declining(std::string_view text) {
  for (const Declining one : {Declining::veto, Declining::arithmetic}) {
    if (text == to_string(one)) {
      return one;
    }
  }
  return std::nullopt;
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::rule:
      return "rule";
    case Cause::rule_error:
      return "rule_error";
    case Cause::no_match:
      return "no_match";
    case Cause::unknown_tool:
      return "unknown_tool";
    case Cause::new_tool:
      return "new_tool";
    case Cause::invalid_arguments:
      return "invalid_arguments";
    case Cause::tool_disabled:
      return "tool_disabled";
    case Cause::justification_missing:
      return "justification_missing";
    case Cause::halted:
      return "halted";
  }
  return "rule";
}

std::string_view to_string(Justification justification) {
  switch (justification) {
    case Justification::none:
      return "none";
    case Justification::optional:
      return "optional";
    case Justification::required:
      return "required";
  }
  return "required";
}

std::string_view to_string(Scope scope) {
  switch (scope) {
    case Scope::account:
      return "account";
    case Scope::agent:
      return "agent";
    case Scope::key:
      return "key";
  }
  return "account";
}

}  // namespace preloop::policy
