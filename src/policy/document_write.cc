#include "core/json_writer.h"
#include "core/yaml.h"
#include "policy/document.h"

#include <fmt/format.h>

namespace preloop::policy {
namespace {

using core::yaml_scalar;

void write_list(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) {
    return;
  }
  out += key;
  out += ": [";
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += i > 0 ? ", " : "";
    out += yaml_scalar(values[i]);
  }
  out += "]";
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
      out_ += first_ ? "" : ", ";
      first_ = false;
      write_list(out_, key, values);
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

void write_rule(std::string& out, std::string_view indent, const RuleText& rule) {
  out += indent;
  out += "- ";
  {
    Flow flow(out);
    flow.text("tool", rule.tool);
    flow.text("when", rule.when);
    flow.raw("action", to_string(rule.action));
    flow.text("workflow", rule.workflow);
    flow.text("message", rule.message);
    flow.text("description", rule.description);
    if (!rule.enabled) {
      flow.raw("enabled", "false");
    }
  }
  out += "\n";
}

void write_server(std::string& out, const catalogue::ServerConfig& server) {
  out += "  - ";
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
  out += "\n";
}

void write_workflow(std::string& out, const WorkflowText& workflow) {
  const WorkflowText normal;
  out += "  - ";
  {
    Flow flow(out);
    flow.text("name", workflow.name);
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
  }
  out += "\n";
}

void write_scope(std::string& out,
                 std::string_view key,
                 const std::map<std::string, std::vector<RuleText>>& scopes) {
  if (scopes.empty()) {
    return;
  }
  out += fmt::format("  {}:\n", key);
  for (const auto& [name, rules] : scopes) {
    out += fmt::format("    {}:\n      rules:{}\n", yaml_scalar(name), rules.empty() ? " []" : "");
    for (const RuleText& rule : rules) {
      write_rule(out, "        ", rule);
    }
  }
}

}  // namespace

std::string write_document(const Document& document) {
  std::string out = "version: 2\n";
  if (!document.name.empty() || !document.description.empty() || !document.tags.empty()) {
    out += "metadata: ";
    {
      Flow flow(out);
      flow.text("name", document.name);
      flow.text("description", document.description);
      flow.list("tags", document.tags);
    }
    out += "\n";
  }
  if (document.servers) {
    out += document.servers->empty() ? "servers: []\n" : "servers:\n";
    for (const catalogue::ServerConfig& server : *document.servers) {
      write_server(out, server);
    }
  }
  if (!document.workflows.empty()) {
    out += "workflows:\n";
    for (const WorkflowText& workflow : document.workflows) {
      write_workflow(out, workflow);
    }
  }
  if (!document.rules.empty()) {
    out += "rules:\n";
    for (const RuleText& rule : document.rules) {
      write_rule(out, "  ", rule);
    }
  }
  if (!document.tools.empty()) {
    out += "tools:\n";
    for (const ToolText& tool : document.tools) {
      out += "  - ";
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
      }
      out += "\n";
    }
  }
  if (!document.agent_rules.empty() || !document.key_rules.empty()) {
    out += "scopes:\n";
    write_scope(out, "agents", document.agent_rules);
    write_scope(out, "keys", document.key_rules);
  }
  out += fmt::format("defaults: {{unknown_tools: {}, no_match: {}, new_tools: {}, workflow: {}}}\n",
                     to_string(document.defaults.unknown_tools),
                     to_string(document.defaults.no_match),
                     to_string(document.defaults.new_tools),
                     yaml_scalar(document.defaults.workflow));
  if (!document.tests.empty()) {
    out += "tests:\n";
    for (const TestText& test : document.tests) {
      out += "  - ";
      {
        Flow flow(out);
        flow.text("tool", test.tool);
        flow.raw("args", test.args);  // a JSON object is a YAML flow mapping
        flow.raw("expect", to_string(test.expect));
        flow.text("agent", test.agent);
      }
      out += "\n";
    }
  }
  return out;
}

}  // namespace preloop::policy
