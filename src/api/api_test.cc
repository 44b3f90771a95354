#include "api/testing/world.h"
#include "identity/permission.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::api {
namespace {

using identity::Role;
using identity::Scope;
using testing::Answer;
using testing::Ask;
using testing::Credential;
using testing::World;

TEST_CASE("addresses and methods that are not there") {
  World world;
  const Credential who = world.session(Role::viewer);
  CHECK(world.ask(who, {"GET", "/nothing"}).status == 404);
  CHECK(world.ask(who, {"GET", ""}).status == 404);
  const Answer wrong = world.ask(who, {"DELETE", "/tools"});
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.get("Allow") == "GET, HEAD");
  CHECK(world.ask(who, {"HEAD", "/tools"}).status == 200);
  const Answer stream = world.ask(who, {"HEAD", "/events"});
  CHECK(stream.status == 405);
  CHECK(stream.headers.get("Allow") == "GET");
  CHECK(world.ask(who, {"GET", "/tools/not-an-id"}).status == 404);
}

TEST_CASE("the contract is served, to anybody but agents") {
  World world;
  const Answer answer = world.ask({}, {"GET", "/openapi.json"});
  CHECK(answer.status == 200);
  CHECK(answer.json()["openapi"].as_string() == "3.1.0");
  CHECK(world.ask(world.agent_key(), {"GET", "/openapi.json"}).status == 403);
}

TEST_CASE("bodies that do not fit the contract are refused with the place") {
  World world;
  const Credential admin = world.session(Role::admin);
  const auto post = [&](std::string body, std::string type = "application/json") {
    return world.ask(admin,
                     {.method = "POST",
                      .target = "/users",
                      .body = std::move(body),
                      .headers = {},
                      .type = std::move(type)});
  };
  CHECK(post("").status == 400);
  CHECK(post("{").status == 400);
  CHECK(post(R"({"email":"a@example.com","email":"b@example.com"})").status == 400);
  CHECK(post("[]").status == 400);
  CHECK(post(R"({"email":"a@example.com"})", "text/plain").status == 415);
  const Answer typo = post(R"({"email":"a@example.com","rol":"admin"})");
  CHECK(typo.status == 400);
  CHECK(typo.body.find("/rol") != std::string::npos);
  const Answer type = post(R"({"email":7})");
  CHECK(type.status == 400);
  CHECK(type.json()["errors"].at(0)["path"].as_string() == "/email");
  CHECK(post(R"({"email":"a@example.com","role":"emperor"})").status == 400);
  CHECK(world.ask(admin, {"POST", "/policies/validate", "version: 2\n", {}, "application/yaml"})
            .status == 200);
  CHECK(world.ask(admin, {"GET", "/tools?colour=red"}).status == 400);
  CHECK(world.ask(admin, {"GET", "/tools?limit=1&limit=2"}).status == 400);
  CHECK(world.ask(admin, {"GET", "/tools?limit=0"}).status == 400);
  CHECK(world.ask(admin, {"GET", "/tools?limit=%zz"}).status == 400);
  CHECK(world.ask(admin, {"GET", "/audit?from=yesterday"}).status == 400);
}

TEST_CASE("changes need the revision they were made for") {
  World world;
  const Credential admin = world.session(Role::admin);
  const std::string id = world.add_bank().to_string();
  const Answer read = world.ask(admin, {"GET", "/mcp-servers/" + id});
  CHECK(read.etag() == "\"1\"");
  const std::string config =
      R"({"name":"bank","transport":"streamable_http","url":"https://other.example/mcp"})";
  CHECK(world.ask(admin, {"PUT", "/mcp-servers/" + id, config}).status == 428);
  CHECK(world.ask(admin, {"PUT", "/mcp-servers/" + id, config, {{"If-Match", "\"7\""}}}).status ==
        412);
  CHECK(world.ask(admin, {"PUT", "/mcp-servers/" + id, config, {{"If-Match", "rubbish"}}}).status ==
        412);
  const Answer changed =
      world.ask(admin, {"PUT", "/mcp-servers/" + id, config, {{"If-Match", read.etag()}}});
  CHECK(changed.status == 200);
  CHECK(changed.etag() == "\"2\"");
  CHECK(
      world.ask(admin, {"DELETE", "/mcp-servers/" + id, "", {{"If-Match", read.etag()}}}).status ==
      412);
  CHECK(world.ask(admin, {"DELETE", "/mcp-servers/" + id, "", {{"If-Match", "*"}}}).status == 204);
  CHECK(world.ask(admin, {"GET", "/mcp-servers/" + id}).status == 404);
}

TEST_CASE("a repeated write has one effect") {
  World world;
  const Credential admin = world.session(Role::admin);
  const std::string body = R"({"name":"one","kind":"test"})";
  const std::vector<std::pair<std::string, std::string>> key = {{"Idempotency-Key", "k-1"}};
  const Answer first = world.ask(admin, {"POST", "/agents", body, key});
  REQUIRE(first.status == 201);
  const Answer again = world.ask(admin, {"POST", "/agents", body, key});
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.etag() == first.etag());
  CHECK(again.headers.get("Idempotency-Replayed") == "true");
  CHECK(world.ask(admin, {"POST", "/agents", R"({"name":"two"})", key}).status == 422);
  CHECK(world.ask(admin, {"POST", "/users", R"({"email":"x@example.com"})", key}).status == 422);
  // Another person's key is another key.
  CHECK(
      world.ask(world.session(Role::owner), {"POST", "/agents", R"({"name":"two"})", key}).status ==
      201);
  // A refused request leaves the key free.
  const std::vector<std::pair<std::string, std::string>> other = {{"Idempotency-Key", "k-2"}};
  CHECK(world.ask(admin, {"POST", "/agents", body, other}).status == 409);
  CHECK(world.ask(admin, {"POST", "/agents", R"({"name":"three"})", other}).status == 201);
  // What held a secret is not kept: the second answer says so instead of making a second key.
  const std::string issue = fmt::format(R"({{"class":"agent","name":"ci","agent_id":"{}"}})",
                                        world.agent().id.to_string());
  const std::vector<std::pair<std::string, std::string>> third = {{"Idempotency-Key", "k-3"}};
  CHECK(world.ask(admin, {"POST", "/auth/api-keys", issue, third}).status == 201);
  CHECK(world.ask(admin, {"POST", "/auth/api-keys", issue, third}).status == 409);
  CHECK(world.ask(admin, {"POST", "/agents", body, {{"Idempotency-Key", "two words"}}}).status ==
        400);
  // After a day it is forgotten.
  world.clock.advance(std::chrono::hours(25));
  REQUIRE(world.run(world.parts->api->purge()));
  const Answer late = world.ask(world.session(Role::admin), {"POST", "/agents", body, key});
  CHECK(late.status == 409);
  CHECK(late.body.find("already_exists") != std::string::npos);
}

TEST_CASE("servers and tools") {
  World world;
  const Credential owner = world.session(Role::owner), admin = world.session(Role::admin);
  const std::string http =
      R"({"name":"web","transport":"streamable_http","url":"https://web.example/mcp","auth":{"type":"bearer","token":"secret:web"}})";
  const Answer made = world.ask(admin, {"POST", "/mcp-servers", http});
  CHECK(made.status == 201);
  CHECK(made.json()["config"]["auth"]["token"].as_string() == "secret:web");
  CHECK(world.ask(admin, {"POST", "/mcp-servers", http}).status == 409);
  const std::string stdio = R"({"name":"local","transport":"stdio","command":"server"})";
  const Answer refused = world.ask(admin, {"POST", "/mcp-servers", stdio});
  CHECK(refused.status == 403);
  CHECK(world
            .ask(world.operator_key(Role::owner, {Scope::read, Scope::configure}),
                 {"POST", "/mcp-servers", stdio})
            .status == 403);
  CHECK(world.ask(owner, {"POST", "/mcp-servers", stdio}).status == 201);
  world.clock.advance(std::chrono::minutes(6));
  const Answer late = world.ask(owner, {"DELETE", "/tools"});
  CHECK(late.status == 405);
  const Answer stale = world.ask(
      owner,
      {"POST", "/mcp-servers", R"({"name":"other","transport":"stdio","command":"server"})"});
  CHECK(stale.status == 403);
  CHECK(stale.json()["errors"].at(0)["message"].as_string() == "step_up");

  const std::string bank = world.add_bank().to_string();
  CHECK(world.ask(admin, {"POST", fmt::format("/mcp-servers/{}/scan", bank)}).status == 200);
  CHECK(world.scanned.size() == 1);
  CHECK(world.ask(admin, {"POST", fmt::format("/mcp-servers/{}/accept", bank)}).status == 200);
  CHECK(world.ask(admin, {"GET", "/mcp-servers"}).json()["items"].size() == 3);

  const Answer page = world.ask(admin, {"GET", "/tools?limit=1"});
  REQUIRE(page.json()["items"].size() == 1);
  CHECK(page.json()["items"].at(0)["exposed_name"].as_string() == "bank__pay");
  const std::string cursor = page.text("next_cursor");
  const Answer rest = world.ask(admin, {"GET", "/tools?limit=1&cursor=" + cursor});
  CHECK(rest.json()["items"].at(0)["name"].as_string() == "get_balance");
  CHECK(rest.json()["next_cursor"].is_null());
  CHECK(world.ask(admin, {"GET", "/audit?cursor=" + cursor}).status == 400);
  CHECK(world.ask(admin, {"GET", "/tools?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}).status == 400);
  CHECK(world.ask(admin, {"GET", "/tools?q=PAYS&server=bank"}).json()["items"].size() == 1);

  const std::string tool(page.json()["items"].at(0)["id"].as_string().value_or(""));
  const Answer off = world.ask(admin, {"POST", fmt::format("/tools/{}/disable", tool)});
  CHECK(off.json()["enabled"].as_bool() == false);
  CHECK(off.json()["definition"]["name"].as_string() == "pay");
  CHECK(world.ask(admin, {"POST", fmt::format("/tools/{}/enable", tool)})
            .json()["enabled"]
            .as_bool() == true);
  CHECK(world.ask(admin, {"POST", fmt::format("/tools/{}/accept", tool)}).status == 200);
}

TEST_CASE("secrets are set and listed, never shown") {
  World world;
  const Credential admin = world.session(Role::admin);
  const Answer set =
      world.ask(admin, {"PUT", "/secrets/bank", R"({"value":"hunter2-very-secret"})"});
  CHECK(set.status == 200);
  const Answer list = world.ask(admin, {"GET", "/secrets"});
  CHECK(list.json()["items"].size() == 1);
  CHECK((set.body + list.body).find("hunter2") == std::string::npos);
  CHECK(world.ask(admin, {"PUT", "/secrets/Not%20one", R"({"value":"x"})"}).status == 400);
  CHECK(world.ask(admin, {"DELETE", "/secrets/bank"}).status == 204);
  CHECK(world.ask(admin, {"DELETE", "/secrets/bank"}).status == 404);
  const Answer audit = world.ask(admin, {"GET", "/audit?kind=config.secret_set"});
  REQUIRE(audit.json()["items"].size() == 1);
  CHECK(audit.json()["items"].at(0)["actor"]["name"].as_string() == "admin@example.com");
  CHECK(audit.body.find("hunter2") == std::string::npos);
}

TEST_CASE("people, agents, keys and what each may see of them") {
  World world;
  const Credential admin = world.session(Role::admin), member = world.session(Role::member);
  const Answer made =
      world.ask(admin, {"POST", "/users", R"({"email":"New@Example.com","role":"approver"})"});
  REQUIRE(made.status == 201);
  const std::string id = made.text("id");
  CHECK(made.text("email") == "new@example.com");
  CHECK(
      world.ask(admin, {"POST", "/users", R"({"email":"o@example.com","role":"owner"})"}).status ==
      403);
  const Answer link =
      world.ask(admin, {"POST", fmt::format("/users/{}/links", id), R"({"purpose":"setup"})"});
  CHECK(link.status == 201);
  CHECK(link.text("url").find('#') != std::string::npos);
  CHECK(world
            .ask(admin,
                 {"PATCH", "/users/" + id, R"({"role":"member"})", {{"If-Match", made.etag()}}})
            .text("role") == "member");
  CHECK(world.ask(member, {"PATCH", "/users/" + id, R"({"role":"admin"})", {{"If-Match", "*"}}})
            .status == 403);
  CHECK(world.ask(admin, {"GET", "/users"}).json()["items"].size() == 6);
  CHECK(world.ask(admin, {"GET", "/users/" + id}).etag() == "\"2\"");
  CHECK(world.ask(admin, {"GET", "/permissions"}).json()["items"].size() > 10);

  const Answer agent =
      world.ask(member, {"POST", "/agents", R"({"name":"mine","tags":["ci"],"kind":"x"})"});
  REQUIRE(agent.status == 201);
  CHECK(agent.text("owner_id") == world.person(Role::member).id.to_string());
  CHECK(world.ask(member, {"POST", "/agents", R"({"name":"nobodys","owner_id":null})"}).status ==
        403);
  const std::string agent_path = "/agents/" + agent.text("id");
  const Answer issued = world.ask(
      member,
      {"POST",
       "/auth/api-keys",
       fmt::format(R"({{"class":"agent","name":"ci","agent_id":"{}"}})", agent.text("id"))});
  REQUIRE(issued.status == 201);
  CHECK(issued.text("key").starts_with("pla_"));
  CHECK(
      world.ask({.cookie = {}, .half = {}, .key = issued.text("key")}, {"GET", "/tools"}).status ==
      403);
  CHECK(world.ask(member, {"GET", "/auth/api-keys"}).json()["items"].size() == 1);
  CHECK(world.ask(world.session(Role::viewer), {"GET", "/auth/api-keys"}).json()["items"].size() ==
        0);
  CHECK(world.ask(admin, {"GET", "/auth/api-keys"}).json()["items"].size() == 1);
  CHECK(world.ask(member, {"DELETE", "/auth/api-keys/" + issued.text("id")}).status == 204);
  CHECK(world.ask(member, {"GET", agent_path}).status == 200);
  CHECK(
      world.ask(member, {"PATCH", agent_path, R"({"status":"suspended"})", {{"If-Match", "\"1\""}}})
          .text("status") == "suspended");
  CHECK(world.ask(member, {"DELETE", agent_path, "", {{"If-Match", "\"1\""}}}).status == 412);
  CHECK(world.ask(member, {"DELETE", agent_path, "", {{"If-Match", "\"2\""}}}).status == 204);
  CHECK(world.ask(member, {"GET", "/agents"}).json()["items"].size() == 1);
  CHECK(world.ask(member, {"GET", "/account"}).json()["people"].as_int() == 6);
  CHECK(world.ask(member, {"GET", "/status"}).text("version") == "test");
  CHECK(world.ask(member, {"GET", "/system"}).status == 403);
  CHECK(world.ask(admin, {"GET", "/system"}).json()["listen"].at(0).as_string() ==
        "127.0.0.1:8000");
}

TEST_CASE("runtime sessions are listed and ended") {
  World world;
  const Credential key = world.agent_key();
  const auto principal = identity::authenticate_key(
      *world.parts->registry->snapshot().latest(), key.key, world.clock.wall());
  REQUIRE(principal);
  const auto session = world.run(world.parts->runtime_sessions->touch(
      std::get<identity::AgentPrincipal>(*principal), "client 1.0"));
  REQUIRE(session);
  const Credential member = world.session(Role::member);
  const Answer list = world.ask(member, {"GET", "/runtime-sessions"});
  REQUIRE(list.json()["items"].size() == 1);
  CHECK(list.json()["items"].at(0)["id"].as_string() == session->to_string());
  const std::string path = "/runtime-sessions/" + session->to_string();
  CHECK(world.ask(member, {"GET", path}).text("client") == "client 1.0");
  CHECK(world.ask(world.session(Role::approver), {"POST", path + "/end"}).status == 403);
  CHECK(world.ask(member, {"POST", path + "/end", R"({"reason":"enough"})"}).status == 204);
  CHECK(world.ask(member, {"POST", path + "/end"}).status == 404);
}

TEST_CASE("the record: pages, filters, heads, and an export that begins and ends signed") {
  World world;
  const Credential admin = world.session(Role::admin);
  world.add_bank();
  const Answer first = world.ask(admin, {"GET", "/audit?limit=2"});
  REQUIRE(first.json()["items"].size() == 2);
  const Answer second =
      world.ask(admin, {"GET", "/audit?limit=2&cursor=" + first.text("next_cursor")});
  CHECK(second.json()["items"].size() == 2);
  CHECK(second.json()["items"].at(0)["seq"].as_int() < first.json()["items"].at(1)["seq"].as_int());
  CHECK(world.ask(admin, {"GET", "/audit?kind=config.server_added"}).json()["items"].size() == 1);
  CHECK(world.ask(admin, {"GET", "/audit?kind=nonsense"}).status == 400);
  const Answer config = world.ask(admin, {"GET", "/audit?group=config"});
  CHECK(config.json()["items"].size() >= 1);
  CHECK(config.json()["items"].at(0)["kind"].as_string().value_or("").starts_with("config."));
  CHECK(world.ask(admin, {"GET", "/audit?group=nonsense"}).status == 400);
  CHECK(world.ask(admin, {"GET", "/audit?group=calls"}).json()["items"].size() == 0);
  CHECK(world.ask(admin, {"GET", "/audit?action=deny"}).json()["items"].size() == 0);
  CHECK(world.ask(admin, {"GET", "/audit?outcome=succeeded"}).json()["items"].size() == 0);
  CHECK(world.ask(admin, {"GET", "/audit/heads"}).status == 200);
  const Answer quiet = world.ask(world.session(Role::viewer), {"GET", "/activity"});
  CHECK(quiet.json()["day"]["calls"].as_int() == 0);
  CHECK(quiet.json()["complete"].as_bool() == true);
  const Answer out = world.ask(admin, {"GET", "/audit/export"});
  CHECK(out.status == 200);
  CHECK(out.body.find("config.server_added") != std::string::npos);
  CHECK(out.body.find("export.created") != std::string::npos);
  CHECK(out.body.ends_with("\n"));
  CHECK(world.ask(admin, {"GET", "/audit/export?include=everything"}).status == 400);
  CHECK(
      world
          .ask(admin, {"GET", "/audit/calls/" + core::CallId::make(world.clock.wall()).to_string()})
          .status == 404);
}

}  // namespace
}  // namespace preloop::api
