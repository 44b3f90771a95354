#include "policy/document_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {

using core::YamlNode;

bool is_short_rule(const YamlNode& root) {
  return root.kind == YamlNode::Kind::mapping && root.find("version") == nullptr &&
         root.find("tool") != nullptr;
}

/// Each document is one require_approval rule. Rules that name approvers, a quorum, a timeout or an
/// escalation get a workflow of their own, named after the tool.
void read_short_rule(YamlReader& reader, const YamlNode& root, Document& document) {
  constexpr int k_max_timeout = 30 * 24 * 3600;
  if (!reader.mapping(root,
                      "a short rule",
                      {"tool",
                       "condition",
                       "approvers",
                       "quorum",
                       "timeout",
                       "action",
                       "message",
                       "escalation"})) {
    return;
  }
  RuleText rule;
  rule.at = {root.line, root.column};
  rule.tool = reader.required_text(root, "tool", "a short rule");
  rule.when = reader.optional_text(root, "condition");
  rule.action = Action::require_approval;
  if (const YamlNode* const action = root.find("action")) {
    rule.action = reader.action(*action).value_or(Action::deny);
  }
  rule.message = reader.optional_text(root, "message");
  const YamlNode* const escalation = root.find("escalation");
  const bool has_workflow = root.find("approvers") != nullptr || root.find("quorum") != nullptr ||
                            root.find("timeout") != nullptr || escalation != nullptr;
  if (has_workflow && rule.action != Action::require_approval) {
    reader.problem(root, "approvers, quorum, timeout and escalation belong to require_approval");
  } else if (has_workflow) {
    WorkflowText workflow;
    workflow.at = rule.at;
    workflow.name = rule.tool;
    for (int i = 2; std::ranges::find(document.workflows, workflow.name, &WorkflowText::name) !=
                    document.workflows.end();
         ++i) {
      workflow.name = fmt::format("{}-{}", rule.tool, i);
    }
    workflow.approvers = reader.texts(root, "approvers");
    workflow.quorum = reader.integer(root, "quorum", 1, 1, 10);
    workflow.timeout = reader.integer(root, "timeout", 300, 1, k_max_timeout);
    if (escalation != nullptr &&
        reader.mapping(*escalation, "escalation", {"enabled", "escalate_to", "escalation_delay"})) {
      EscalationText level;
      level.approvers = reader.texts(*escalation, "escalate_to");
      level.after =
          reader.integer(*escalation, "escalation_delay", workflow.timeout, 1, k_max_timeout);
      level.timeout = workflow.timeout;
      if (level.approvers.empty()) {
        reader.problem(*escalation, "escalation needs 'escalate_to'");
      }
      if (reader.boolean(*escalation, "enabled", true)) {
        workflow.escalation.push_back(std::move(level));
      }
    }
    rule.workflow = workflow.name;
    document.workflows.push_back(std::move(workflow));
  }
  document.rules.push_back(std::move(rule));
}

}  // namespace preloop::policy
