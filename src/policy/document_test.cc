#include "policy/document.h"

#include "policy/compiled.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::policy {
namespace {

std::string problem(std::string_view yaml) {
  const auto parsed = parse_document(yaml);
  return parsed ? "" : parsed.error().message;
}

constexpr std::string_view k_full = R"(version: 2
metadata: {name: production, description: "all of it", tags: [prod]}
servers:
  - {name: deployer, transport: streamable_http, url: "https://mcp.internal/mcp", auth: {type: bearer, token: "secret:deployer"}}
  - {name: files, transport: stdio, command: npx, args: ["-y", "server", "/srv/docs"], env: {LOG: quiet}, call_timeout: 30}
workflows:
  - {name: sre, approvers: [admin, ana@example.com], quorum: 2, timeout: 600, require_reason: true, exclude_agent_owner: true}
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval, workflow: sre, message: "Above 100 needs a person"}
  - {tool: pay, action: deny, message: "Payments over 1000 are not possible here"}
  - {tool: "deployer/*", action: require_approval, enabled: false}
tools:
  - {name: deployer/rollback, enabled: false}
  - {name: read_file, arguments: lenient}
scopes:
  agents: {ci-bot: {rules: [{tool: "*", when: "!tool.annotations.readOnlyHint", action: deny}]}}
  keys: {nightly: {rules: []}}
defaults: {unknown_tools: deny, no_match: require_approval, new_tools: deny, workflow: sre}
tests:
  - {tool: pay, args: {amount: 50, list: [1, "x", null, true, 1.5]}, expect: allow}
)";

TEST_CASE("a whole document is read, and what is written reads back as the same") {
  const auto document = parse_document(k_full);
  REQUIRE_MESSAGE(document, document.error().message);
  CHECK(document->servers->size() == 2);
  CHECK(document->workflows.front().quorum == 2);
  CHECK(document->rules.size() == 4);
  CHECK(document->rules[1].action == Action::require_approval);
  CHECK(document->agents.at("ci-bot").rules.size() == 1);
  CHECK(document->keys.at("nightly").rules.empty());
  CHECK(document->tests.front().args == R"({"amount":50,"list":[1,"x",null,true,1.5]})");
  const std::string written = write_document(*document);
  const auto again = parse_document(written);
  REQUIRE_MESSAGE(again, again.error().message);
  CHECK(*again == *document);
  CHECK(write_document(*again) == written);
}

TEST_CASE("text that looks like something else survives the round trip") {
  Document document;
  RuleText rule{.tool = "*",
                .when = "args.x == '{a: #b}'\n|| true",
                .action = Action::deny,
                .message = "no: - \"x\"\ttab",
                .description = "true"};
  document.rules.push_back(rule);
  const auto again = parse_document(write_document(document));
  REQUIRE_MESSAGE(again, again.error().message);
  CHECK(*again == document);
}

TEST_CASE("the short form of the documentation") {
  const auto document = parse_document(R"(tool: deploy
condition: args.environment == "production"
---
tool: drop_table
approvers: [admin]
quorum: 2
timeout: 60
)");
  REQUIRE_MESSAGE(document, document.error().message);
  CHECK(document->rules.size() == 2);
  CHECK(document->rules[0].action == Action::require_approval);
  CHECK(document->rules[0].workflow == "");
  CHECK(document->rules[1].workflow == "drop_table");
  CHECK(document->workflows.front().quorum == 2);
  CHECK(document->workflows.front().timeout == 60);
}

TEST_CASE("mistakes are errors with a place and a suggestion, all at once") {
  CHECK(problem("version: 2\nruls: []\n") ==
        "2:1: unknown key 'ruls' in a policy document; did you mean 'rules'?");
  CHECK(problem("version: 2\nrules:\n  - {tool: pay}\n").find("3:6") == 0);
  CHECK(problem("version: 2\nrules:\n  - {tool: pay, action: permit}\n")
            .find("allow, deny, require_approval or observe") != std::string::npos);
  CHECK(problem("version: 2\nrules: 7\n").find("must be a list") != std::string::npos);
  CHECK(problem("version: 3\n").find("must be 2") != std::string::npos);
  CHECK(problem("").find("empty") != std::string::npos);
  CHECK(problem("version: 2\nversion: 2\n").find("2:1") == 0);
  const auto many = parse_document("version: 2\na: 1\nb: 2\nrules: [{tool: x}]\n");
  CHECK(many.error().details.size() == 3);
}

TEST_CASE("what cannot be enforced is refused, never ignored") {
  for (const char* yaml : {
           "version: 2\nmodel_io: []\n",
           "version: 2\nsensitive_data: {}\n",
           "version: 2\nworkflows: [{name: a, channel: console}]\n",
           "version: 2\nrules: [{tool: a, action: deny, priority: 1}]\n",
           "version: 2\nscopes: {agents: {a: {budgets: []}}}\n",
           R"({version: 2, servers: [{name: a, transport: streamable_http, url: 'https://x',
               auth: {type: none, client_id: x}}]})",
       }) {
    CAPTURE(yaml);
    CHECK(problem(yaml).find("not enforced by this version") != std::string::npos);
  }
}

TEST_CASE("a document never carries a secret") {
  CHECK(problem("version: 2\nservers: [{name: a, transport: streamable_http, url: 'https://x', "
                "auth: {type: bearer, token: abc}}]\n")
            .find("secrets set") != std::string::npos);
}

constexpr std::string_view k_examples[] = {
    R"(tool: deploy
condition: args.environment == "production"
---
tool: pay
condition: args.amount > 1000
---
tool: update_issue
condition: args.priority == "critical"
)",
    R"(tool: deploy_production
approvers: [sre_team]
quorum: 1
---
tool: drop_table
approvers: [database_team]
quorum: 2
)",
    R"(tool: deploy_production
approvers: [sre_team]
timeout: 600
escalation:
  enabled: true
  escalate_to: [cto, vp_engineering]
  escalation_delay: 600
)"};

TEST_CASE("the documentation's examples are read as they are written, and come back the same") {
  for (const std::string_view yaml : k_examples) {
    CAPTURE(yaml);
    const auto document = parse_document(yaml);
    REQUIRE_MESSAGE(document, document.error().message);
    const auto again = parse_document(write_document(*document));
    REQUIRE_MESSAGE(again, again.error().message);
    CHECK(*again == *document);
    CHECK(CompiledPolicy::compile(*document, CompiledPolicy::Teams::assumed));
  }
  const auto escalating = parse_document(k_examples[2]);
  const WorkflowText& workflow = escalating->workflows.front();
  REQUIRE(workflow.escalation.size() == 1);
  CHECK(workflow.escalation[0].after == 600);
  CHECK(workflow.escalation[0].timeout == 600);
  CHECK(workflow.escalation[0].approvers == std::vector<std::string>{"cto", "vp_engineering"});
  CHECK(escalating->remarks.list.empty());
}

TEST_CASE("teams are people; what is nobody is an error with the nearest name") {
  constexpr std::string_view k_teams =
      "version: 2\nteams: {database_team: [a@x.y, b@x.y, a@x.y]}\n"
      "workflows: [{name: w, approvers: [";
  const auto compile = [&](std::string_view approvers, int quorum = 1) {
    auto document =
        parse_document(fmt::format("{}{}], quorum: {}}}]\n", k_teams, approvers, quorum));
    REQUIRE_MESSAGE(document, document.error().message);
    return CompiledPolicy::compile(std::move(*document));
  };
  const auto both = compile("database_team, c@x.y");
  REQUIRE_MESSAGE(both, both.error().message);
  CHECK((*both)->find_workflow("w")->approvers ==
        std::vector<std::string>{"a@x.y", "b@x.y", "c@x.y"});
  CHECK(compile("databse_team").error().message.find("did you mean 'database_team'?") !=
        std::string::npos);
  CHECK(compile("database_team", 2));
  CHECK(compile("database_team", 3).error().message.find("cannot be reached") != std::string::npos);
  CHECK(compile("database_team, admin", 3));
  auto ambiguous = parse_document("version: 2\nteams: {admin: [a@x.y]}\n");
  REQUIRE(ambiguous);
  CHECK_FALSE(CompiledPolicy::compile(std::move(*ambiguous)));
}

}  // namespace
}  // namespace preloop::policy
