#pragma once
#include "core/clock.h"
#include "core/crypto.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// In order of strictness: the strictest scope wins.
enum class Action : std::uint8_t { allow, require_approval, deny };
std::string_view to_string(Action action);
std::optional<Action> parse_action(std::string_view text);

/// Does a call have to say why?
enum class Justification : std::uint8_t { none, optional, required };
std::string_view to_string(Justification justification);

/// Who is asked when nobody answered.
struct EscalationLevel {
  core::seconds after{0};              ///< from the request
  std::vector<std::string> approvers;  ///< as in Workflow
  core::seconds timeout{300};
};

/// Another way to satisfy a workflow: "2 of SRE, or 1 of CTO with a reason".
struct Alternative {
  std::vector<std::string> approvers;  ///< as in Workflow
  int quorum = 1;
  bool require_reason = false;
};

/// What one decline does.
enum class Declining : std::uint8_t {
  veto,        ///< it declines
  arithmetic,  ///< the request is declined when its quorum cannot be reached any more
};
std::string_view to_string(Declining declining);
std::optional<Declining> parse_declining(std::string_view text);

/// What waits for whom. Immutable; a request keeps the one it was created with.
struct Workflow {
  std::string name;
  /// Role names or people's addresses, teams resolved to their members; empty: role approver.
  std::vector<std::string> approvers;
  int quorum = 1;  ///< distinct people
  core::seconds timeout{300};
  core::seconds approval_valid_for{900};  ///< how long an approval waits for the retry
  bool require_reason = false;
  bool exclude_agent_owner = false;
  std::vector<Alternative> alternatives;
  Declining decline = Declining::veto;
  std::vector<EscalationLevel> escalation;
  bool async = false;  ///< the caller is answered at once instead of being held
  /// Over every field above: what an approval is bound to (decision 27).
  core::Digest content_hash{};
};
using WorkflowPtr = std::shared_ptr<const Workflow>;

/// Why a verdict is what it is.
enum class Cause : std::uint8_t {
  rule,               ///< a rule matched
  rule_error,         ///< a deny or require_approval rule could not be evaluated, which is a match
  no_match,           ///< rules exist for the tool and none matched
  unknown_tool,       ///< no rule names the tool
  new_tool,           ///< new or changed since its server was accepted
  invalid_arguments,  ///< they do not fit the tool's input schema
  tool_disabled,
  justification_missing,  ///< a rule or the tool's setting requires one
  halted,                 ///< a person has stopped all calls
};
std::string_view to_string(Cause cause);

enum class Scope : std::uint8_t { account, agent, key };
std::string_view to_string(Scope scope);

/// The rule that decided, for the record and for people.
struct RuleMatch {
  Scope scope = Scope::account;
  std::string scope_name;    ///< agent or key; empty for the account
  std::size_t position = 0;  ///< in its scope's list, from 1
  std::string tool;          ///< the rule's tool pattern
  std::string when;          ///< its condition, empty when it has none
  std::string error;         ///< evaluation error when the cause is rule_error
};
/// Shared with the compiled policy: a decision copies no text.
using RuleMatchPtr = std::shared_ptr<const RuleMatch>;

/// What policy says about one call. Policy speaking, not something breaking: errors are
/// core::Error and fail closed elsewhere.
struct Verdict {
  Action action = Action::deny;
  Cause cause = Cause::rule;
  RuleMatchPtr rule;  ///< null: none decided
  /// To the agent, in words it can act on.
  std::string message;
  /// For require_approval: one per scope that asked; a request must satisfy all of them.
  std::vector<WorkflowPtr> workflows;
  /// Rules with `action: observe` that matched: recorded, without any effect.
  std::vector<RuleMatchPtr> observed;
  std::string justification;  ///< of the agent, masked, for who approves
  std::string
      shown_arguments;  ///< JSON; the arguments as people see them, when the policy says how
};

}  // namespace preloop::policy
