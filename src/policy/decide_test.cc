#include "policy/decide.h"

#include "catalogue/definition.h"
#include "policy/compiled_impl.h"
#include "policy/patterns.h"

#include <doctest/doctest.h>

namespace preloop::policy {
namespace {

/// One policy and one tool; `ask` decides a call of it.
struct Table {
  std::shared_ptr<const CompiledPolicy> policy;
  catalogue::Tool tool;
  std::string agent = "example";

  Table(std::string_view yaml, std::string_view definition) {
    auto document = parse_document(yaml);
    REQUIRE_MESSAGE(document, document.error().message);
    auto compiled = CompiledPolicy::compile(std::move(*document));
    REQUIRE_MESSAGE(compiled, compiled.error().message);
    policy = *compiled;
    const auto parsed = core::JsonDocument::parse(std::string(definition));
    auto read = catalogue::read_definition(parsed->root(), definition);
    REQUIRE(read);
    tool = std::move(*read);
    tool.server_name = "bank";
  }

  Verdict ask(std::string args) const {
    const auto parsed = core::JsonDocument::parse(std::move(args));
    REQUIRE(parsed);
    CallFacts facts;
    facts.tool = &tool;
    facts.args = parsed->root();
    facts.agent_name = agent;
    facts.key_name = "laptop";
    return decide(*policy, facts);
  }
  Action action(std::string args) const { return ask(std::move(args)).action; }
};

constexpr std::string_view k_pay =
    R"({"name":"pay","inputSchema":{"type":"object","properties":{"amount":{"type":"number"},"recipient":{"type":"string"}},"required":["amount"]}})";
constexpr std::string_view k_loose = R"({"name":"pay","inputSchema":{"type":"object"}})";
constexpr std::string_view k_payments = R"(version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval}
  - {tool: pay, action: deny, message: "Payments over 1000 are not possible here"}
)";

TEST_CASE("the payment policy") {
  const Table table(k_payments, k_pay);
  CHECK(table.action(R"({"amount":50})") == Action::allow);
  CHECK(table.action(R"({"amount":100.0})") == Action::allow);
  CHECK(table.action(R"({"amount":150})") == Action::require_approval);
  CHECK(table.ask(R"({"amount":150})").workflows.front()->name == "default");
  const Verdict denied = table.ask(R"({"amount":5000})");
  CHECK(denied.action == Action::deny);
  CHECK(denied.message == "Payments over 1000 are not possible here");
  CHECK(denied.rule->position == 3);
}

TEST_CASE("arguments that do not fit the schema are refused before any rule") {
  const Table table(k_payments, k_pay);
  for (const char* args : {R"({"amount":"50"})", R"({})", R"({"amount":[50]})", "[]"}) {
    const Verdict verdict = table.ask(args);
    CHECK(verdict.action == Action::deny);
    CHECK(verdict.cause == Cause::invalid_arguments);
  }
  CHECK(table.ask(R"({"amount":"50"})").message.find("/amount") != std::string::npos);
}

TEST_CASE("a condition that fails tightens: deny and approval match, allow does not") {
  const Table table(k_payments, k_loose);
  // No rule can compare it; the allow rule is skipped, the approval rule matches by its error.
  const Verdict verdict = table.ask(R"({"amount":"50"})");
  CHECK(verdict.action == Action::require_approval);
  CHECK(verdict.cause == Cause::rule_error);
  CHECK(verdict.rule->error != "");
  const Table deny(R"({"version":2,"rules":[{"tool":"pay","when":"args.x > 1","action":"deny"}]})",
                   k_loose);
  CHECK(deny.action("{}") == Action::deny);
  const Table allow(
      R"({"version":2,"rules":[{"tool":"pay","when":"args.x > 1","action":"allow"}],"defaults":{"no_match":"deny"}})",
      k_loose);
  CHECK(allow.ask("{}").cause == Cause::no_match);
  CHECK(allow.action("{}") == Action::deny);
}

TEST_CASE("a condition that answers something else than a bool is an error too") {
  const Table table(R"({"version":2,"rules":[{"tool":"pay","when":"args.x","action":"deny"}]})",
                    k_loose);
  CHECK(table.action(R"({"x":false})") == Action::allow);
  CHECK(table.ask(R"({"x":"false"})").cause == Cause::rule_error);
  CHECK(table.action(R"({"x":"false"})") == Action::deny);
}

TEST_CASE("a schema that cannot be used makes conditions on the arguments errors") {
  const Table table(k_payments, R"({"name":"pay","inputSchema":{"$ref":"https://a.example/b"}})");
  CHECK(table.action(R"({"amount":5})") == Action::require_approval);
  CHECK(table.ask(R"({"amount":5})").cause == Cause::rule_error);
}

TEST_CASE("narrower scopes can only tighten") {
  constexpr std::string_view k_yaml = R"(version: 2
rules: [{tool: pay, action: require_approval}]
scopes:
  agents:
    lax: {rules: [{tool: pay, action: allow}]}
    strict: {rules: [{tool: pay, action: deny, message: "not this agent"}]}
    careful: {rules: [{tool: "*", action: require_approval, workflow: two}]}
workflows: [{name: two, quorum: 2}]
)";
  Table table(k_yaml, k_loose);
  CHECK(table.action("{}") == Action::require_approval);
  table.agent = "lax";
  CHECK(table.action("{}") == Action::require_approval);
  table.agent = "strict";
  CHECK(table.ask("{}").message == "not this agent");
  table.agent = "careful";
  CHECK(table.ask("{}").workflows.size() == 2);
}

TEST_CASE("an allow of a narrower scope does not undo the account's default") {
  Table table(R"(version: 2
defaults: {unknown_tools: deny, no_match: deny}
scopes: {agents: {example: {rules: [{tool: pay, action: allow}]}}}
)",
              k_loose);
  CHECK(table.action("{}") == Action::deny);
}

TEST_CASE("defaults") {
  CHECK(Table("version: 2\n", k_loose).ask("{}").cause == Cause::unknown_tool);
  CHECK(Table("version: 2\n", k_loose).action("{}") == Action::allow);
  CHECK(Table("version: 2\ndefaults: {unknown_tools: require_approval}\n", k_loose).action("{}") ==
        Action::require_approval);
  Table pinned("version: 2\n", k_loose);
  pinned.tool.pin = catalogue::PinState::changed;
  CHECK(pinned.ask("{}").cause == Cause::new_tool);
  CHECK(pinned.action("{}") == Action::require_approval);
}

TEST_CASE("tools can be switched off and read leniently") {
  CHECK(Table("version: 2\ntools: [{name: bank/pay, enabled: false}]\n", k_pay).ask("{}").cause ==
        Cause::tool_disabled);
  CHECK(Table("version: 2\ntools: [{name: pay, arguments: lenient}]\n", k_pay).action("{}") ==
        Action::allow);
}

TEST_CASE("patterns") {
  const auto matches =
      [](std::string_view pattern, std::string_view server, std::string_view tool) {
        return ToolPattern::parse(pattern)->matches(server, tool);
      };
  CHECK(matches("pay", "bank", "pay"));
  CHECK_FALSE(matches("pay", "bank", "payout"));
  CHECK(matches("bank/*", "bank", "a/b"));
  CHECK_FALSE(matches("bank/*", "shop", "pay"));
  CHECK(matches("get_*_list", "x", "get_user_list"));
  CHECK_FALSE(matches("get_*_list", "x", "get_list"));
  CHECK(matches("*", "x", "anything"));
  CHECK_FALSE(ToolPattern::parse(""));
  CHECK_FALSE(ToolPattern::parse("a_b/x"));
}

TEST_CASE("what does not compile is refused when it is saved") {
  const auto problem = [](std::string_view yaml) {
    auto document = parse_document(yaml);
    REQUIRE_MESSAGE(document, document.error().message);
    const auto compiled = CompiledPolicy::compile(std::move(*document));
    return compiled ? std::string() : compiled.error().message;
  };
  CHECK(problem("version: 2\nrules: [{tool: a, when: 'args.x >', action: deny}]\n") != "");
  CHECK(problem("version: 2\nrules: [{tool: a, when: 'arg.x', action: deny}]\n").find("args") !=
        std::string::npos);
  CHECK(problem("version: 2\nrules: [{tool: a, when: 'sesion.calls > 1', action: deny}]\n")
            .find("session") != std::string::npos);
  CHECK(problem("version: 2\nrules: [{tool: a, action: require_approval, workflow: w}]\n")
            .find("no workflow 'w'") != std::string::npos);
  CHECK(problem("version: 2\nworkflows: [{name: a, approvers: [sre_team]}]\n").find("sre_team") !=
        std::string::npos);
  CHECK(problem("version: 2\nworkflows: [{name: a}, {name: a}]\n").find("two workflows") !=
        std::string::npos);
}

TEST_CASE("an explanation names every rule and what it said") {
  const Table table(k_payments, k_pay);
  const auto args = core::JsonDocument::parse(R"({"amount":150})");
  CallFacts facts;
  facts.tool = &table.tool;
  facts.args = args->root();
  const Explanation explanation = explain(*table.policy, facts);
  REQUIRE(explanation.steps.size() == 3);
  CHECK(explanation.steps[0].result == Step::Result::not_matched);
  CHECK(explanation.steps[1].result == Step::Result::matched);
  CHECK(explanation.steps[2].result == Step::Result::also_matched);
  CHECK(explanation.verdict.action == Action::require_approval);
}

TEST_CASE("conditions read the tool, the agent, the key and the time") {
  Table table(R"yaml(version: 2
rules:
  - {tool: pay, when: "agent.name == 'example' && key.name == 'laptop' && tool.server == 'bank' && tool.annotations.destructiveHint && now >= timestamp('1970-01-01T00:00:00Z')", action: deny}
)yaml",
              k_loose);
  CHECK(table.ask("{}").cause == Cause::rule);
  CHECK(table.action("{}") == Action::deny);
}

TEST_CASE("a condition that stays is taken from the policy before, another is compiled") {
  const auto before = CompiledPolicy::compile(*parse_document(
      "version: 2\nrules: [{tool: a, when: 'args.x > 1', action: deny}]\n"
      "scopes: {agents: {ci: {rules: [{tool: a, when: 'args.y > 1', action: deny}]}}}\n"));
  REQUIRE(before);
  const auto after = CompiledPolicy::compile(
      *parse_document("version: 2\nrules: [{tool: b, when: 'args.y > 1', action: deny},"
                      " {tool: a, when: 'args.x > 1', action: allow},"
                      " {tool: a, when: 'args.x > 2', action: deny}]\n"),
      CompiledPolicy::Teams::known,
      before->get());
  REQUIRE(after);
  const auto program = [](const Rule& rule) { return rule.when->identity(); };
  const auto& old_rules = (*before)->impl().account.rules();
  const auto& new_rules = (*after)->impl().account.rules();
  CHECK(program(new_rules[0]) == program((*before)->impl().agents.at("ci").rules.rules()[0]));
  CHECK(program(new_rules[1]) == program(old_rules[0]));
  CHECK(program(new_rules[2]) != program(old_rules[0]));
}

}  // namespace
}  // namespace preloop::policy
