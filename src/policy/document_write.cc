#include "core/yaml.h"
#include "policy/document.h"
#include "policy/document_text.h"

#include <fmt/format.h>

namespace preloop::policy {
namespace {

using core::yaml_scalar;

std::string list_text(const std::vector<std::string>& values) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += i > 0 ? ", " : "";
    out += yaml_scalar(values[i]);
  }
  return out + "]";
}

/// One mapping in flow style: `{a: b, c: d}`, leaving out what is empty.
class Flow {
 public:
  explicit Flow(std::string& out) : out_(out) { out_ += "{"; }
  ~Flow() { out_ += "}"; }
  void raw(std::string_view key, std::string_view value) {
    out_ += first_ ? "" : ", ";
    first_ = false;
    out_ += key;
    out_ += ": ";
    out_ += value;
  }
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) {
      raw(key, yaml_scalar(value));
    }
  }
  void list(std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) {
      raw(key, list_text(values));
    }
  }
  void pairs(std::string_view key, const std::vector<std::pair<std::string, std::string>>& values) {
    if (values.empty()) {
      return;
    }
    std::string inner = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
      inner += i > 0 ? ", " : "";
      inner += yaml_scalar(values[i].first) + ": " + yaml_scalar(values[i].second);
    }
    raw(key, inner + "}");
  }

 private:
  std::string& out_;
  bool first_ = true;
};

/// A line of its own for each rule, so that a version's differences read well.
void write_scopes(std::string& out, std::string_view key, const ScopeTexts& scopes) {
  if (scopes.empty()) {
    return;
  }
  out += fmt::format("  {}:\n", key);
  for (const auto& [name, scope] : scopes) {
    out += fmt::format(
        "    {}:\n      rules:{}\n", yaml_scalar(name), scope.rules.empty() ? " []" : "");
    for (const RuleText& rule : scope.rules) {
      out += fmt::format("        - {}\n", flow_text(rule));
    }
    if (!scope.tools.empty()) {
      out += "      tools:\n";
      for (const ToolText& tool : scope.tools) {
        out += fmt::format("        - {}\n", flow_text(tool));
      }
    }
    if (scope.allowed_models) {
      out += fmt::format("      allowed_models: {}\n", models_text(*scope.allowed_models));
    }
  }
}

void write_justification(Flow& flow, Justification justification) {
  if (justification != Justification::none) {
    flow.raw("justification", to_string(justification));
  }
}

std::string escalation_text(const std::vector<EscalationText>& levels) {
  std::string out = "[";
  for (const EscalationText& level : levels) {
    out += out.size() > 1 ? ", " : "";
    Flow flow(out);
    flow.raw("after", std::to_string(level.after));
    flow.list("approvers", level.approvers);
    flow.raw("timeout", std::to_string(level.timeout));
  }
  return out + "]";
}

std::string alternatives_text(const std::vector<AlternativeText>& alternatives) {
  std::string out = "[";
  for (const AlternativeText& other : alternatives) {
    out += out.size() > 1 ? ", " : "";
    Flow flow(out);
    flow.list("approvers", other.approvers);
    flow.raw("quorum", std::to_string(other.quorum));
    if (other.require_reason) {
      flow.raw("require_reason", "true");
    }
  }
  return out + "]";
}

template <class T>
void write_entries(std::string& out, std::string_view key, const std::vector<T>& entries) {
  if (!entries.empty()) {
    out += fmt::format("{}:\n", key);
    for (const T& entry : entries) {
      out += fmt::format("  - {}\n", flow_text(entry));
    }
  }
}

}  // namespace

std::string flow_text(const RuleText& rule) {
  std::string out;
  {
    Flow flow(out);
    flow.text("tool", rule.tool);
    flow.list("tagged", rule.tagged);
    flow.text("when", rule.when);
    flow.raw("action", rule.observes ? "observe" : to_string(rule.action));
    flow.text("workflow", rule.workflow);
    flow.text("message", rule.message);
    flow.text("description", rule.description);
    write_justification(flow, rule.justification);
    if (!rule.enabled) {
      flow.raw("enabled", "false");
    }
    if (!rule.tests.empty()) {
      std::string tests = "[";
      for (const TestText& test : rule.tests) {
        tests += tests.size() > 1 ? ", " : "";
        tests += flow_text(test);
      }
      flow.raw("tests", tests + "]");
    }
  }
  return out;
}

std::string flow_text(const catalogue::ServerConfig& server) {
  std::string out;
  {
    Flow flow(out);
    flow.text("name", server.name);
    flow.raw("transport", to_string(server.transport));
    flow.text("command", server.command);
    flow.list("args", server.args);
    flow.pairs("env", server.env);
    flow.text("url", server.url);
    flow.pairs("headers", server.headers);
    if (!server.bearer_token.empty()) {
      flow.raw("auth", "{type: bearer, token: " + yaml_scalar(server.bearer_token) + "}");
    }
    if (server.call_timeout != catalogue::ServerConfig{}.call_timeout) {
      flow.raw("call_timeout", std::to_string(server.call_timeout.count()));
    }
  }
  return out;
}

std::string flow_text(const WorkflowText& workflow) {
  const WorkflowText normal;
  std::string out;
  {
    Flow flow(out);
    flow.text("name", workflow.name);
    flow.text("description", workflow.description);
    flow.list("approvers", workflow.approvers);
    if (workflow.quorum != normal.quorum) {
      flow.raw("quorum", std::to_string(workflow.quorum));
    }
    if (workflow.timeout != normal.timeout) {
      flow.raw("timeout", std::to_string(workflow.timeout));
    }
    if (workflow.approval_valid_for != normal.approval_valid_for) {
      flow.raw("approval_valid_for", std::to_string(workflow.approval_valid_for));
    }
    if (workflow.require_reason) {
      flow.raw("require_reason", "true");
    }
    if (workflow.exclude_agent_owner) {
      flow.raw("exclude_agent_owner", "true");
    }
    if (!workflow.alternatives.empty()) {
      flow.raw("alternatives", alternatives_text(workflow.alternatives));
    }
    if (workflow.decline != normal.decline) {
      flow.raw("decline", to_string(workflow.decline));
    }
    if (!workflow.escalation.empty()) {
      flow.raw("escalation", escalation_text(workflow.escalation));
    }
    if (workflow.async) {
      flow.raw("mode", "async");
    }
  }
  return out;
}

std::string flow_text(const ToolText& tool) {
  std::string out;
  {
    Flow flow(out);
    flow.text("name", tool.name);
    if (tool.enabled) {
      flow.raw("enabled", *tool.enabled ? "true" : "false");
    }
    if (tool.arguments) {
      flow.raw("arguments",
               *tool.arguments == catalogue::ArgumentsMode::strict ? "strict" : "lenient");
    }
    write_justification(flow, tool.justification);
    if (!tool.redact.empty()) {
      std::string redact;
      {
        Flow inner(redact);
        inner.list("result", tool.redact.result);
        inner.list("stored", tool.redact.stored);
        inner.list("shown", tool.redact.shown);
      }
      flow.raw("redact", redact);
    }
  }
  return out;
}

std::string flow_text(const DefaultsText& defaults) {
  return fmt::format(
      "{{unknown_tools: {}, no_match: {}, new_tools: {}, workflow: {}}}",
      to_string(defaults.unknown_tools),
      to_string(defaults.no_match),
      defaults.new_tools == Action::deny ? "quarantine" : to_string(defaults.new_tools),
      yaml_scalar(defaults.workflow));
}

std::string flow_text(const TestText& test) {
  std::string out;
  {
    Flow flow(out);
    flow.text("tool", test.tool);
    flow.raw("args", test.args);  // a JSON object is a YAML flow mapping
    flow.raw("expect", to_string(test.expect));
    flow.text("agent", test.agent);
    flow.text("key", test.key);
    flow.text("now", test.now);
  }
  return out;
}

std::string members_text(const std::vector<std::string>& members) {
  return list_text(members);
}

std::string models_text(const std::vector<std::string>& models) {
  return list_text(models);
}

std::string metadata_text(const Document& document) {
  std::string out;
  {
    Flow flow(out);
    flow.text("name", document.name);
    flow.text("description", document.description);
    flow.list("tags", document.tags);
  }
  return out;
}

std::string write_document(const Document& document) {
  std::string out = "version: 2\n";
  if (!document.name.empty() || !document.description.empty() || !document.tags.empty()) {
    out += fmt::format("metadata: {}\n", metadata_text(document));
  }
  if (!document.teams.empty()) {
    out += "teams:\n";
    for (const auto& [name, members] : document.teams) {
      out += fmt::format("  {}: {}\n", yaml_scalar(name), members_text(members));
    }
  }
  if (document.servers && document.servers->empty()) {
    out += "servers: []\n";
  } else if (document.servers) {
    write_entries(out, "servers", *document.servers);
  }
  write_entries(out, "workflows", document.workflows);
  write_entries(out, "rules", document.rules);
  write_entries(out, "tools", document.tools);
  if (!document.agents.empty() || !document.keys.empty()) {
    out += "scopes:\n";
    write_scopes(out, "agents", document.agents);
    write_scopes(out, "keys", document.keys);
  }
  out += fmt::format("defaults: {}\n", flow_text(document.defaults));
  write_entries(out, "tests", document.tests);
  if (!document.not_enforced.empty()) {
    out += "not_enforced:\n";
    for (const auto& [name, block] : document.not_enforced) {
      out += fmt::format("  {}: {}\n", yaml_scalar(name), block);  // JSON is YAML
    }
  }
  return out;
}

}  // namespace preloop::policy
