#pragma once
#include "policy/document.h"
#include "policy/yaml_reader.h"

namespace preloop::policy {

// Parts of a document, each from its node. Internal to document_*.cc and import_v1.cc.

RuleText read_rule(YamlReader& reader, const core::YamlNode& node);
std::vector<RuleText> read_rules(YamlReader& reader, const core::YamlNode& node);
ToolText read_tool(YamlReader& reader, const core::YamlNode& node);
/// Beside a rule `tool` may be left out: it means the tool of the rule.
TestText read_test(YamlReader& reader, const core::YamlNode& node, bool beside_a_rule);
WorkflowText read_workflow(YamlReader& reader, const core::YamlNode& node);
ScopeTexts read_scopes(YamlReader& reader, const core::YamlNode& node, std::string_view what);
catalogue::ServerConfig read_server(YamlReader& reader, const core::YamlNode& node);

/// One document of the short form, added to `document`.
void read_short_rule(YamlReader& reader, const core::YamlNode& root, Document& document);
bool is_short_rule(const core::YamlNode& root);

}  // namespace preloop::policy
