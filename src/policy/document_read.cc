#include "core/json_writer.h"
#include "core/text.h"
#include "core/yaml.h"
#include "policy/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace preloop::policy {
namespace {

using core::YamlNode;
using Kind = YamlNode::Kind;

constexpr std::size_t k_max_problems = 50;
constexpr std::size_t k_max_items = 10'000;

/// Reads nodes and collects every problem instead of stopping at the first.
class Reader {
 public:
  std::vector<core::ErrorDetail> problems;

  void problem(const YamlNode& at, std::string message) {
    if (problems.size() < k_max_problems) {
      problems.push_back({at.place({}), std::move(message)});
    }
  }

  /// Checks that `node` is a mapping with known keys. `unenforced` are words of the language that
  /// this version could only ignore.
  bool mapping(const YamlNode& node,
               std::string_view what,
               std::initializer_list<std::string_view> known,
               std::initializer_list<std::string_view> unenforced = {}) {
    if (node.kind != Kind::mapping) {
      problem(node, fmt::format("{} must be a mapping", what));
      return false;
    }
    for (const auto& [key, value] : node.members) {
      if (std::ranges::find(known, key.text) != known.end()) {
        continue;
      }
      if (std::ranges::find(unenforced, key.text) != unenforced.end()) {
        problem(key,
                fmt::format("'{}' is not enforced by this version, so it is refused rather "
                            "than ignored; remove it",
                            key.text));
        continue;
      }
      const std::string_view near = core::nearest_name(key.text, std::vector(known));
      problem(
          key,
          fmt::format("unknown key '{}' in {}{}",
                      core::printable(key.text, 64),
                      what,
                      near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near)));
    }
    return true;
  }

  std::string text(const YamlNode& node, std::string_view what) {
    if (node.kind != Kind::scalar || node.is_null()) {
      problem(node, fmt::format("{} must be text", what));
      return {};
    }
    return node.text;
  }
  std::string optional_text(const YamlNode& parent, std::string_view key) {
    const YamlNode* const node = parent.find(key);
    return node == nullptr ? std::string() : text(*node, key);
  }
  std::string required_text(const YamlNode& parent, std::string_view key, std::string_view what) {
    const YamlNode* const node = parent.find(key);
    if (node == nullptr) {
      problem(parent, fmt::format("{} needs '{}'", what, key));
      return {};
    }
    std::string value = text(*node, key);
    if (value.empty()) {
      problem(*node, fmt::format("'{}' must not be empty", key));
    }
    return value;
  }
  int integer(const YamlNode& parent, std::string_view key, int fallback, int least, int most) {
    const YamlNode* const node = parent.find(key);
    if (node == nullptr) {
      return fallback;
    }
    const auto value = node->as_int();
    if (!value || *value < least || *value > most) {
      problem(*node, fmt::format("'{}' must be a whole number from {} to {}", key, least, most));
      return fallback;
    }
    return static_cast<int>(*value);
  }
  bool boolean(const YamlNode& parent, std::string_view key, bool fallback) {
    const YamlNode* const node = parent.find(key);
    if (node == nullptr) {
      return fallback;
    }
    const auto value = node->as_bool();
    if (!value) {
      problem(*node, fmt::format("'{}' must be true or false", key));
    }
    return value.value_or(fallback);
  }
  std::optional<Action> action(const YamlNode& node) {
    if (node.kind == Kind::scalar && node.text == "observe") {
      problem(node,
              "'observe' is not enforced by this version, so it is refused rather than ignored");
      return std::nullopt;
    }
    const auto value = node.kind == Kind::scalar ? parse_action(node.text) : std::nullopt;
    if (!value) {
      problem(node, "must be allow, deny or require_approval");
    }
    return value;
  }
  /// The elements of a sequence; nothing (and a problem) for any other node.
  const std::vector<YamlNode>& sequence(const YamlNode& node, std::string_view what) {
    static const std::vector<YamlNode> k_none;
    if (node.is_null()) {
      return k_none;
    }
    if (node.kind != Kind::sequence) {
      problem(node, fmt::format("{} must be a list", what));
      return k_none;
    }
    if (node.elements.size() > k_max_items) {
      problem(node, fmt::format("{} has more than {} entries", what, k_max_items));
      return k_none;
    }
    return node.elements;
  }
  std::vector<std::string> texts(const YamlNode& parent, std::string_view key) {
    std::vector<std::string> out;
    if (const YamlNode* const node = parent.find(key)) {
      for (const YamlNode& element : sequence(*node, key)) {
        out.push_back(text(element, key));
      }
    }
    return out;
  }
};

Position position(const YamlNode& node) {
  return {node.line, node.column};
}

/// The JSON that a YAML value means, for `tests[].args`.
void write_json(core::JsonWriter& out, const YamlNode& node) {
  if (node.kind == Kind::mapping) {
    out.begin_object();
    for (const auto& [key, value] : node.members) {
      out.key(key.text);
      write_json(out, value);
    }
    out.end_object();
  } else if (node.kind == Kind::sequence) {
    out.begin_array();
    for (const YamlNode& element : node.elements) {
      write_json(out, element);
    }
    out.end_array();
  } else if (node.is_null()) {
    out.null();
  } else if (const auto flag = node.as_bool()) {
    out.boolean(*flag);
  } else if (const auto whole = node.as_int()) {
    out.integer(*whole);
  } else if (const auto number = node.as_number()) {
    out.number(*number);
  } else {
    out.string(node.text);
  }
}

RuleText read_rule(Reader& reader, const YamlNode& node) {
  RuleText rule;
  rule.at = position(node);
  if (!reader.mapping(node,
                      "a rule",
                      {"tool", "when", "action", "workflow", "message", "description", "enabled"},
                      {"tagged", "justification", "priority"})) {
    return rule;
  }
  rule.tool = reader.required_text(node, "tool", "a rule");
  rule.when = reader.optional_text(node, "when");
  if (const YamlNode* const action = node.find("action")) {
    rule.action = reader.action(*action).value_or(Action::deny);
  } else {
    reader.problem(node, "a rule needs 'action': allow, deny or require_approval");
  }
  rule.workflow = reader.optional_text(node, "workflow");
  if (!rule.workflow.empty() && rule.action != Action::require_approval) {
    reader.problem(*node.find("workflow"), "'workflow' belongs to require_approval rules only");
  }
  rule.message = reader.optional_text(node, "message");
  rule.description = reader.optional_text(node, "description");
  rule.enabled = reader.boolean(node, "enabled", true);
  return rule;
}

std::vector<RuleText> read_rules(Reader& reader, const YamlNode& node) {
  std::vector<RuleText> rules;
  for (const YamlNode& element : reader.sequence(node, "rules")) {
    rules.push_back(read_rule(reader, element));
  }
  return rules;
}

WorkflowText read_workflow(Reader& reader, const YamlNode& node) {
  WorkflowText workflow;
  workflow.at = position(node);
  if (!reader.mapping(node,
                      "a workflow",
                      {"name",
                       "approvers",
                       "quorum",
                       "timeout",
                       "approval_valid_for",
                       "require_reason",
                       "exclude_agent_owner"},
                      {"escalation", "mode", "channel", "description"})) {
    return workflow;
  }
  workflow.name = reader.required_text(node, "name", "a workflow");
  workflow.approvers = reader.texts(node, "approvers");
  workflow.quorum = reader.integer(node, "quorum", 1, 1, 10);
  workflow.timeout = reader.integer(node, "timeout", 300, 1, 30 * 24 * 3600);
  workflow.approval_valid_for = reader.integer(node, "approval_valid_for", 900, 0, 24 * 3600);
  workflow.require_reason = reader.boolean(node, "require_reason", false);
  workflow.exclude_agent_owner = reader.boolean(node, "exclude_agent_owner", false);
  return workflow;
}

/// A mapping of names to text, in document order.
std::vector<std::pair<std::string, std::string>> read_pairs(Reader& reader,
                                                            const YamlNode& parent,
                                                            std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const YamlNode* const node = parent.find(key);
  if (node == nullptr || node->is_null()) {
    return out;
  }
  if (node->kind != Kind::mapping) {
    reader.problem(*node, fmt::format("'{}' must be a mapping of names to text", key));
    return out;
  }
  for (const auto& [name, value] : node->members) {
    out.emplace_back(name.text, reader.text(value, name.text));
  }
  return out;
}

catalogue::ServerConfig read_server(Reader& reader, const YamlNode& node) {
  catalogue::ServerConfig server;
  if (!reader.mapping(node,
                      "a server",
                      {"name",
                       "transport",
                       "command",
                       "args",
                       "env",
                       "url",
                       "headers",
                       "auth",
                       "call_timeout"})) {
    return server;
  }
  server.name = reader.required_text(node, "name", "a server");
  const std::string transport = reader.required_text(node, "transport", "a server");
  const auto parsed = catalogue::parse_transport(transport);
  if (!parsed && !transport.empty()) {
    reader.problem(*node.find("transport"), "'transport' must be stdio or streamable_http");
  }
  server.transport = parsed.value_or(catalogue::Transport::stdio);
  server.call_timeout = core::seconds(reader.integer(node, "call_timeout", 600, 1, 24 * 3600));
  const bool stdio = server.transport == catalogue::Transport::stdio;
  for (const std::string_view key : {"url", "headers", "auth"}) {
    if (stdio && node.find(key) != nullptr) {
      reader.problem(*node.find(key), fmt::format("'{}' does not apply to a stdio server", key));
    }
  }
  for (const std::string_view key : {"command", "args", "env"}) {
    if (!stdio && node.find(key) != nullptr) {
      reader.problem(*node.find(key), fmt::format("'{}' applies to stdio servers only", key));
    }
  }
  if (stdio) {
    server.command = reader.required_text(node, "command", "a stdio server");
    server.args = reader.texts(node, "args");
    server.env = read_pairs(reader, node, "env");
  } else {
    server.url = reader.required_text(node, "url", "a streamable_http server");
    server.headers = read_pairs(reader, node, "headers");
    if (const YamlNode* const auth = node.find("auth");
        auth != nullptr &&
        reader.mapping(*auth, "auth", {"type", "token"}, {"client_id", "scopes"})) {
      const std::string type = reader.required_text(*auth, "type", "auth");
      if (type == "bearer") {
        server.bearer_token = reader.required_text(*auth, "token", "bearer auth");
      } else if (type != "none" && !type.empty()) {
        reader.problem(*auth->find("type"), "auth 'type' must be bearer or none");
      }
    }
  }
  // A document is stored, exported and kept in version control: only references to secrets belong.
  if (!server.bearer_token.empty() && !server.bearer_token.starts_with("secret:")) {
    reader.problem(*node.find("auth"),
                   "a token must not stand in a policy; store it with `preloop secrets set NAME` "
                   "and write \"secret:NAME\"");
  }
  return server;
}

ToolText read_tool(Reader& reader, const YamlNode& node) {
  ToolText tool;
  tool.at = position(node);
  if (!reader.mapping(
          node, "a tool", {"name", "enabled", "arguments"}, {"redact", "justification"})) {
    return tool;
  }
  tool.name = reader.required_text(node, "name", "a tool");
  if (node.find("enabled") != nullptr) {
    tool.enabled = reader.boolean(node, "enabled", true);
  }
  if (const YamlNode* const mode = node.find("arguments")) {
    if (mode->text == "strict") {
      tool.arguments = catalogue::ArgumentsMode::strict;
    } else if (mode->text == "lenient") {
      tool.arguments = catalogue::ArgumentsMode::lenient;
    } else {
      reader.problem(*mode, "'arguments' must be strict or lenient");
    }
  }
  return tool;
}

TestText read_test(Reader& reader, const YamlNode& node) {
  TestText test;
  test.at = position(node);
  if (!reader.mapping(node, "a test", {"tool", "args", "expect", "agent"})) {
    return test;
  }
  test.tool = reader.required_text(node, "tool", "a test");
  test.agent = reader.optional_text(node, "agent");
  test.args = "{}";
  if (const YamlNode* const args = node.find("args")) {
    if (args->kind != Kind::mapping) {
      reader.problem(*args, "'args' must be a mapping");
    } else {
      test.args.clear();
      core::JsonWriter writer(test.args);
      write_json(writer, *args);
    }
  }
  if (const YamlNode* const expect = node.find("expect")) {
    test.expect = reader.action(*expect).value_or(Action::deny);
  } else {
    reader.problem(node, "a test needs 'expect': allow, deny or require_approval");
  }
  return test;
}

DefaultsText read_defaults(Reader& reader, const YamlNode& node) {
  DefaultsText defaults;
  if (!reader.mapping(node,
                      "defaults",
                      {"unknown_tools",
                       "no_match",
                       "new_tools",
                       "workflow",
                       "require_approval_for_new_tools"})) {
    return defaults;
  }
  const auto action = [&](std::string_view key, Action& out) {
    if (const YamlNode* const value = node.find(key)) {
      out = reader.action(*value).value_or(Action::deny);
    }
  };
  action("unknown_tools", defaults.unknown_tools);
  action("no_match", defaults.no_match);
  action("new_tools", defaults.new_tools);
  if (reader.boolean(node, "require_approval_for_new_tools", false)) {
    defaults.new_tools = Action::require_approval;
  }
  if (node.find("workflow") != nullptr) {
    defaults.workflow = reader.required_text(node, "workflow", "defaults");
  }
  return defaults;
}

std::map<std::string, std::vector<RuleText>> read_scope(Reader& reader,
                                                        const YamlNode& node,
                                                        std::string_view what) {
  std::map<std::string, std::vector<RuleText>> out;
  if (node.kind != Kind::mapping) {
    reader.problem(node, fmt::format("scopes.{} must be a mapping of names", what));
    return out;
  }
  for (const auto& [name, value] : node.members) {
    if (reader.mapping(value, "a scope", {"rules"}, {"allowed_models", "budgets"})) {
      if (const YamlNode* const rules = value.find("rules")) {
        out[name.text] = read_rules(reader, *rules);
      }
    }
  }
  return out;
}

Document read_version_2(Reader& reader, const YamlNode& root) {
  Document document;
  if (!reader.mapping(root,
                      "a policy document",
                      {"version",
                       "metadata",
                       "servers",
                       "workflows",
                       "rules",
                       "tools",
                       "scopes",
                       "defaults",
                       "tests"},
                      {"teams", "model_io", "sensitive_data", "variables"})) {
    return document;
  }
  const YamlNode* const version = root.find("version");
  if (version == nullptr || version->text != "2") {
    reader.problem(version == nullptr ? root : *version, "'version: 2' is what this server reads");
  }
  if (const YamlNode* const metadata = root.find("metadata");
      metadata != nullptr &&
      reader.mapping(*metadata, "metadata", {"name", "description", "tags"})) {
    document.name = reader.optional_text(*metadata, "name");
    document.description = reader.optional_text(*metadata, "description");
    document.tags = reader.texts(*metadata, "tags");
  }
  if (const YamlNode* const servers = root.find("servers")) {
    document.servers.emplace();
    for (const YamlNode& node : reader.sequence(*servers, "servers")) {
      document.servers->push_back(read_server(reader, node));
    }
  }
  if (const YamlNode* const workflows = root.find("workflows")) {
    for (const YamlNode& node : reader.sequence(*workflows, "workflows")) {
      document.workflows.push_back(read_workflow(reader, node));
    }
  }
  if (const YamlNode* const rules = root.find("rules")) {
    document.rules = read_rules(reader, *rules);
  }
  if (const YamlNode* const tools = root.find("tools")) {
    for (const YamlNode& node : reader.sequence(*tools, "tools")) {
      document.tools.push_back(read_tool(reader, node));
    }
  }
  if (const YamlNode* const scopes = root.find("scopes");
      scopes != nullptr && reader.mapping(*scopes, "scopes", {"agents", "keys"})) {
    if (const YamlNode* const agents = scopes->find("agents")) {
      document.agent_rules = read_scope(reader, *agents, "agents");
    }
    if (const YamlNode* const keys = scopes->find("keys")) {
      document.key_rules = read_scope(reader, *keys, "keys");
    }
  }
  if (const YamlNode* const defaults = root.find("defaults")) {
    document.defaults = read_defaults(reader, *defaults);
  }
  if (const YamlNode* const tests = root.find("tests")) {
    for (const YamlNode& node : reader.sequence(*tests, "tests")) {
      document.tests.push_back(read_test(reader, node));
    }
  }
  return document;
}

/// The documentation's short form: each document is one require_approval rule. Rules that name
/// approvers, a quorum or a timeout get a workflow of their own, named after the tool.
void read_short_rule(Reader& reader, const YamlNode& root, Document& document) {
  if (!reader.mapping(root,
                      "a short rule",
                      {"tool", "condition", "approvers", "quorum", "timeout", "action", "message"},
                      {"escalation"})) {
    return;
  }
  RuleText rule;
  rule.at = position(root);
  rule.tool = reader.required_text(root, "tool", "a short rule");
  rule.when = reader.optional_text(root, "condition");
  rule.action = Action::require_approval;
  if (const YamlNode* const action = root.find("action")) {
    rule.action = reader.action(*action).value_or(Action::deny);
  }
  rule.message = reader.optional_text(root, "message");
  if (root.find("approvers") != nullptr || root.find("quorum") != nullptr ||
      root.find("timeout") != nullptr) {
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
    workflow.timeout = reader.integer(root, "timeout", 300, 1, 30 * 24 * 3600);
    rule.workflow = workflow.name;
    document.workflows.push_back(std::move(workflow));
  }
  document.rules.push_back(std::move(rule));
}

}  // namespace

core::Result<Document> parse_document(std::string_view yaml) {
  PRELOOP_TRY(const std::vector<YamlNode> roots, core::parse_yaml(yaml));
  Reader reader;
  Document document;
  const auto is_short = [](const YamlNode& node) {
    return node.kind == Kind::mapping && node.find("version") == nullptr &&
           node.find("tool") != nullptr;
  };
  if (!roots.empty() && std::ranges::all_of(roots, is_short)) {
    for (const YamlNode& root : roots) {
      read_short_rule(reader, root, document);
    }
  } else if (roots.size() == 1) {
    document = read_version_2(reader, roots.front());
  } else {
    return core::fail(
        core::Code::invalid_argument,
        roots.empty() ? "the policy is empty" : "only the short form may have several documents");
  }
  if (!reader.problems.empty()) {
    const core::ErrorDetail first = reader.problems.front();
    return core::fail(
        core::Code::invalid_argument,
        reader.problems.size() == 1
            ? fmt::format("{}: {}", first.path, first.message)
            : fmt::format(
                  "{}: {} (and {} more)", first.path, first.message, reader.problems.size() - 1),
        std::move(reader.problems));
  }
  return document;
}

}  // namespace preloop::policy
