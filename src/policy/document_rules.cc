#include "policy/document_parts.h"
#include "policy/tool_tags.h"

#include <fmt/format.h>

namespace preloop::policy {
namespace {

using core::YamlNode;
using Kind = YamlNode::Kind;

constexpr int k_max_timeout = 30 * 24 * 3600;

Position position(const YamlNode& node) {
  return {node.line, node.column};
}

Justification read_justification(YamlReader& reader, const YamlNode& parent) {
  const YamlNode* const node = parent.find("justification");
  if (node == nullptr) {
    return Justification::none;
  }
  const auto index = reader.choice(*node, "'justification'", {"optional", "required"});
  return index == 0U ? Justification::optional : Justification::required;
}

void read_tagged(YamlReader& reader, const YamlNode& node, RuleText& rule) {
  const YamlNode* const tagged = node.find("tagged");
  if (tagged == nullptr) {
    return;
  }
  for (const YamlNode& element : reader.sequence(*tagged, "tagged")) {
    rule.tagged.push_back(reader.text(element, "a tag"));
    if (!parse_tool_tag(rule.tagged.back())) {
      reader.choice(element, "a tag", {"read_only", "destructive", "idempotent", "open_world"});
    }
  }
  if (rule.tagged.empty()) {
    reader.problem(*tagged, "'tagged' must name at least one tag");
  }
}

void read_rule_action(YamlReader& reader, const YamlNode& node, RuleText& rule) {
  constexpr Action k_actions[] = {
      Action::allow, Action::deny, Action::require_approval, Action::allow};
  const YamlNode* const action = node.find("action");
  if (action == nullptr) {
    reader.problem(node, "a rule needs 'action': allow, deny, require_approval or observe");
    return;
  }
  const auto index =
      reader.choice(*action, "'action'", {"allow", "deny", "require_approval", "observe"});
  rule.action = index ? k_actions[*index] : Action::deny;
  rule.observes = index == 3U;
}

}  // namespace

TestText read_test(YamlReader& reader, const YamlNode& node, bool beside_a_rule) {
  TestText test;
  test.at = position(node);
  if (!reader.mapping(node, "a test", {"tool", "args", "expect", "agent", "key", "now"})) {
    return test;
  }
  test.tool = beside_a_rule ? reader.optional_text(node, "tool")
                            : reader.required_text(node, "tool", "a test");
  test.agent = reader.optional_text(node, "agent");
  test.key = reader.optional_text(node, "key");
  test.now = reader.optional_text(node, "now");
  if (!test.now.empty() && !core::parse_rfc3339(test.now)) {
    reader.problem(*node.find("now"), "'now' must be a time such as 2026-11-30T08:00:00Z");
  }
  test.args = "{}";
  if (const YamlNode* const args = node.find("args")) {
    if (args->kind != Kind::mapping) {
      reader.problem(*args, "'args' must be a mapping");
    } else {
      test.args = core::to_json(*args);
    }
  }
  if (const YamlNode* const expect = node.find("expect")) {
    test.expect = reader.action(*expect).value_or(Action::deny);
  } else {
    reader.problem(node, "a test needs 'expect': allow, deny or require_approval");
  }
  return test;
}

RuleText read_rule(YamlReader& reader, const YamlNode& node) {
  RuleText rule;
  rule.at = position(node);
  if (!reader.mapping(node,
                      "a rule",
                      {"tool",
                       "tagged",
                       "when",
                       "action",
                       "workflow",
                       "message",
                       "description",
                       "justification",
                       "enabled",
                       "tests"},
                      {"priority"})) {
    return rule;
  }
  rule.tool = reader.required_text(node, "tool", "a rule");
  read_tagged(reader, node, rule);
  rule.when = reader.optional_text(node, "when");
  read_rule_action(reader, node, rule);
  rule.workflow = reader.optional_text(node, "workflow");
  if (!rule.workflow.empty() && rule.action != Action::require_approval) {
    reader.problem(*node.find("workflow"), "'workflow' belongs to require_approval rules only");
  }
  rule.message = reader.optional_text(node, "message");
  rule.description = reader.optional_text(node, "description");
  rule.justification = read_justification(reader, node);
  if (rule.justification != Justification::none && (rule.observes || rule.action == Action::deny)) {
    reader.problem(*node.find("justification"),
                   "'justification' belongs to allow and require_approval rules only");
  }
  rule.enabled = reader.boolean(node, "enabled", true);
  if (const YamlNode* const tests = node.find("tests")) {
    for (const YamlNode& element : reader.sequence(*tests, "tests")) {
      rule.tests.push_back(read_test(reader, element, true));
      if (rule.tests.back().tool.empty() && rule.tool.find('*') != std::string::npos) {
        reader.problem(element, "a test of a rule with '*' needs 'tool'");
      }
    }
  }
  return rule;
}

std::vector<RuleText> read_rules(YamlReader& reader, const YamlNode& node) {
  std::vector<RuleText> rules;
  for (const YamlNode& element : reader.sequence(node, "rules")) {
    rules.push_back(read_rule(reader, element));
  }
  return rules;
}

WorkflowText read_workflow(YamlReader& reader, const YamlNode& node) {
  WorkflowText workflow;
  workflow.at = position(node);
  if (!reader.mapping(node,
                      "a workflow",
                      {"name",
                       "description",
                       "approvers",
                       "quorum",
                       "timeout",
                       "approval_valid_for",
                       "require_reason",
                       "exclude_agent_owner",
                       "alternatives",
                       "decline",
                       "escalation",
                       "mode"},
                      {"channel"})) {
    return workflow;
  }
  workflow.name = reader.required_text(node, "name", "a workflow");
  workflow.description = reader.optional_text(node, "description");
  workflow.approvers = reader.texts(node, "approvers");
  workflow.quorum = reader.integer(node, "quorum", 1, 1, 10);
  workflow.timeout = reader.integer(node, "timeout", 300, 1, k_max_timeout);
  workflow.approval_valid_for = reader.integer(node, "approval_valid_for", 900, 0, 24 * 3600);
  workflow.require_reason = reader.boolean(node, "require_reason", false);
  workflow.exclude_agent_owner = reader.boolean(node, "exclude_agent_owner", false);
  if (const YamlNode* const others = node.find("alternatives")) {
    for (const YamlNode& element : reader.sequence(*others, "alternatives")) {
      if (!reader.mapping(element, "an alternative", {"approvers", "quorum", "require_reason"})) {
        continue;
      }
      workflow.alternatives.push_back(
          {.approvers = reader.texts(element, "approvers"),
           .quorum = reader.integer(element, "quorum", 1, 1, 10),
           .require_reason = reader.boolean(element, "require_reason", false)});
      if (workflow.alternatives.back().approvers.empty()) {
        reader.problem(element, "an alternative needs 'approvers'");
      }
    }
  }
  if (const YamlNode* const decline = node.find("decline")) {
    workflow.decline = reader.choice(*decline, "'decline'", {"veto", "arithmetic"}) == 1U
                           ? Declining::arithmetic
                           : Declining::veto;
  }
  if (const YamlNode* const levels = node.find("escalation")) {
    int before = 0;
    for (const YamlNode& element : reader.sequence(*levels, "escalation")) {
      if (!reader.mapping(element, "an escalation level", {"after", "approvers", "timeout"})) {
        continue;
      }
      if (element.find("after") == nullptr) {
        reader.problem(element, "an escalation level needs 'after': seconds from the request");
      }
      if (!workflow.escalation.empty()) {
        before = workflow.escalation.back().after;
      }
      workflow.escalation.push_back(
          {.after = reader.integer(element, "after", workflow.timeout, 1, k_max_timeout),
           .approvers = reader.texts(element, "approvers"),
           .timeout = reader.integer(element, "timeout", workflow.timeout, 1, k_max_timeout)});
      if (workflow.escalation.back().approvers.empty()) {
        reader.problem(element, "an escalation level needs 'approvers'");
      }
      if (workflow.escalation.back().after <= before) {
        reader.problem(element, "each escalation level begins after the one before it");
      }
    }
  }
  if (const YamlNode* const mode = node.find("mode")) {
    workflow.async = reader.choice(*mode, "'mode'", {"hold", "async"}) == 1U;
  }
  return workflow;
}

ToolText read_tool(YamlReader& reader, const YamlNode& node) {
  ToolText tool;
  tool.at = position(node);
  if (!reader.mapping(
          node, "a tool", {"name", "enabled", "arguments", "justification", "redact"})) {
    return tool;
  }
  tool.name = reader.required_text(node, "name", "a tool");
  if (node.find("enabled") != nullptr) {
    tool.enabled = reader.boolean(node, "enabled", true);
  }
  if (const YamlNode* const mode = node.find("arguments")) {
    const auto index = reader.choice(*mode, "'arguments'", {"strict", "lenient"});
    tool.arguments =
        index == 1U ? catalogue::ArgumentsMode::lenient : catalogue::ArgumentsMode::strict;
  }
  tool.justification = read_justification(reader, node);
  if (const YamlNode* const redact = node.find("redact");
      redact != nullptr && reader.mapping(*redact, "redact", {"result", "stored", "shown"})) {
    tool.redact = {reader.texts(*redact, "result"),
                   reader.texts(*redact, "stored"),
                   reader.texts(*redact, "shown")};
  }
  return tool;
}

ScopeTexts read_scopes(YamlReader& reader, const YamlNode& node, std::string_view what) {
  ScopeTexts out;
  if (node.is_null()) {
    return out;
  }
  if (node.kind != Kind::mapping) {
    reader.problem(node, fmt::format("scopes.{} must be a mapping of names", what));
    return out;
  }
  for (const auto& [name, value] : node.members) {
    if (!reader.mapping(value, "a scope", {"rules", "tools", "allowed_models"}, {"budgets"})) {
      continue;
    }
    ScopeText& scope = out[name.text];
    scope.at = position(name);
    if (const YamlNode* const rules = value.find("rules")) {
      scope.rules = read_rules(reader, *rules);
    }
    if (const YamlNode* const tools = value.find("tools")) {
      for (const YamlNode& element : reader.sequence(*tools, "tools")) {
        if (reader.mapping(element, "a scope's tool", {"name", "enabled"})) {
          scope.tools.push_back(read_tool(reader, element));
        }
      }
    }
    if (const YamlNode* const models = value.find("allowed_models")) {
      scope.allowed_models = reader.texts(value, "allowed_models");
      reader.remark(*models, "'allowed_models' is stored; it takes effect with a model gateway");
    }
  }
  return out;
}

}  // namespace preloop::policy
