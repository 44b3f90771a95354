#include "catalogue/definition.h"
#include "policy/decide.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::policy {
namespace {

struct Table {
  std::shared_ptr<const CompiledPolicy> policy;
  catalogue::Tool tool;
  std::string agent = "someone", key = "laptop", justification, client = "curl 8.1";
  core::WallTime now = core::WallTime(std::chrono::hours(480'000));

  explicit Table(std::string_view yaml, std::string_view annotations = "{}") {
    auto document = parse_document(yaml);
    REQUIRE_MESSAGE(document, document.error().message);
    auto compiled = CompiledPolicy::compile(std::move(*document));
    REQUIRE_MESSAGE(compiled, compiled.error().message);
    policy = *compiled;
    const std::string text = R"({"name":"pay","inputSchema":{"type":"object"},"annotations":)" +
                             std::string(annotations) + "}";
    const auto parsed = core::JsonDocument::parse(text);
    tool = *catalogue::read_definition(parsed->root(), text);
    tool.server_name = "bank";
  }
  template <class Ask>
  auto with_facts(Ask&& ask, std::string args = "{}") const {
    const auto parsed = core::JsonDocument::parse(std::move(args));
    CallFacts facts;
    facts.tool = &tool;
    facts.args = parsed->root();
    facts.agent_name = agent;
    facts.key_name = key;
    facts.justification = justification;
    facts.client = client;
    facts.peer = "10.0.0.7";
    facts.now = now;
    facts.usage = &no_usage();
    return ask(facts);
  }
  Verdict ask(std::string args = "{}") const {
    return with_facts([&](const CallFacts& facts) { return decide(*policy, facts); },
                      std::move(args));
  }
  bool never() const {
    return with_facts([&](const CallFacts& facts) { return is_never_allowed(*policy, facts); });
  }
  Explanation why(std::string args = "{}") const {
    return with_facts([&](const CallFacts& facts) { return explain(*policy, facts); },
                      std::move(args));
  }
};

TEST_CASE("a tool can be switched off for an agent or a key, and no scope switches it on again") {
  Table table(R"(version: 2
scopes:
  agents: {ci: {tools: [{name: bank/pay, enabled: false}]}}
  keys: {night: {tools: [{name: "bank/*", enabled: false}]}}
)");
  CHECK(table.ask().action == Action::allow);
  CHECK_FALSE(table.never());
  table.agent = "ci";
  CHECK(table.ask().cause == Cause::tool_disabled);
  CHECK(table.never());
  table.agent = "other";
  table.key = "night";
  CHECK(table.ask().action == Action::deny);
  Table account(R"(version: 2
tools: [{name: pay, enabled: false}]
scopes: {agents: {ci: {tools: [{name: pay, enabled: true}], rules: [{tool: pay, action: allow}]}}}
)");
  account.agent = "ci";
  CHECK(account.ask().action == Action::deny);
  CHECK(account.never());
}

TEST_CASE("what can never be let through is not listed; what may be is") {
  CHECK(Table("version: 2\nrules: [{tool: pay, action: deny}]\n").never());
  CHECK(Table("version: 2\ndefaults: {unknown_tools: deny}\n").never());
  CHECK(Table("version: 2\nrules: [{tool: pay, when: 'args.a > 1', action: deny}]\n"
              "defaults: {no_match: deny}\n")
            .never());
  CHECK_FALSE(Table("version: 2\nrules: [{tool: pay, when: 'args.a > 1', action: allow}]\n"
                    "defaults: {no_match: deny}\n")
                  .never());
  CHECK_FALSE(
      Table("version: 2\nrules: [{tool: pay, when: 'args.a > 1', action: deny}]\n").never());
  CHECK_FALSE(Table("version: 2\nrules: [{tool: pay, action: observe}]\n").never());
  // Conditions on tool, agent and key are known before the call.
  constexpr std::string_view k_ci = R"(version: 2
scopes: {agents: {ci: {rules: [{tool: "*", when: "!tool.annotations.readOnlyHint", action: deny}]}}}
)";
  Table writes(k_ci), reads(k_ci, R"({"readOnlyHint":true})");
  writes.agent = reads.agent = "ci";
  CHECK(writes.never());
  CHECK_FALSE(reads.never());
  Table fresh("version: 2\ndefaults: {new_tools: quarantine}\n");
  fresh.tool.pin = catalogue::PinState::changed;
  CHECK(fresh.never());
  CHECK(fresh.ask().cause == Cause::new_tool);
}

TEST_CASE("listing agrees with deciding: what is never let through is denied") {
  for (const char* yaml : {"version: 2\nrules: [{tool: pay, action: deny}]\n",
                           "version: 2\nrules: [{tool: pay, when: 'args.a > 1', action: deny}]\n"
                           "defaults: {no_match: deny}\n"}) {
    const Table table(yaml);
    for (const char* args : {"{}", R"({"a":1})", R"({"a":2})"}) {
      CHECK(table.ask(args).action == Action::deny);
    }
  }
}

TEST_CASE("a rule in shadow mode is recorded and decides nothing") {
  const Table table(R"(version: 2
rules:
  - {tool: pay, when: "args.a > 1", action: observe}
  - {tool: pay, when: "args.missing > 1", action: observe}
  - {tool: pay, action: deny}
  - {tool: pay, action: observe}
)");
  const Verdict verdict = table.ask(R"({"a":5})");
  CHECK(verdict.action == Action::deny);
  CHECK(verdict.rule->position == 3);
  REQUIRE(verdict.observed.size() == 2);
  CHECK(verdict.observed[0]->position == 1);
  CHECK(verdict.observed[1]->error != "");  // as it would have counted
  CHECK(table.ask(R"({"a":1,"missing":0})").observed.empty());
  const Table alone(
      "version: 2\nrules: [{tool: pay, action: observe}]\ndefaults: {unknown_tools: deny}\n");
  CHECK(alone.ask().cause == Cause::unknown_tool);
  CHECK(alone.ask().observed.size() == 1);
}

TEST_CASE("tags narrow a rule to what the tool says of itself") {
  constexpr std::string_view k_yaml =
      "version: 2\nrules: [{tool: '*', tagged: [destructive], action: deny}]\n";
  CHECK(Table(k_yaml).ask().action == Action::deny);  // MCP's default
  CHECK(Table(k_yaml, R"({"destructiveHint":false})").ask().action == Action::allow);
  CHECK(Table(k_yaml, R"({"readOnlyHint":true})").ask().action == Action::allow);
}

TEST_CASE("a justification is required by the tool's setting, or by the rule that decides") {
  Table tool("version: 2\ntools: [{name: pay, justification: required}]\n");
  CHECK(tool.ask().cause == Cause::justification_missing);
  tool.justification = "because";
  CHECK(tool.ask().action == Action::allow);
  Table rule(R"(version: 2
rules:
  - {tool: pay, when: "args.a > 1", action: require_approval, justification: required}
  - {tool: pay, action: allow}
)");
  CHECK(rule.ask(R"({"a":5})").cause == Cause::justification_missing);
  CHECK(rule.ask(R"({"a":1})").action == Action::allow);
  rule.justification = "because";
  CHECK(rule.ask(R"({"a":5})").action == Action::require_approval);
}

TEST_CASE("the call's own circumstances") {
  const auto holds = [](std::string_view condition) {
    const Table table(
        fmt::format("version: 2\nrules: [{{tool: pay, when: \"{}\", action: deny}}]\n", condition));
    const Verdict verdict = table.ask();
    CHECK_MESSAGE(verdict.cause != Cause::rule_error, condition << ": " << verdict.message);
    return verdict.action == Action::deny;
  };
  CHECK(
      holds("request.ip == '10.0.0.7' && request.client.name == 'curl' && "
            "request.client.version == '8.1'"));
  CHECK(holds("session.calls == 0 && session.tools_used.size() == 0"));
  CHECK(holds("session.started <= now && session.models_used.size() == 0 && session.spend == 0.0"));
  CHECK(holds("calls('pay', duration('1h')) == 0 && agent.tools_used(duration('8h')).size() == 0"));
  CHECK(holds("tool.definition_hash.size() == 64 && agent.id != '' && key.id != ''"));
  CHECK_FALSE(holds("request.client.name == 'other'"));
}

TEST_CASE("a condition that counts is an error where nothing is counted") {
  const Table table(
      "version: 2\nrules: [{tool: pay, when: \"calls('pay', duration('1h')) < 3\", action: "
      "allow}]\n"
      "defaults: {no_match: deny}\n");
  const Verdict verdict = table.with_facts([&](CallFacts facts) {
    facts.usage = nullptr;
    return decide(*table.policy, facts);
  });
  CHECK(verdict.action == Action::deny);
  CHECK(table.ask().action == Action::allow);
}

TEST_CASE("windows are bounded when saved") {
  const auto problem = [](std::string_view condition) {
    auto document = parse_document(
        fmt::format("version: 2\nrules: [{{tool: pay, when: \"{}\", action: deny}}]\n", condition));
    REQUIRE(document);
    const auto compiled = CompiledPolicy::compile(std::move(*document));
    return compiled ? std::string() : compiled.error().message;
  };
  CHECK(problem("calls('pay', duration('745h')) < 3").find("31 days") != std::string::npos);
  CHECK(problem("calls('pay', duration('744h')) < 3").empty());
  CHECK(problem("cals('pay', duration('1h')) < 3").find("calls") != std::string::npos);
}

TEST_CASE("an explanation names the rule, the scope, the values, and what else matched") {
  Table table(R"(version: 2
rules:
  - {tool: pay, when: "args.amount > 100", action: require_approval}
  - {tool: pay, when: "args.amount > 50", action: deny}
  - {tool: pay, when: "args.to == 'x'", action: deny}
scopes: {agents: {ci: {rules: [{tool: pay, action: require_approval}]}}}
)");
  table.agent = "ci";
  const Explanation why =
      table.why(R"({"amount":150,"to":"y","token":"ghp_0123456789abcdefghijABCDEFGHIJ012345"})");
  REQUIRE(why.steps.size() == 4);
  CHECK(why.steps[0].result == Step::Result::matched);
  CHECK(why.steps[0].values[0].path == "args.amount");
  CHECK(why.steps[0].values[0].value == "150");
  CHECK(why.steps[1].result == Step::Result::also_matched);
  CHECK(why.steps[2].result == Step::Result::not_reached);
  CHECK(why.steps[3].rule.scope == Scope::agent);
  CHECK(table.why("{}").steps[0].values[0].value == "(absent)");
}

}  // namespace
}  // namespace preloop::policy
