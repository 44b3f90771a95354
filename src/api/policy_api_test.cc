#include "api/testing/world.h"
#include "core/json_writer.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::api {
namespace {

using identity::Role;
using identity::Scope;
using testing::Answer;
using testing::Credential;
using testing::World;

constexpr std::string_view k_payments = R"(version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, action: deny, message: "Too much"}
tests:
  - {tool: pay, args: {amount: 50}, expect: allow}
)";

std::string document(std::string_view yaml) {
  std::string out;
  core::JsonWriter(out).begin_object().field("document", yaml).end_object();
  return out;
}

TEST_CASE("validate, diff, apply, export, versions") {
  World world;
  world.add_bank();
  const Credential admin = world.session(Role::admin);
  const Answer valid = world.ask(admin, {"POST", "/policies/validate", document(k_payments)});
  CHECK(valid.status == 200);
  const Answer typo = world.ask(admin,
                                {"POST",
                                 "/policies/validate",
                                 document("version: 2\nrules:\n  - {tol: pay, action: deny}\n")});
  CHECK(typo.status == 400);
  CHECK(typo.body.find("did you mean 'tool'") != std::string::npos);

  const Answer diff = world.ask(admin, {"POST", "/policies/diff", document(k_payments)});
  CHECK(diff.json()["changes"].size() == 3);
  CHECK(diff.json()["base_version"].as_int() == 0);
  CHECK(world.ask(world.session(Role::approver), {"POST", "/policies/apply", document(k_payments)})
            .status == 403);
  const Answer applied = world.ask(admin, {"POST", "/policies/apply", document(k_payments)});
  REQUIRE_MESSAGE(applied.status == 200, applied.body);
  CHECK(applied.json()["version"].as_int() == 1);
  CHECK(applied.text("text") == diff.text("text"));

  const Answer exported = world.ask(admin, {"GET", "/policies/export"});
  CHECK(exported.headers.get("Content-Type") == "application/yaml");
  const Answer same =
      world.ask(admin, {"POST", "/policies/apply", exported.body, {}, "application/yaml"});
  CHECK(same.json()["version"].as_int() == 1);
  CHECK(same.json()["changes"].size() == 0);
  const Answer as_json =
      world.ask(admin, {"GET", "/policies/export", "", {{"Accept", "application/json"}}});
  CHECK(as_json.text("document") == exported.body);

  CHECK(world
            .ask(admin,
                 {"POST",
                  "/policies/apply?expected_version=0&comment=x",
                  "version: 2\nrules: []\n",
                  {},
                  "application/yaml"})
            .status == 409);
  CHECK(world
            .ask(admin,
                 {"POST",
                  "/policies/apply?expected_version=1&comment=second",
                  "version: 2\nrules: []\n",
                  {},
                  "application/yaml"})
            .status == 200);
  const Answer versions = world.ask(admin, {"GET", "/policies/versions?limit=1"});
  REQUIRE(versions.json()["items"].size() == 1);
  CHECK(versions.json()["items"].at(0)["comment"].as_string() == "second");
  const Answer older = world.ask(
      admin, {"GET", "/policies/versions?limit=1&cursor=" + versions.text("next_cursor")});
  CHECK(older.json()["items"].at(0)["number"].as_int() == 1);
  CHECK(world.ask(admin, {"GET", "/policies/versions/1"}).text("document").find("Too much") !=
        std::string::npos);
  CHECK(world.ask(admin, {"GET", "/policies/versions/0"}).status == 404);
  // Going back is applying an earlier version.
  CHECK(world.ask(admin, {"POST", "/policies/apply", R"({"version":1})"})
            .json()["version"]
            .as_int() == 3);
  CHECK(world.ask(admin, {"POST", "/policies/apply", "{}"}).status == 400);
  const Answer preview =
      world.ask(admin, {"POST", "/policies/versions/2/rollback", R"({"preview_only":true})"});
  REQUIRE_MESSAGE(preview.status == 200, preview.body);
  CHECK(preview.json()["version"].as_int() == 3);
  CHECK(preview.text("text").find("- rules 1") != std::string::npos);
  const Answer back = world.ask(admin, {"POST", "/policies/versions/2/rollback", "{}"});
  REQUIRE_MESSAGE(back.status == 200, back.body);
  CHECK(back.json()["version"].as_int() == 4);
  CHECK(world.ask(admin, {"GET", "/policies/versions/4"}).text("comment") == "back to version 2");
  CHECK(world.ask(admin, {"POST", "/policies/versions/99/rollback", "{}"}).status == 404);
}

TEST_CASE("a policy cannot carry what its bearer may not do") {
  World world;
  const std::string command =
      document("version: 2\nservers: [{name: local, transport: stdio, command: sh}]\n");
  const Credential admin = world.session(Role::admin);
  CHECK(world.ask(admin, {"POST", "/policies/diff", command}).status == 200);
  CHECK(world.ask(admin, {"POST", "/policies/apply", command}).status == 403);
  CHECK(world
            .ask(world.operator_key(Role::owner, {Scope::read, Scope::configure}),
                 {"POST", "/policies/apply", command})
            .status == 403);
  CHECK(world.ask(admin, {"GET", "/mcp-servers"}).json()["items"].size() == 0);
  CHECK(world.ask(admin, {"GET", "/policies/versions"}).json()["items"].size() == 0);
  CHECK(world.ask(world.session(Role::owner), {"POST", "/policies/apply", command}).status == 200);
  CHECK(world.ask(admin, {"GET", "/mcp-servers"}).json()["items"].size() == 1);
}

TEST_CASE("without prune what a document leaves out stays, with it it goes") {
  World world;
  world.add_bank();
  const Credential admin = world.session(Role::admin);
  REQUIRE(world
              .ask(admin,
                   {"POST",
                    "/policies/apply",
                    document("version: 2\nworkflows: [{name: old}]\nrules: [{tool: pay, action: "
                             "deny}]\n")})
              .status == 200);
  const Answer plan = world.ask(
      admin, {"POST", "/policies/diff", document("version: 2\nworkflows: [{name: new}]\n")});
  CHECK(plan.json()["changes"].size() == 1);
  CHECK(plan.json()["kept"].size() == 2);
  const Answer pruned = world.ask(admin,
                                  {"POST",
                                   "/policies/diff?prune=true",
                                   "version: 2\nworkflows: [{name: new}]\n",
                                   {},
                                   "application/yaml"});
  CHECK(pruned.json()["changes"].size() == 3);
  CHECK(pruned.json()["kept"].size() == 0);
}

TEST_CASE("what holds a caller is one call") {
  World world;
  world.add_bank();
  const Credential admin = world.session(Role::admin);
  REQUIRE(world
              .ask(admin,
                   {"POST",
                    "/policies/apply",
                    document("version: 2\nscopes: {agents: {ci: {rules: [{tool: pay, action: "
                             "deny}], allowed_models: [a, b]}}, keys: {night: {allowed_models: "
                             "[b, c]}}}\n")})
              .status == 200);
  const Answer everybody = world.ask(world.session(Role::viewer), {"GET", "/policies/effective"});
  REQUIRE_MESSAGE(everybody.status == 200, everybody.body);
  CHECK(everybody.body.find("\"listed\":false") == std::string::npos);
  const Answer agent =
      world.ask(admin, {"GET", "/policies/effective?agent_name=ci&key_name=night"});
  CHECK(agent.body.find("\"listed\":false") != std::string::npos);
  CHECK(agent.json()["allowed_models"].size() == 1);
  CHECK(agent.json()["allowed_models"].at(0).as_string() == "b");
}

TEST_CASE("tests and explanations") {
  World world;
  world.add_bank();
  const Credential viewer = world.session(Role::viewer);
  const Answer report = world.ask(viewer, {"POST", "/policies/test", document(k_payments)});
  CHECK(report.json()["passed"].as_int() == 1);
  const Answer current =
      world.ask(viewer,
                {"POST",
                 "/policies/test",
                 R"({"tests":[{"tool":"pay","args":{"amount":1},"expect":"deny"}]})"});
  CHECK(current.json()["failed"].as_int() == 1);
  CHECK(current.json()["items"].at(0)["actual"].as_string() == "allow");
  std::string body;
  core::JsonWriter(body)
      .begin_object()
      .field("tool", "bank__pay")
      .key("args")
      .raw(R"({"amount":500})")
      .field("document", k_payments)
      .end_object();
  const Answer why = world.ask(viewer, {"POST", "/policies/explain", body});
  REQUIRE_MESSAGE(why.status == 200, why.body);
  const core::Json item = why.json()["items"].at(0);
  CHECK(item["action"].as_string() == "deny");
  CHECK(item["steps"].size() == 2);
  CHECK(item["steps"].at(0)["result"].as_string() == "not_matched");
  CHECK(item["rule"]["position"].as_int() == 2);
}

TEST_CASE("a condition is checked while it is written") {
  World world;
  world.add_bank();
  const Credential viewer = world.session(Role::viewer);
  const auto check = [&](std::string_view when, std::string_view tool) {
    std::string body;
    core::JsonWriter(body).begin_object().field("when", when).field("tool", tool).end_object();
    Answer answer = world.ask(viewer, {"POST", "/policies/check-condition", body});
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return answer;
  };
  const Answer fine = check("has(args.amount) && args.amount > 5", "pay");
  CHECK(fine.json()["ok"].as_bool() == true);
  CHECK(fine.json()["findings"].size() == 0);
  const Answer wrong = check("args.amount > 'x'", "bank/pay");
  CHECK(wrong.json()["ok"].as_bool() == false);
  REQUIRE(wrong.json()["findings"].size() == 2);
  CHECK(wrong.json()["findings"].at(0)["code"].as_string() == "unguarded_field");
  const core::Json finding = wrong.json()["findings"].at(1);
  CHECK(finding["code"].as_string() == "type");
  CHECK(finding["severity"].as_string() == "error");
  CHECK(finding["column"].as_int() == 13);
  CHECK(finding["tools"].at(0).as_string() == "bank__pay");
  const Answer syntax = check("args.amount >", "");
  CHECK(syntax.json()["ok"].as_bool() == false);
  CHECK(syntax.json()["findings"].at(0)["code"].as_string() == "syntax");
  // And saving refuses what the check refuses.
  const Answer saved = world.ask(
      world.session(Role::admin),
      {"POST",
       "/policies/validate",
       document(
           "version: 2\nrules:\n  - {tool: pay, when: \"args.amount > 'x'\", action: deny}\n")});
  CHECK(saved.status == 400);
  CHECK(saved.body.find("does not take (number, string)") != std::string::npos);
}

TEST_CASE("the rules of an agent are those of the account, of it and of its keys") {
  World world;
  world.add_bank();
  const Credential admin = world.session(Role::admin);
  const std::string id = world.agent().id.to_string();
  world.agent_key();
  const std::string yaml = fmt::format(R"(version: 2
rules:
  - {{tool: pay, action: deny}}
scopes:
  agents:
    {}: {{rules: [{{tool: "*", when: "args.amount > 5", action: require_approval}}]}}
defaults: {{no_match: deny}}
)",
                                       world.agent().name);
  const Answer applied = world.ask(admin, {"POST", "/policies/apply", document(yaml)});
  REQUIRE_MESSAGE(applied.status == 200, applied.body);
  const Answer rules =
      world.ask(world.session(Role::viewer), {"GET", fmt::format("/agents/{}/access-rules", id)});
  REQUIRE_MESSAGE(rules.status == 200, rules.body);
  REQUIRE(rules.json()["items"].size() == 2);
  CHECK(rules.json()["items"].at(0)["scope"].as_string() == "account");
  CHECK(rules.json()["items"].at(1)["scope_name"].as_string() == world.agent().name);
  CHECK(rules.json()["items"].at(1)["when"].as_string() == "args.amount > 5");
  CHECK(rules.json()["defaults"]["no_match"].as_string() == "deny");
}

TEST_CASE("rules of one tool are edited in place") {
  World world;
  world.add_bank();
  const Credential admin = world.session(Role::admin);
  REQUIRE(world
              .ask(admin,
                   {"POST",
                    "/policies/apply",
                    document("version: 2\nrules:\n"
                             "  - {tool: get_balance, action: allow}\n"
                             "  - {tool: pay, action: deny}\n"
                             "  - {tool: '*', action: require_approval}\n"
                             "scopes: {agents: {ci: {rules: [{tool: pay, action: deny}]}}}\n")})
              .status == 200);
  const auto catalogue = world.parts->catalogue->snapshot().latest();
  const std::string tool = (*catalogue->find_exposed("bank__pay"))->id.to_string();
  const std::string path = fmt::format("/tools/{}/access-rules", tool);
  const Answer read = world.ask(admin, {"GET", path});
  REQUIRE(read.json()["items"].size() == 2);
  CHECK(read.json()["items"].at(0)["own"].as_bool() == true);
  CHECK(read.json()["items"].at(1)["own"].as_bool() == false);
  CHECK(read.json()["defaults"]["new_tools"].as_string() == "require_approval");
  REQUIRE(read.json()["scoped"].size() == 1);
  CHECK(read.json()["scoped"].at(0)["scope_name"].as_string() == "ci");
  CHECK(read.etag() == "\"1\"");
  const std::string rules =
      R"({"rules":[{"when":"args.amount <= 10","action":"allow"},{"action":"require_approval","workflow":"default"}]})";
  CHECK(world.ask(admin, {"PUT", path, rules}).status == 428);
  CHECK(world.ask(admin, {"PUT", path, rules, {{"If-Match", "\"0\""}}}).status == 412);
  const Answer set = world.ask(admin, {"PUT", path, rules, {{"If-Match", read.etag()}}});
  REQUIRE_MESSAGE(set.status == 200, set.body);
  REQUIRE(set.json()["items"].size() == 3);
  CHECK(set.json()["items"].at(0)["position"].as_int() == 2);
  CHECK(set.json()["items"].at(0)["tool"].as_string() == "bank/pay");
  CHECK(set.json()["items"].at(2)["tool"].as_string() == "*");
  const Answer bad = world.ask(
      admin,
      {"PUT", path, R"({"rules":[{"when":"args.","action":"allow"}]})", {{"If-Match", "*"}}});
  CHECK(bad.status == 400);
  CHECK(world
            .ask(admin,
                 {"PUT",
                  path,
                  R"({"rules":[{"action":"allow","workflow":"default"}]})",
                  {{"If-Match", "*"}}})
            .status == 400);
  CHECK(world.ask(admin, {"PUT", path, R"({"rules":[]})", {{"If-Match", "*"}}})
            .json()["items"]
            .size() == 1);
}

/// Where `pay` of the bank is edited.
std::string rules_of_pay(World& world) {
  const auto catalogue = world.parts->catalogue->snapshot().latest();
  return fmt::format("/tools/{}/access-rules",
                     (*catalogue->find_exposed("bank__pay"))->id.to_string());
}

TEST_CASE("an agent's rules of one tool, and its switch, are edited like the account's") {
  World world;
  world.add_bank();
  const Credential admin = world.session(Role::admin);
  const std::string path = rules_of_pay(world);
  const auto put = [&](std::string_view body) {
    return world.ask(admin, {"PUT", path, std::string(body), {{"If-Match", "*"}}});
  };
  const Answer set = put(
      R"({"scope":"agent","scope_name":"ci","enabled":false,"rules":[{"when":"args.amount > 5","action":"deny"}]})");
  REQUIRE_MESSAGE(set.status == 200, set.body);
  CHECK(set.json()["items"].size() == 0);
  REQUIRE(set.json()["scoped"].size() == 1);
  CHECK(set.json()["scoped"].at(0)["own"].as_bool() == true);
  REQUIRE(set.json()["off_for"].size() == 1);
  CHECK(set.json()["off_for"].at(0)["scope_name"].as_string() == "ci");

  const Answer on = put(R"({"scope":"agent","scope_name":"ci","enabled":true,"rules":[]})");
  CHECK(on.json()["scoped"].size() == 0);
  CHECK(on.json()["off_for"].size() == 0);
  CHECK(put(R"({"scope":"agent","rules":[]})").status == 400);
  CHECK(put(R"({"enabled":false,"rules":[]})").status == 400);
  CHECK(world.ask(world.session(Role::approver), {"PUT", path, R"({"rules":[]})"}).status == 403);
}

TEST_CASE("a draft of a tool's rules is tried out and changes nothing") {
  World world;
  world.add_bank();
  const Credential viewer = world.session(Role::viewer);
  const Answer draft =
      world.ask(viewer,
                {"POST",
                 rules_of_pay(world) + "/draft",
                 R"({"rules":[{"when":"args.amount > 5","action":"deny","message":"No"}]})"});
  REQUIRE_MESSAGE(draft.status == 200, draft.body);
  CHECK(draft.json()["version"].as_int() == 0);
  std::string asked;
  core::JsonWriter(asked)
      .begin_object()
      .field("tool", "bank/pay")
      .field("document", draft.text("document"))
      .key("args")
      .raw(R"({"recipient":"Ana","amount":6})")
      .end_object();
  const Answer tried = world.ask(viewer, {"POST", "/policies/explain", asked});
  REQUIRE_MESSAGE(tried.status == 200, tried.body);
  CHECK(tried.json()["items"].at(0)["action"].as_string() == "deny");
  CHECK(world.ask(viewer, {"GET", rules_of_pay(world)}).json()["items"].size() == 0);
  CHECK(world.ask(viewer, {"POST", rules_of_pay(world) + "/draft", R"({"scope":"key","rules":[]})"})
            .status == 400);
}

TEST_CASE("what a tool's definition costs in tokens is said with it") {
  World world;
  world.add_bank();
  const Answer tools = world.ask(world.session(Role::viewer), {"GET", "/tools"});
  REQUIRE(tools.json()["items"].size() == 2);
  CHECK(tools.json()["items"].at(0)["context_tokens"].as_int().value_or(0) > 10);
}

TEST_CASE("a workflow is added, changed and removed by itself") {
  World world;
  const Credential admin = world.session(Role::admin);
  REQUIRE(world
              .ask(admin,
                   {"POST",
                    "/policies/apply",
                    document("version: 2\nteams: {sre: [ana@example.com, bo@example.com]}\n"
                             "workflows:\n  - {name: ops, approvers: [sre], quorum: 2}\n"
                             "rules:\n  - {tool: pay, action: require_approval, workflow: ops}\n")})
              .status == 200);
  const auto put = [&](std::string_view name, std::string_view body, std::string_view etag) {
    return world.ask(admin,
                     {"PUT",
                      fmt::format("/approval-workflows/{}", name),
                      std::string(body),
                      {{"If-Match", std::string(etag)}}});
  };
  const Answer ops = world.ask(admin, {"GET", "/approval-workflows/ops"});
  REQUIRE_MESSAGE(ops.status == 200, ops.body);
  CHECK(ops.json()["approvers"].at(0).as_string() == "sre");
  CHECK(ops.json()["teams"].at(0).as_string() == "sre");
  CHECK(ops.json()["built_in"].as_bool() == false);

  constexpr std::string_view k_hour =
      R"({"approvers":["sre","admin"],"quorum":1,"timeout":3600,"require_reason":true,
          "escalation":[{"after":600,"approvers":["owner"],"timeout":900}]})";
  CHECK(put("ops", k_hour, "\"0\"").status == 412);
  const Answer changed = put("ops", k_hour, ops.etag());
  REQUIRE_MESSAGE(changed.status == 200, changed.body);
  CHECK(changed.json()["timeout"].as_int() == 3600);
  CHECK(changed.json()["escalation"].at(0)["after"].as_int() == 600);
  CHECK(changed.json()["approvers"].size() == 2);

  // Nobody it could ask, a quorum nobody reaches, a limit broken, a name that is none.
  CHECK(put("ops", R"({"approvers":["srr"],"quorum":1,"timeout":60})", "*").status == 400);
  CHECK(put("ops", R"({"approvers":["a@example.com"],"quorum":2,"timeout":60})", "*").status ==
        400);
  CHECK(put("ops", R"({"approvers":[],"quorum":0,"timeout":60})", "*").status == 400);
  CHECK(put("two%20words", R"({"approvers":[],"quorum":1,"timeout":60})", "*").status == 400);

  const auto remove = [&](std::string_view name) {
    return world.ask(
        admin, {"DELETE", fmt::format("/approval-workflows/{}", name), "", {{"If-Match", "*"}}});
  };
  CHECK(remove("ops").status == 400);  // a rule asks for it
  CHECK(world.ask(admin, {"GET", "/approval-workflows/default"}).json()["built_in"].as_bool() ==
        true);
  REQUIRE(put("default", R"({"approvers":["owner"],"quorum":1,"timeout":60})", "*").status == 200);
  CHECK(remove("default").status == 204);
  CHECK(remove("default").status == 404);
  CHECK(world.ask(admin, {"GET", "/approval-workflows/none"}).status == 404);
}

TEST_CASE("what conditions can say is listed from the registry") {
  World world;
  const Answer language =
      world.ask(world.session(Role::viewer), {"GET", "/policies/condition-language"});
  REQUIRE(language.status == 200);
  const auto has = [&](std::string_view list, std::string_view name) {
    for (const core::JsonNode& node : language.json()[list].elements()) {
      if (core::Json(&node)["name"].as_string() == name) {
        return true;
      }
    }
    return false;
  };
  CHECK(has("names", "agent.name"));
  CHECK(has("names", "tool.annotations.readOnlyHint"));
  CHECK(has("functions", "startsWith"));
  CHECK(has("functions", "calls"));
}

}  // namespace
}  // namespace preloop::api
