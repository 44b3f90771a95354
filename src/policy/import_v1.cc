#include "policy/import_v1.h"

#include "core/text.h"
#include "policy/simple_condition.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {
namespace {

using core::YamlNode;
using Kind = YamlNode::Kind;

class Importer {
 public:
  explicit Importer(YamlReader& reader) : reader_(reader) {}

  Document run(const YamlNode& root) {
    Given& given = document_.given;
    given = {.metadata = root.find("metadata") != nullptr,
             .teams = false,
             .workflows = root.find("approval_workflows") != nullptr,
             .rules = root.find("tools") != nullptr,
             .tools = root.find("tools") != nullptr,
             .agents = false,
             .keys = false,
             .defaults = root.find("defaults") != nullptr,
             .tests = false,
             .not_enforced = false};
    known(root,
          "the document",
          {"version", "metadata", "mcp_servers", "approval_workflows", "tools", "defaults"},
          {"model_io", "sensitive_data"});
    if (const YamlNode* const node = root.find("metadata"); node != nullptr) {
      metadata(*node);
    }
    if (const YamlNode* const node = root.find("mcp_servers")) {
      document_.servers.emplace();
      for (const YamlNode& server : reader_.sequence(*node, "mcp_servers")) {
        this->server(server);
      }
    }
    if (const YamlNode* const node = root.find("approval_workflows")) {
      for (const YamlNode& workflow : reader_.sequence(*node, "approval_workflows")) {
        this->workflow(workflow);
      }
    }
    if (const YamlNode* const node = root.find("tools")) {
      for (const YamlNode& tool : reader_.sequence(*node, "tools")) {
        this->tool(tool);
      }
    }
    if (const YamlNode* const node = root.find("defaults")) {
      defaults(*node);
    }
    given.not_enforced = !document_.not_enforced.empty();
    given.defaults = given.defaults || document_.defaults.workflow != "default";
    return std::move(document_);
  }

 private:
  using Names = YamlReader::Names;

  /// Remarks keys that mean nothing here. `kept` are blocks stored without being enforced.
  bool known(const YamlNode& node, std::string_view what, Names names, Names kept = {}) {
    if (node.kind != Kind::mapping) {
      reader_.problem(node, fmt::format("{} must be a mapping", what));
      return false;
    }
    for (const auto& [key, value] : node.members) {
      if (std::ranges::find(names, key.text) != names.end()) {
        continue;
      }
      if (std::ranges::find(kept, key.text) != kept.end()) {
        keep(key, key.text, value);
        continue;
      }
      reader_.remark(key,
                     fmt::format("'{}' in {} means nothing here and is left out",
                                 core::printable(key.text, 64),
                                 what));
    }
    return true;
  }

  void keep(const YamlNode& at, const std::string& name, const YamlNode& value) {
    document_.not_enforced[name] = core::to_json(value);
    reader_.remark(at, fmt::format("'{}' is stored and not enforced", name));
  }

  void metadata(const YamlNode& node) {
    if (known(node, "metadata", {"name", "description", "tags"})) {
      document_.name = reader_.optional_text(node, "name");
      document_.description = reader_.optional_text(node, "description");
      document_.tags = reader_.texts(node, "tags");
    }
  }

  /// A name that may stand before a tool's.
  std::string server_name(const YamlNode& at, const std::string& name) {
    std::string out = core::ascii_lower(name);
    for (char& c : out) {
      const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      c = fits ? c : '-';
    }
    out = out.substr(0, 32);
    if (out != name) {
      reader_.remark(at, fmt::format("the server '{}' is called '{}' here", name, out));
    }
    return out;
  }

  /// "${NAME}" was read from that product's own environment; here secrets have a store.
  std::string secret(const YamlNode& at, const std::string& value) {
    std::string name = "imported-token";
    if (value.starts_with("${") && value.ends_with("}")) {
      name = core::ascii_lower(value.substr(2, value.size() - 3));
      std::ranges::replace(name, '_', '-');
    }
    reader_.remark(at,
                   fmt::format("put the credential into the store: preloop secrets set {}", name));
    return "secret:" + name;
  }

  void server(const YamlNode& node) {
    if (!known(node,
               "a server",
               {"name", "url", "transport", "auth_type", "auth_config", "description"})) {
      return;
    }
    catalogue::ServerConfig server;
    server.name = server_name(node, reader_.required_text(node, "name", "a server"));
    const std::string transport = reader_.optional_text(node, "transport");
    if (transport == "stdio" || transport == "sse") {
      keep(node, "mcp_server " + server.name, node);
      return;
    }
    server.transport = catalogue::Transport::streamable_http;
    server.url = reader_.required_text(node, "url", "a server");
    const std::string auth = reader_.optional_text(node, "auth_type");
    const YamlNode* const config = node.find("auth_config");
    if (config != nullptr && config->kind != Kind::mapping) {
      reader_.problem(*config, "auth_config must be a mapping");
      return;
    }
    if (auth == "bearer" && config != nullptr) {
      server.bearer_token = secret(*config, reader_.optional_text(*config, "token"));
    } else if (auth == "api_key" && config != nullptr) {
      const std::string header = reader_.optional_text(*config, "key_name");
      server.headers.emplace_back(header.empty() ? "X-API-Key" : header,
                                  secret(*config, reader_.optional_text(*config, "api_key")));
    } else if (!auth.empty() && auth != "none") {
      reader_.remark(node, fmt::format("auth_type '{}' is not imported", auth));
    }
    document_.servers->push_back(std::move(server));
  }

  void workflow(const YamlNode& node) {
    if (!known(node,
               "a workflow",
               {"name",
                "description",
                "timeout_seconds",
                "require_reason",
                "is_default",
                "workflow_type",
                "approvals_required",
                "approver_users",
                "approver_teams",
                "escalation_users",
                "escalation_teams",
                "approval_type",
                "async_approval"})) {
      return;
    }
    WorkflowText workflow;
    workflow.at = {node.line, node.column};
    workflow.name = reader_.required_text(node, "name", "a workflow");
    workflow.description = reader_.optional_text(node, "description");
    workflow.timeout = reader_.integer(node, "timeout_seconds", 300, 1, 30 * 24 * 3600);
    workflow.quorum = reader_.integer(node, "approvals_required", 1, 1, 10);
    workflow.require_reason = reader_.boolean(node, "require_reason", false);
    workflow.async = reader_.boolean(node, "async_approval", false);
    for (const std::string_view key : {"approver_teams", "approver_users"}) {
      std::ranges::copy(reader_.texts(node, key), std::back_inserter(workflow.approvers));
    }
    EscalationText level{.after = workflow.timeout, .approvers = {}, .timeout = workflow.timeout};
    for (const std::string_view key : {"escalation_teams", "escalation_users"}) {
      std::ranges::copy(reader_.texts(node, key), std::back_inserter(level.approvers));
    }
    if (!level.approvers.empty()) {
      workflow.escalation.push_back(std::move(level));
    }
    if (reader_.optional_text(node, "approval_type") == "ai_driven") {
      reader_.remark(node, "people decide here: the model's part of 'ai_driven' is left out");
    }
    if (const std::string type = reader_.optional_text(node, "workflow_type");
        !type.empty() && type != "simple") {
      reader_.remark(node, fmt::format("workflow_type '{}' becomes a quorum", type));
    }
    if (reader_.boolean(node, "is_default", false)) {
      document_.defaults.workflow = workflow.name;
    }
    document_.workflows.push_back(std::move(workflow));
  }

  /// "server/tool" when the source names a server.
  std::string tool_name(const YamlNode& node) {
    std::string name = reader_.required_text(node, "name", "a tool");
    const std::string source = reader_.optional_text(node, "source");
    if (source.empty() || source == "builtin" || source == "mcp") {
      return name;
    }
    if (source == "http" || source == "agent") {
      reader_.remark(node, fmt::format("tools of source '{}' are matched by name alone", source));
      return name;
    }
    return server_name(node, source) + "/" + name;
  }

  void tool(const YamlNode& node) {
    if (!known(node,
               "a tool",
               {"name", "source", "enabled", "approval_workflow", "conditions", "justification"})) {
      return;
    }
    ToolText tool;
    tool.at = {node.line, node.column};
    tool.name = tool_name(node);
    if (!reader_.boolean(node, "enabled", true)) {
      tool.enabled = false;
    }
    const std::string justification = reader_.optional_text(node, "justification");
    tool.justification = justification == "required"   ? Justification::required
                         : justification == "optional" ? Justification::optional
                                                       : Justification::none;
    const std::string workflow = reader_.optional_text(node, "approval_workflow");
    const YamlNode* const conditions = node.find("conditions");
    const auto& list = conditions == nullptr ? k_none : reader_.sequence(*conditions, "conditions");
    for (const YamlNode& condition : list) {
      rule(condition, tool.name, workflow);
    }
    if (list.empty() && !workflow.empty()) {
      document_.rules.push_back({.tool = tool.name,
                                 .action = Action::require_approval,
                                 .workflow = workflow,
                                 .at = tool.at});
    }
    if (tool.enabled || tool.justification != Justification::none) {
      document_.tools.push_back(std::move(tool));
    }
  }

  void rule(const YamlNode& node, const std::string& tool, const std::string& workflow) {
    if (!known(node, "a condition", {"expression", "action", "condition_type", "description"})) {
      return;
    }
    RuleText rule;
    rule.at = {node.line, node.column};
    rule.tool = tool;
    rule.action = Action::require_approval;
    if (const YamlNode* const action = node.find("action")) {
      rule.action = reader_.action(*action).value_or(Action::deny);
    }
    const std::string description = reader_.optional_text(node, "description");
    (rule.action == Action::deny ? rule.message : rule.description) = description;
    if (rule.action == Action::require_approval) {
      rule.workflow = workflow;
      if (workflow.empty()) {
        reader_.remark(node, "no approval_workflow: the default workflow is asked");
      }
    }
    const std::string expression = reader_.required_text(node, "expression", "a condition");
    if (reader_.optional_text(node, "condition_type") == "cel") {
      rule.when = expression;
    } else if (const auto translated = translate_simple_condition(expression)) {
      if (translated->never) {
        reader_.remark(node, "the condition is never true: the rule is left out");
        return;
      }
      rule.when = translated->when;
      for (const std::string& difference : translated->differences) {
        reader_.remark(node, fmt::format("{} became {}: {}", expression, rule.when, difference));
      }
    } else {
      reader_.problem(*node.find("expression"), translated.error().message);
    }
    document_.rules.push_back(std::move(rule));
  }

  void defaults(const YamlNode& node) {
    if (!known(node,
               "defaults",
               {"unknown_tools", "require_approval_for_new_tools", "default_approval_workflow"})) {
      return;
    }
    if (const YamlNode* const unknown = node.find("unknown_tools")) {
      document_.defaults.unknown_tools = reader_.action(*unknown).value_or(Action::deny);
    }
    if (!reader_.boolean(node, "require_approval_for_new_tools", false)) {
      reader_.remark(node, "new and changed tools need approval here; they were allowed");
    }
    if (node.find("default_approval_workflow") != nullptr) {
      document_.defaults.workflow =
          reader_.required_text(node, "default_approval_workflow", "defaults");
    }
  }

  inline static const std::vector<YamlNode> k_none;

  YamlReader& reader_;
  Document document_;
};

}  // namespace

bool is_version_1(const YamlNode& root) {
  const YamlNode* const version = root.find("version");
  return root.kind == Kind::mapping && version != nullptr &&
         (version->text == "1.0" || version->text == "1");
}

Document import_version_1(YamlReader& reader, const YamlNode& root) {
  return Importer(reader).run(root);
}

}  // namespace preloop::policy
