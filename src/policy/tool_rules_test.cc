#include "policy/tool_rules.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace preloop::policy {
namespace {

const ToolSubject k_pay{.server = "bank", .name = "pay", .bare_name_is_own = true};

Document read(std::string_view yaml) {
  auto document = parse_document(yaml);
  REQUIRE_MESSAGE(document.has_value(), yaml);
  return *document;
}

RuleText rule(std::string when, Action action) {
  RuleText out;
  out.tool = k_pay.qualified();
  out.when = std::move(when);
  out.action = action;
  return out;
}

std::vector<std::string> lines(const std::vector<RuleText>& rules) {
  std::vector<std::string> out;
  out.reserve(rules.size());
  for (const RuleText& one : rules) {
    out.push_back(one.tool + " " + one.when + " " + std::string(to_string(one.action)));
  }
  return out;
}

TEST_CASE("a tool's own rules are replaced where the first of them stood") {
  Document document = read(R"(version: 2
rules:
  - {tool: get_balance, action: allow}
  - {tool: pay, when: "args.a", action: allow}
  - {tool: "*", action: require_approval}
  - {tool: bank/pay, action: deny}
)");
  REQUIRE(set_tool_rules(document,
                         k_pay,
                         {.scope = Scope::account,
                          .scope_name = {},
                          .rules = {rule("args.b", Action::deny), rule("", Action::allow)},
                          .enabled = {}}));
  CHECK(lines(document.rules) == std::vector<std::string>{"get_balance  allow",
                                                          "bank/pay args.b deny",
                                                          "bank/pay  allow",
                                                          "*  require_approval"});
}

TEST_CASE("a tool's first own rule stands in front of what would win over it") {
  Document document = read(R"(version: 2
rules:
  - {tool: get_balance, action: allow}
  - {tool: "bank/*", action: deny}
)");
  REQUIRE(set_tool_rules(document, k_pay, {.rules = {rule("", Action::allow)}}));
  CHECK(lines(document.rules) ==
        std::vector<std::string>{"get_balance  allow", "bank/pay  allow", "bank/*  deny"});
}

TEST_CASE("with a bare name that two servers have, only the full name is a tool's own") {
  const ToolSubject shared{.server = "bank", .name = "pay", .bare_name_is_own = false};
  Document document = read("version: 2\nrules:\n  - {tool: pay, action: deny}\n");
  REQUIRE(set_tool_rules(document, shared, {.rules = {rule("", Action::allow)}}));
  CHECK(lines(document.rules) == std::vector<std::string>{"bank/pay  allow", "pay  deny"});
}

TEST_CASE("a rule that stays keeps its examples") {
  Document document = read(R"(version: 2
rules:
  - {tool: pay, when: "args.amount > 5", action: deny, tests: [{args: {amount: 6}, expect: deny}]}
)");
  REQUIRE(
      set_tool_rules(document,
                     k_pay,
                     {.rules = {rule("", Action::allow), rule("args.amount > 5", Action::deny)}}));
  REQUIRE(document.rules.size() == 2);
  CHECK(document.rules[0].tests.empty());
  CHECK(document.rules[1].tests.size() == 1);
}

TEST_CASE("rules and switch of an agent are its scope's; a scope that says nothing goes") {
  Document document = read("version: 2\nscopes: {agents: {ci: {allowed_models: [small]}}}\n");
  const auto set = [&](Scope scope, std::string name, std::vector<RuleText> rules, bool enabled) {
    return set_tool_rules(document,
                          k_pay,
                          {.scope = scope,
                           .scope_name = std::move(name),
                           .rules = std::move(rules),
                           .enabled = enabled});
  };
  REQUIRE(set(Scope::agent, "ci", {rule("", Action::deny)}, false));
  REQUIRE(set(Scope::key, "nightly", {}, false));
  CHECK(lines(document.agents.at("ci").rules) == std::vector<std::string>{"bank/pay  deny"});
  CHECK(switched_off_for(document.agents, k_pay) == std::vector<std::string>{"ci"});
  CHECK(switched_off_for(document.keys, k_pay) == std::vector<std::string>{"nightly"});
  CHECK(parse_document(write_document(document)) == document);

  REQUIRE(set(Scope::agent, "ci", {}, true));
  REQUIRE(set(Scope::key, "nightly", {}, true));
  CHECK(document.agents.at("ci").rules.empty());
  CHECK(switched_off_for(document.agents, k_pay).empty());
  CHECK(document.agents.contains("ci"));  // its allowed models are still said
  CHECK(document.keys.empty());
}

TEST_CASE("what a wildcard switches off stays off") {
  Document document =
      read("version: 2\nscopes: {agents: {ci: {tools: [{name: 'bank/*', enabled: false}]}}}\n");
  REQUIRE(set_tool_rules(
      document, k_pay, {.scope = Scope::agent, .scope_name = "ci", .rules = {}, .enabled = true}));
  CHECK(switched_off_for(document.agents, k_pay) == std::vector<std::string>{"ci"});
}

TEST_CASE("a scope needs a name, and the account has none") {
  Document document;
  const auto refused = [&](ToolRules next) {
    const core::Status status = set_tool_rules(document, k_pay, std::move(next));
    return !status && status.error().code == core::Code::invalid_argument;
  };
  CHECK(refused({.scope = Scope::agent, .scope_name = {}, .rules = {}, .enabled = {}}));
  CHECK(refused({.scope = Scope::account, .scope_name = "ci", .rules = {}, .enabled = {}}));
  CHECK(refused({.scope = Scope::account, .scope_name = {}, .rules = {}, .enabled = true}));
  CHECK(document == Document());
}

}  // namespace
}  // namespace preloop::policy
