#include "approvals/verdict_json.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace preloop::approvals {
namespace {

using policy::Cause;
using policy::Scope;

constexpr std::array k_causes = {Cause::rule,
                                 Cause::rule_error,
                                 Cause::no_match,
                                 Cause::unknown_tool,
                                 Cause::new_tool,
                                 Cause::invalid_arguments,
                                 Cause::tool_disabled,
                                 Cause::justification_missing,
                                 Cause::halted};
constexpr std::array k_scopes = {Scope::account, Scope::agent, Scope::key};

std::string text(core::Json json, std::string_view name) {
  return std::string(json[name].as_string().value_or(""));
}
std::int64_t number(core::Json json, std::string_view name) {
  return json[name].as_int().value_or(0);
}

void write_workflow(core::JsonWriter& out, const policy::Workflow& workflow) {
  out.begin_object().field("name", workflow.name).key("approvers").begin_array();
  for (const std::string& approver : workflow.approvers) {
    out.string(approver);
  }
  out.end_array()
      .field("quorum", workflow.quorum)
      .field("timeout", workflow.timeout.count())
      .field("approval_valid_for", workflow.approval_valid_for.count())
      .field("require_reason", workflow.require_reason)
      .field("exclude_agent_owner", workflow.exclude_agent_owner)
      .key("escalation")
      .begin_array();
  for (const policy::EscalationLevel& level : workflow.escalation) {
    out.begin_object().field("after", level.after.count()).key("approvers").begin_array();
    for (const std::string& approver : level.approvers) {
      out.string(approver);
    }
    out.end_array().field("timeout", level.timeout.count()).end_object();
  }
  out.end_array();
  if (!workflow.alternatives.empty()) {
    out.key("alternatives").begin_array();
    for (const policy::Alternative& other : workflow.alternatives) {
      out.begin_object()
          .field("quorum", other.quorum)
          .field("require_reason", other.require_reason)
          .key("approvers")
          .begin_array();
      for (const std::string& approver : other.approvers) {
        out.string(approver);
      }
      out.end_array().end_object();
    }
    out.end_array();
  }
  out.field("decline", policy::to_string(workflow.decline))
      .field("async", workflow.async)
      .field("content_hash", core::to_hex(core::as_bytes(workflow.content_hash)))
      .end_object();
}

core::Result<policy::WorkflowPtr> read_workflow(core::Json json) {
  policy::Workflow workflow;
  workflow.name = text(json, "name");
  for (const core::JsonNode& node : json["approvers"].elements()) {
    workflow.approvers.emplace_back(core::Json(&node).as_string().value_or(""));
  }
  workflow.quorum = static_cast<int>(number(json, "quorum"));
  workflow.timeout = core::seconds(number(json, "timeout"));
  workflow.approval_valid_for = core::seconds(number(json, "approval_valid_for"));
  workflow.require_reason = json["require_reason"].as_bool().value_or(true);
  workflow.exclude_agent_owner = json["exclude_agent_owner"].as_bool().value_or(true);
  for (const core::JsonNode& node : json["escalation"].elements()) {
    const core::Json level(&node);
    policy::EscalationLevel& added = workflow.escalation.emplace_back();
    added.after = core::seconds(number(level, "after"));
    added.timeout = core::seconds(number(level, "timeout"));
    for (const core::JsonNode& approver : level["approvers"].elements()) {
      added.approvers.emplace_back(core::Json(&approver).as_string().value_or(""));
    }
  }
  for (const core::JsonNode& node : json["alternatives"].elements()) {
    const core::Json other(&node);
    policy::Alternative& added = workflow.alternatives.emplace_back();
    added.quorum = static_cast<int>(number(other, "quorum"));
    added.require_reason = other["require_reason"].as_bool().value_or(true);
    for (const core::JsonNode& approver : other["approvers"].elements()) {
      added.approvers.emplace_back(core::Json(&approver).as_string().value_or(""));
    }
    if (added.approvers.empty() || added.quorum < 1) {
      return core::fail(core::Code::data_loss, "a stored workflow cannot be read");
    }
  }
  workflow.decline =
      policy::parse_declining(text(json, "decline")).value_or(policy::Declining::veto);
  workflow.async = json["async"].as_bool().value_or(false);
  const auto hash = core::from_hex(text(json, "content_hash"));
  if (!hash || hash->size() != workflow.content_hash.size() || workflow.quorum < 1) {
    return core::fail(core::Code::data_loss, "a stored workflow cannot be read");
  }
  std::ranges::copy(*hash, workflow.content_hash.begin());
  return std::make_shared<const policy::Workflow>(std::move(workflow));
}

}  // namespace

void write_verdict(core::JsonWriter& out, const policy::Verdict& verdict) {
  out.begin_object()
      .field("action", policy::to_string(verdict.action))
      .field("cause", policy::to_string(verdict.cause))
      .field("message", verdict.message);
  if (!verdict.justification.empty()) {
    out.field("justification", verdict.justification);
  }
  if (!verdict.shown_arguments.empty()) {
    out.field("shown_arguments", verdict.shown_arguments);
  }
  if (verdict.rule) {
    const policy::RuleMatch& rule = *verdict.rule;
    out.key("rule")
        .begin_object()
        .field("scope", policy::to_string(rule.scope))
        .field("scope_name", rule.scope_name)
        .field("position", rule.position)
        .field("tool", rule.tool)
        .field("when", rule.when)
        .field("error", rule.error)
        .end_object();
  }
  out.key("workflows").begin_array();
  for (const policy::WorkflowPtr& workflow : verdict.workflows) {
    write_workflow(out, *workflow);
  }
  out.end_array().end_object();
}

core::Result<policy::Verdict> read_verdict(core::Json json) {
  policy::Verdict verdict;
  const auto action = policy::parse_action(text(json, "action"));
  const auto cause = std::ranges::find(k_causes, text(json, "cause"), [](Cause value) {
    return std::string(policy::to_string(value));
  });
  if (!action || cause == k_causes.end()) {
    return core::fail(core::Code::data_loss, "a stored verdict cannot be read");
  }
  verdict.action = *action;
  verdict.cause = *cause;
  verdict.message = text(json, "message");
  verdict.justification = text(json, "justification");
  verdict.shown_arguments = text(json, "shown_arguments");
  if (const core::Json rule = json["rule"]; rule.is_object()) {
    const auto scope = std::ranges::find(k_scopes, text(rule, "scope"), [](Scope value) {
      return std::string(policy::to_string(value));
    });
    verdict.rule = std::make_shared<const policy::RuleMatch>(
        policy::RuleMatch{.scope = scope == k_scopes.end() ? Scope::account : *scope,
                          .scope_name = text(rule, "scope_name"),
                          .position = static_cast<std::size_t>(number(rule, "position")),
                          .tool = text(rule, "tool"),
                          .when = text(rule, "when"),
                          .error = text(rule, "error")});
  }
  for (const core::JsonNode& node : json["workflows"].elements()) {
    PRELOOP_TRY(policy::WorkflowPtr workflow, read_workflow(core::Json(&node)));
    verdict.workflows.push_back(std::move(workflow));
  }
  return verdict;
}

}  // namespace preloop::approvals
