#include "core/yaml.h"
#include "policy/document.h"
#include "policy/document_parts.h"
#include "policy/import_v1.h"
#include "policy/problems.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::policy {
namespace {

using core::YamlNode;
using Kind = YamlNode::Kind;

DefaultsText read_defaults(YamlReader& reader, const YamlNode& node) {
  DefaultsText defaults;
  defaults.at = {node.line, node.column};
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
  // Quarantine is what denying a tool whose definition nobody accepted is called.
  constexpr Action k_new[] = {Action::allow, Action::require_approval, Action::deny, Action::deny};
  if (const YamlNode* const value = node.find("new_tools")) {
    const auto index =
        reader.choice(*value, "'new_tools'", {"allow", "require_approval", "quarantine", "deny"});
    defaults.new_tools = index ? k_new[*index] : Action::deny;
  }
  if (reader.boolean(node, "require_approval_for_new_tools", false)) {
    if (node.find("new_tools") != nullptr && defaults.new_tools != Action::require_approval) {
      reader.problem(*node.find("require_approval_for_new_tools"),
                     "'require_approval_for_new_tools' contradicts 'new_tools'");
    }
    defaults.new_tools = Action::require_approval;
  }
  if (node.find("workflow") != nullptr) {
    defaults.workflow = reader.required_text(node, "workflow", "defaults");
  }
  return defaults;
}

void read_metadata(YamlReader& reader, const YamlNode& node, Document& document) {
  if (reader.mapping(node, "metadata", {"name", "description", "tags"})) {
    document.name = reader.optional_text(node, "name");
    document.description = reader.optional_text(node, "description");
    document.tags = reader.texts(node, "tags");
  }
}

void read_teams(YamlReader& reader, const YamlNode& node, Document& document) {
  if (node.is_null()) {
    return;
  }
  if (node.kind != Kind::mapping) {
    reader.problem(node, "teams must be a mapping of names to people's addresses");
    return;
  }
  for (const auto& [name, members] : node.members) {
    std::vector<std::string>& team = document.teams[name.text];
    for (const YamlNode& member : reader.sequence(members, "a team")) {
      team.push_back(reader.text(member, "a member of a team"));
      if (team.back().find('@') == std::string::npos) {
        reader.problem(member, "a member of a team must be a person's address");
      }
    }
    if (team.empty()) {
      reader.problem(name, fmt::format("the team '{}' has no members", name.text));
    }
  }
}

void read_not_enforced(YamlReader& reader, const YamlNode& node, Document& document) {
  if (node.kind != Kind::mapping) {
    reader.problem(node, "not_enforced must be a mapping");
    return;
  }
  for (const auto& [name, block] : node.members) {
    document.not_enforced[name.text] = core::to_json(block);
    reader.remark(name, fmt::format("'{}' is stored and not enforced", name.text));
  }
}

template <class T>
void read_list(YamlReader& reader,
               const YamlNode& root,
               std::string_view key,
               bool& given,
               std::vector<T>& out,
               T (*read)(YamlReader&, const YamlNode&)) {
  const YamlNode* const node = root.find(key);
  given = node != nullptr;
  if (given) {
    for (const YamlNode& element : reader.sequence(*node, key)) {
      out.push_back(read(reader, element));
    }
  }
}

Document read_version_2(YamlReader& reader, const YamlNode& root) {
  Document document;
  if (!reader.mapping(root,
                      "a policy document",
                      {"version",
                       "metadata",
                       "teams",
                       "servers",
                       "workflows",
                       "rules",
                       "tools",
                       "scopes",
                       "defaults",
                       "tests",
                       "not_enforced"},
                      {"model_io", "sensitive_data"})) {
    return document;
  }
  const YamlNode* const version = root.find("version");
  if (version == nullptr || version->text != "2") {
    reader.problem(version == nullptr ? root : *version,
                   "'version' must be 2 (or \"1.0\" for an imported document)");
  }
  Given& given = document.given;
  const auto section = [&](std::string_view key, bool& flag) {
    const YamlNode* const node = root.find(key);
    flag = node != nullptr;
    return node;
  };
  if (const YamlNode* const node = section("metadata", given.metadata)) {
    read_metadata(reader, *node, document);
  }
  if (const YamlNode* const node = section("teams", given.teams)) {
    read_teams(reader, *node, document);
  }
  if (const YamlNode* const servers = root.find("servers")) {
    document.servers.emplace();
    for (const YamlNode& node : reader.sequence(*servers, "servers")) {
      document.servers->push_back(read_server(reader, node));
    }
  }
  read_list(reader, root, "workflows", given.workflows, document.workflows, read_workflow);
  read_list(reader, root, "rules", given.rules, document.rules, read_rule);
  read_list(reader, root, "tools", given.tools, document.tools, read_tool);
  given.agents = given.keys = false;
  if (const YamlNode* const scopes = root.find("scopes");
      scopes != nullptr && reader.mapping(*scopes, "scopes", {"agents", "keys"})) {
    const YamlNode* const agents = scopes->find("agents");
    const YamlNode* const keys = scopes->find("keys");
    given.agents = agents != nullptr;
    given.keys = keys != nullptr;
    document.agents = agents == nullptr ? ScopeTexts() : read_scopes(reader, *agents, "agents");
    document.keys = keys == nullptr ? ScopeTexts() : read_scopes(reader, *keys, "keys");
  }
  if (const YamlNode* const node = section("defaults", given.defaults)) {
    document.defaults = read_defaults(reader, *node);
  }
  if (const YamlNode* const node = section("tests", given.tests)) {
    for (const YamlNode& element : reader.sequence(*node, "tests")) {
      document.tests.push_back(read_test(reader, element, false));
    }
  }
  if (const YamlNode* const node = section("not_enforced", given.not_enforced)) {
    read_not_enforced(reader, *node, document);
  }
  return document;
}

}  // namespace

void forget_positions(Document& document) {
  const auto forget_rules = [](std::vector<RuleText>& rules) {
    for (RuleText& rule : rules) {
      rule.at = {};
      for (TestText& test : rule.tests) {
        test.at = {};
      }
    }
  };
  const auto forget = [](auto& entries) {
    for (auto& entry : entries) {
      entry.at = {};
    }
  };
  forget_rules(document.rules);
  forget(document.workflows);
  forget(document.tools);
  forget(document.tests);
  document.defaults.at = {};
  for (ScopeTexts* const scopes : {&document.agents, &document.keys}) {
    for (auto& [name, scope] : *scopes) {
      scope.at = {};
      forget_rules(scope.rules);
      forget(scope.tools);
    }
  }
}

core::Result<Document> parse_document(std::string_view yaml) {
  PRELOOP_TRY(const std::vector<YamlNode> roots, core::parse_yaml(yaml));
  YamlReader reader;
  Document document;
  if (!roots.empty() && std::ranges::all_of(roots, is_short_rule)) {
    document.given = {.metadata = false,
                      .teams = false,
                      .workflows = false,
                      .rules = true,
                      .tools = false,
                      .agents = false,
                      .keys = false,
                      .defaults = false,
                      .tests = false,
                      .not_enforced = false};
    for (const YamlNode& root : roots) {
      read_short_rule(reader, root, document);
    }
    document.given.workflows = !document.workflows.empty();
  } else if (roots.size() == 1) {
    document = is_version_1(roots.front()) ? import_version_1(reader, roots.front())
                                           : read_version_2(reader, roots.front());
  } else {
    return core::fail(
        core::Code::invalid_argument,
        roots.empty() ? "the policy is empty" : "only the short form may have several documents");
  }
  if (!reader.problems.empty()) {
    return std::unexpected(error_of(std::move(reader.problems)));
  }
  document.remarks.list = std::move(reader.remarks);
  return document;
}

}  // namespace preloop::policy
