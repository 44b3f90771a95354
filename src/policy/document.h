#pragma once
#include "catalogue/types.h"
#include "core/error.h"
#include "core/json.h"
#include "core/result.h"
#include "policy/types.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::policy {

/// Where something stands in the source, for errors: 1-based; 0 when it came from elsewhere.
struct Position {
  int line = 0;
  int column = 0;
  bool operator==(const Position&) const { return true; }  // never part of a document's identity
};

struct TestText {
  std::string tool;
  std::string args;  ///< JSON object text
  Action expect = Action::allow;
  std::string agent;
  std::string key;
  std::string now;  ///< RFC 3339; empty: the moment of the test
  Position at;
  bool operator==(const TestText&) const = default;
};

struct RuleText {
  std::string tool;                 ///< "pay", "deployer/pay", "deployer/*", "*"
  std::vector<std::string> tagged;  ///< names of ToolTags that the tool must all have
  std::string when;                 ///< CEL; empty: always
  Action action = Action::allow;
  bool observes = false;  ///< `action: observe`: recorded when it matches, decides nothing
  std::string workflow;   ///< require_approval: empty means the default workflow
  std::string message;
  std::string description;
  Justification justification = Justification::none;
  bool enabled = true;
  std::vector<TestText> tests;  ///< examples beside the rule; an empty tool means the rule's
  Position at;
  bool operator==(const RuleText&) const = default;
};

struct EscalationText {
  int after = 0;  ///< seconds from the request
  std::vector<std::string> approvers;
  int timeout = 300;  ///< seconds they have
  bool operator==(const EscalationText&) const = default;
};

struct AlternativeText {
  std::vector<std::string> approvers;
  int quorum = 1;
  bool require_reason = false;
  bool operator==(const AlternativeText&) const = default;
};

struct WorkflowText {
  std::string name;
  std::string description;
  std::vector<std::string> approvers;  ///< teams, else roles, else people's addresses
  int quorum = 1;
  int timeout = 300;
  int approval_valid_for = 900;
  bool require_reason = false;
  bool exclude_agent_owner = false;
  std::vector<AlternativeText> alternatives;
  Declining decline = Declining::veto;
  std::vector<EscalationText> escalation;
  bool async = false;  ///< `mode: async`
  Position at;
  bool operator==(const WorkflowText&) const = default;
};

/// What to mask, where. Entries are detectors (`secrets`), JSONPath (`$.user.phone`) or patterns
/// (`re:[0-9]{6}`).
struct RedactText {
  std::vector<std::string> result;  ///< before the agent sees it, and in every copy
  std::vector<std::string> stored;  ///< in the record's copies of arguments and result
  std::vector<std::string> shown;   ///< in arguments shown to people
  bool empty() const { return result.empty() && stored.empty() && shown.empty(); }
  bool operator==(const RedactText&) const = default;
};

struct ToolText {
  std::string name;  ///< as in RuleText
  std::optional<bool> enabled;
  std::optional<catalogue::ArgumentsMode> arguments;
  Justification justification = Justification::none;
  RedactText redact;
  Position at;
  bool operator==(const ToolText&) const = default;
};

/// What one agent or key is held to besides the account's rules. Can only tighten.
struct ScopeText {
  std::vector<RuleText> rules;
  std::vector<ToolText> tools;  ///< name and `enabled` only
  std::optional<std::vector<std::string>> allowed_models;
  Position at;
  bool operator==(const ScopeText&) const = default;
};
using ScopeTexts = std::map<std::string, ScopeText>;

struct DefaultsText {
  Action unknown_tools = Action::allow;
  Action no_match = Action::allow;
  Action new_tools = Action::require_approval;
  std::string workflow = "default";
  Position at;
  bool operator==(const DefaultsText&) const = default;
};

/// Which sections the source has: applying leaves the others alone (merge.h). A document that was
/// not read from a source speaks about everything.
struct Given {
  bool metadata = true, teams = true, workflows = true, rules = true, tools = true, agents = true,
       keys = true, defaults = true, tests = true, not_enforced = true;
  bool operator==(const Given&) const { return true; }
};

/// What the reader has to say beside errors: parts that are stored but not enforced, differences of
/// an imported condition.
struct Remarks {
  std::vector<core::ErrorDetail> list;
  bool operator==(const Remarks&) const { return true; }
};

/// A `version: 2` policy document (surface.md, "A policy document") as data: what is stored,
/// exported, compared and compiled. Comparing ignores positions and remarks.
struct Document {
  std::string name;
  std::string description;
  std::vector<std::string> tags;
  std::map<std::string, std::vector<std::string>> teams;  ///< people's addresses
  /// nullopt: the document does not speak about servers, and applying it leaves them alone.
  std::optional<std::vector<catalogue::ServerConfig>> servers;
  std::vector<WorkflowText> workflows;
  std::vector<RuleText> rules;
  std::vector<ToolText> tools;
  ScopeTexts agents;
  ScopeTexts keys;
  DefaultsText defaults;
  std::vector<TestText> tests;
  /// Blocks of an imported document that this version can only keep: name → JSON text.
  std::map<std::string, std::string> not_enforced;
  Given given;
  Remarks remarks;
  bool operator==(const Document&) const = default;
};

/// Reads YAML (or JSON). Strict: an unknown or repeated key, a wrong type, a key that exists in the
/// language but is not enforced by this version, are errors with `line:column` paths and a
/// suggestion. All problems at once, in `Error::details`.
///
/// The short form of the documentation (`tool`, `condition`, …, one document a rule) is accepted
/// and becomes the same Document, as is the reference product's `version: "1.0"` (import_v1.h).
core::Result<Document> parse_document(std::string_view yaml);

/// Makes every place unknown: what was read from a file is not where it stood any more.
void forget_positions(Document& document);

/// Canonical YAML: parsing it gives the same Document. Secrets are references only.
std::string write_document(const Document& document);

}  // namespace preloop::policy
