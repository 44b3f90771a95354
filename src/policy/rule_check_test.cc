#include "policy/rule_check.h"

#include "catalogue/definition.h"
#include "policy/decide.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace preloop::policy {
namespace {

constexpr std::string_view k_deploy =
    R"({"name":"deploy","inputSchema":{"type":"object","properties":{"environment":{"enum":["dev","production"]},"replicas":{"type":"integer"}},"required":["environment"],"additionalProperties":false}})";
constexpr std::string_view k_renamed =
    R"({"name":"deploy","inputSchema":{"type":"object","properties":{"target":{"enum":["dev","production"]}},"required":["target"],"additionalProperties":false}})";

catalogue::Tool tool_of(std::string_view definition, const std::string& server = "ops") {
  const auto parsed = core::JsonDocument::parse(std::string(definition));
  auto tool = catalogue::read_definition(parsed->root(), definition);
  REQUIRE(tool);
  tool->server_name = server;
  tool->exposed_name = server + "__" + tool->name;
  return std::move(*tool);
}

catalogue::Catalogue catalogue_of(const std::vector<std::string_view>& definitions) {
  std::vector<catalogue::ToolPtr> tools;
  tools.reserve(definitions.size());
  for (const std::string_view definition : definitions) {
    tools.push_back(std::make_shared<const catalogue::Tool>(tool_of(definition)));
  }
  return {{}, std::move(tools)};
}

Document document_of(std::string_view tool, std::string_view when) {
  Document document;
  RuleText rule;
  rule.tool = tool;
  rule.when = when;
  rule.action = Action::deny;
  document.rules.push_back(std::move(rule));
  return document;
}

TEST_CASE("a saved rule is checked against the tools it names, with place and suggestion") {
  const auto catalogue = catalogue_of({k_deploy});
  const auto found =
      check_rules(document_of("deploy", "args.enviroment == 'production'"), Document{}, catalogue);
  REQUIRE(found.errors.size() == 1);
  CHECK(found.errors[0].path == "/rules/0/when");
  CHECK(found.errors[0].message ==
        "condition: 1:6: there is no 'args.enviroment'; did you mean 'args.environment'? (for "
        "ops__deploy)");
  const auto value =
      check_rules(document_of("deploy", "args.environment == 'prd'"), Document{}, catalogue);
  REQUIRE(value.errors.size() == 1);
  CHECK(value.errors[0].message.find("never \"prd\"") != std::string::npos);
  const auto optional =
      check_rules(document_of("deploy", "args.replicas > 3"), Document{}, catalogue);
  CHECK(optional.errors.empty());
  REQUIRE(optional.warnings.size() == 1);
  const auto fine =
      check_rules(document_of("deploy",
                              "args.environment == 'production' && agent.name != 'ci' && "
                              "!tool.annotations.readOnlyHint && 'x' in agent.tags"),
                  Document{},
                  catalogue);
  CHECK(fine.errors.empty());
  CHECK(fine.warnings.empty());
}

TEST_CASE("a rule with * may suit some of its tools only") {
  const auto catalogue =
      catalogue_of({k_deploy, R"({"name":"x","inputSchema":{"type":"object"}})"});
  const auto some = check_rules(document_of("*", "args.path == 'x'"), Document{}, catalogue);
  CHECK(some.errors.empty());
  REQUIRE(!some.warnings.empty());
  const auto none = check_rules(document_of("ops/*", "agent.name == 5"), Document{}, catalogue);
  CHECK(none.errors.size() == 1);
}

TEST_CASE("what a changed tool broke in the rules in force does not stop other changes") {
  const Document rules = document_of("deploy", "args.environment == 'production'");
  const auto catalogue = catalogue_of({k_renamed});
  CHECK(check_rules(rules, Document{}, catalogue).errors.size() == 1);
  const auto again = check_rules(rules, rules, catalogue);
  CHECK(again.errors.empty());
  REQUIRE(again.warnings.size() == 1);
  CHECK(again.warnings[0].message.find("counts as an error") != std::string::npos);
}

// surface.md, verdict 4: a rule that no longer checks is an error, whatever would be evaluated.
TEST_CASE("a rule whose tool changed its definition behaves as an error until it is mended") {
  const auto decide_with = [](Action action, std::string_view definition, std::string args) {
    Document document = document_of("deploy", "args.environment == 'production' && false");
    document.rules[0].action = action;
    const auto policy = CompiledPolicy::compile(std::move(document));
    REQUIRE(policy);
    const catalogue::Tool tool = tool_of(definition);
    const auto parsed = core::JsonDocument::parse(std::move(args));
    REQUIRE(parsed);
    CallFacts facts;
    facts.tool = &tool;
    facts.args = parsed->root();
    return decide(**policy, facts);
  };
  const Verdict before = decide_with(Action::deny, k_deploy, R"({"environment":"dev"})");
  CHECK(before.action == Action::allow);
  const Verdict after = decide_with(Action::deny, k_renamed, R"({"target":"dev"})");
  CHECK(after.action == Action::deny);
  CHECK(after.cause == Cause::rule_error);
  REQUIRE(after.rule);
  CHECK(after.rule->error.find("there is no 'args.environment'") != std::string::npos);
  CHECK(decide_with(Action::require_approval, k_renamed, R"({"target":"dev"})").action ==
        Action::require_approval);
  // An allow rule that cannot be relied on allows nothing by itself.
  CHECK(decide_with(Action::allow, k_renamed, R"({"target":"dev"})").cause == Cause::no_match);
}

}  // namespace
}  // namespace preloop::policy
