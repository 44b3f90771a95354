#include "api/views_json.h"
#include "core/text.h"
#include "policy/decide.h"

namespace preloop::api {
namespace {

void write_rule_match(core::JsonWriter& out, const policy::RuleMatch& rule) {
  out.begin_object()
      .field("scope", policy::to_string(rule.scope))
      .field("scope_name", rule.scope_name)
      .field("position", rule.position)
      .field("tool", rule.tool)
      .field("when", rule.when)
      .field("error", rule.error)
      .end_object();
}

std::string_view name_of(policy::Step::Result result) {
  switch (result) {
    case policy::Step::Result::matched:
      return "matched";
    case policy::Step::Result::not_matched:
      return "not_matched";
    case policy::Step::Result::error:
      return "error";
    case policy::Step::Result::also_matched:
      return "also_matched";
    case policy::Step::Result::not_reached:
      return "not_reached";
  }
  return "error";
}

}  // namespace

std::string_view action_name(const policy::RuleText& rule) {
  return rule.observes ? "observe" : policy::to_string(rule.action);
}

void write_view(core::JsonWriter& out, const policy::EffectiveTool& tool) {
  out.begin_object()
      .field("id", tool.tool->id.to_string())
      .field("server", tool.tool->server_name)
      .field("tool", tool.tool->name)
      .field("exposed_name", tool.tool->exposed_name)
      .field("listed", tool.listed)
      .field("outcome", tool.outcome ? policy::to_string(*tool.outcome) : "depends")
      .field("justification", policy::to_string(tool.justification))
      .key("rules")
      .begin_array();
  for (const policy::EffectiveRule& rule : tool.rules) {
    out.begin_object().key("rule");
    write_rule_match(out, rule.rule);
    out.field("action", rule.observes ? "observe" : policy::to_string(rule.action))
        .field("message", rule.message)
        .end_object();
  }
  out.end_array().end_object();
}

void write_rule(core::JsonWriter& out, const policy::RuleMatchPtr& rule) {
  out.key("rule");
  if (rule) {
    write_rule_match(out, *rule);
  } else {
    out.null();
  }
}

void write_view(core::JsonWriter& out, const policy::Workflow& workflow) {
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
      .key("alternatives")
      .begin_array();
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
  out.end_array()
      .field("decline", policy::to_string(workflow.decline))
      .key("escalation")
      .begin_array();
  for (const policy::EscalationLevel& level : workflow.escalation) {
    out.begin_object().field("after", level.after.count()).key("approvers").begin_array();
    for (const std::string& approver : level.approvers) {
      out.string(approver);
    }
    out.end_array().field("timeout", level.timeout.count()).end_object();
  }
  out.end_array().field("mode", workflow.async ? "async" : "hold").end_object();
}

void write_view(core::JsonWriter& out, const policy::Change& change) {
  out.begin_object()
      .field("kind", policy::to_string(change.kind))
      .field("section", change.section)
      .field("name", change.name)
      .field("before", change.before)
      .field("after", change.after)
      .end_object();
}

void write_view(core::JsonWriter& out, const policy::Version& version) {
  out.begin_object()
      .field("number", version.number)
      .field("hash", core::to_hex(core::as_bytes(version.hash)))
      .field("actor", version.actor)
      .field("comment", version.comment)
      .field("created_at", core::to_rfc3339(version.created_at));
  if (!version.document.empty()) {
    out.field("document", version.document);
  }
  out.end_object();
}

void write_view(core::JsonWriter& out, const policy::TestOutcome& outcome) {
  out.begin_object()
      .field("tool", outcome.test.tool)
      .key("args")
      .raw(outcome.test.args)
      .field("agent", outcome.test.agent)
      .field("expect", policy::to_string(outcome.test.expect))
      .field("actual", policy::to_string(outcome.actual))
      .field("passed", outcome.passed)
      .field("message", outcome.message)
      .end_object();
}

void write_view(core::JsonWriter& out, const policy::TrialResult& result) {
  const policy::Verdict& verdict = result.explanation.verdict;
  out.begin_object()
      .field("server", result.server)
      .field("tool", result.tool)
      .field("tool_is_known", result.tool_is_known)
      .field("action", policy::to_string(verdict.action))
      .field("cause", policy::to_string(verdict.cause))
      .field("message", verdict.message);
  write_rule(out, verdict.rule);
  out.key("workflows").begin_array();
  for (const policy::WorkflowPtr& workflow : verdict.workflows) {
    out.string(workflow->name);
  }
  out.end_array().key("steps").begin_array();
  for (const policy::Step& step : result.explanation.steps) {
    out.begin_object().key("rule");
    write_rule_match(out, step.rule);
    out.field("action", step.observes ? "observe" : policy::to_string(step.action))
        .field("result", name_of(step.result))
        .key("values")
        .begin_array();
    for (const policy::ReadValue& value : step.values) {
      out.begin_object().field("path", value.path).field("value", value.value).end_object();
    }
    out.end_array().end_object();
  }
  out.end_array().end_object();
}

void write_view(core::JsonWriter& out, const core::ErrorDetail& issue) {
  out.begin_object().field("path", issue.path).field("message", issue.message).end_object();
}

void write_view(core::JsonWriter& out, const AccessRuleView& view) {
  out.begin_object()
      .field("position", view.position)
      .field("tool", view.rule.tool)
      .key("tagged")
      .begin_array();
  for (const std::string& tag : view.rule.tagged) {
    out.string(tag);
  }
  out.end_array()
      .field("when", view.rule.when)
      .field("action", action_name(view.rule))
      .field("justification", policy::to_string(view.rule.justification))
      .field("workflow", view.rule.workflow)
      .field("message", view.rule.message)
      .field("description", view.rule.description)
      .field("enabled", view.rule.enabled)
      .field("own", view.own)
      .field("scope", policy::to_string(view.scope))
      .field("scope_name", view.scope_name)
      .end_object();
}

}  // namespace preloop::api
