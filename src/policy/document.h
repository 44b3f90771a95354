#pragma once
#include "catalogue/types.h"
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

struct RuleText {
  std::string tool;  ///< "pay", "deployer/pay", "deployer/*", "*"
  std::string when;  ///< CEL; empty: always
  Action action = Action::allow;
  std::string workflow;  ///< require_approval: empty means the default workflow
  std::string message;
  std::string description;
  bool enabled = true;
  Position at;
  bool operator==(const RuleText&) const = default;
};

struct WorkflowText {
  std::string name;
  std::vector<std::string> approvers;
  int quorum = 1;
  int timeout = 300;
  int approval_valid_for = 900;
  bool require_reason = false;
  bool exclude_agent_owner = false;
  Position at;
  bool operator==(const WorkflowText&) const = default;
};

struct ToolText {
  std::string name;  ///< as in RuleText
  std::optional<bool> enabled;
  std::optional<catalogue::ArgumentsMode> arguments;
  Position at;
  bool operator==(const ToolText&) const = default;
};

struct TestText {
  std::string tool;
  std::string args;  ///< JSON object text
  Action expect = Action::allow;
  std::string agent;
  Position at;
  bool operator==(const TestText&) const = default;
};

struct DefaultsText {
  Action unknown_tools = Action::allow;
  Action no_match = Action::allow;
  Action new_tools = Action::require_approval;
  std::string workflow = "default";
  bool operator==(const DefaultsText&) const = default;
};

/// A `version: 2` policy document (surface.md, "A policy document") as data: what is stored,
/// exported, compared and compiled. Comparing ignores positions.
struct Document {
  std::string name;
  std::string description;
  std::vector<std::string> tags;
  /// nullopt: the document does not speak about servers, and applying it leaves them alone.
  std::optional<std::vector<catalogue::ServerConfig>> servers;
  std::vector<WorkflowText> workflows;
  std::vector<RuleText> rules;
  std::vector<ToolText> tools;
  std::map<std::string, std::vector<RuleText>> agent_rules;
  std::map<std::string, std::vector<RuleText>> key_rules;
  DefaultsText defaults;
  std::vector<TestText> tests;
  bool operator==(const Document&) const = default;
};

/// Reads YAML (or JSON). Strict: an unknown or repeated key, a wrong type, a key that exists in the
/// language but is not enforced by this version, are errors with `file:line:column` paths and a
/// suggestion. All problems at once, in `Error::details`.
///
/// The short form of the documentation (`tool`, `condition`, …, one document a rule) is accepted
/// and becomes the same Document.
core::Result<Document> parse_document(std::string_view yaml);

/// Canonical YAML: parsing it gives the same Document. Secrets are `secret:NAME` references only.
std::string write_document(const Document& document);

}  // namespace preloop::policy
