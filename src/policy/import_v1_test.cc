#include "policy/compiled.h"
#include "policy/simple_condition.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace preloop::policy {
namespace {

constexpr std::string_view k_imported = R"(version: "1.0"
metadata: {name: prod, author: ana, tags: [a]}
mcp_servers:
  - {name: My_Bank, url: "https://bank.example/mcp", auth_type: bearer, auth_config: {token: "${BANK_TOKEN}"}}
  - {name: local, url: "http://127.0.0.1/sse", transport: sse}
approval_workflows:
  - {name: finance, timeout_seconds: 600, approvals_required: 2, approver_users: [ana@example.com, bo@example.com], is_default: true, async_approval: true, escalation_users: [cto@example.com]}
tools:
  - name: pay
    source: My_Bank
    approval_workflow: finance
    justification: required
    conditions:
      - {expression: "amount > 1000", description: large}
      - {expression: "args.to == 'x' && args.amount > 1", condition_type: cel, action: deny, description: "not x"}
  - {name: drop_table, source: builtin, enabled: false, approval_workflow: finance}
model_io:
  - {id: m, target: model.request}
defaults: {unknown_tools: deny}
)";

TEST_CASE("a document of the reference product becomes ours, with every difference told") {
  const auto document = parse_document(k_imported);
  REQUIRE_MESSAGE(document, document.error().message);
  REQUIRE(document->servers->size() == 1);
  CHECK(document->servers->front().name == "my-bank");
  CHECK(document->servers->front().bearer_token == "secret:bank-token");
  CHECK(document->defaults.workflow == "finance");
  CHECK(document->defaults.unknown_tools == Action::deny);
  const WorkflowText& workflow = document->workflows.front();
  CHECK(workflow.quorum == 2);
  CHECK(workflow.async);
  CHECK(workflow.escalation.front().after == 600);
  REQUIRE(document->rules.size() == 3);
  CHECK(document->rules[0].tool == "my-bank/pay");
  CHECK(document->rules[0].when == "has(args.amount) && args.amount > 1000");
  CHECK(document->rules[0].workflow == "finance");
  CHECK(document->rules[1].message == "not x");
  CHECK(document->rules[2].action == Action::require_approval);
  CHECK(document->tools[0].justification == Justification::required);
  CHECK(document->tools[1].enabled == false);
  CHECK(document->not_enforced.contains("model_io"));
  CHECK(document->not_enforced.contains("mcp_server local"));
  const auto remarked = [&](std::string_view word) {
    return std::ranges::any_of(document->remarks.list, [&](const core::ErrorDetail& remark) {
      return remark.message.find(word) != std::string::npos;
    });
  };
  for (const char* word : {"'author'",
                           "'model_io' is stored and not enforced",
                           "secrets set",
                           "numbers written as strings",
                           "called 'my-bank'"}) {
    CHECK_MESSAGE(remarked(word), word);
  }
  CHECK(CompiledPolicy::compile(*document));
  // It is an ordinary document from then on.
  const auto again = parse_document(write_document(*document));
  REQUIRE_MESSAGE(again, again.error().message);
  CHECK(*again == *document);
}

TEST_CASE("simple conditions as CEL") {
  const auto when = [](std::string_view text) {
    const auto translated = translate_simple_condition(text);
    REQUIRE_MESSAGE(translated, text);
    return translated->when;
  };
  CHECK(when("args.a.b == 'x'") == "has(args.a) && has(args.a.b) && args.a.b == 'x'");
  CHECK(when("state != \"open\"") == "!(has(args.state)) || args.state != \"open\"");
  CHECK(when("x == null") == "!(has(args.x)) || args.x == null");
  CHECK(when("x != null") == "has(args.x) && args.x != null");
  CHECK(when("flag == True") == "has(args.flag) && args.flag == true");
  CHECK(when("path.contains('/etc')") ==
        "has(args.path) && (type(args.path) == list ? '/etc' in args.path : "
        "args.path.contains('/etc'))");
  CHECK(when("args.c.matches('^rm .*\\d')") == "has(args.c) && args.c.matches(r'^rm .*\\d')");
  CHECK(when("true") == "");
  CHECK(translate_simple_condition("false")->never);
  CHECK(when("args.a > 1 && args.b < 2") == "args.a > 1 && args.b < 2");
  CHECK_FALSE(translate_simple_condition("delete everything"));
  CHECK_FALSE(looks_like_cel("args.text == 'a && b'"));
}

TEST_CASE("what cannot be read in an imported document is an error with its place") {
  const auto bad = parse_document(
      "version: \"1.0\"\ntools:\n  - {name: a, conditions: [{expression: \"nonsense here\"}]}\n");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().details.front().path.starts_with("3:"));
}

}  // namespace
}  // namespace preloop::policy
