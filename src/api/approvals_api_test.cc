#include "api/testing/world.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::api {
namespace {

using identity::Role;
using identity::Scope;
using testing::Answer;
using testing::Credential;
using testing::World;

TEST_CASE("a request is listed, shown masked, decided once, and recorded") {
  World world;
  const auto id =
      world.add_request(R"({"amount":150,"note":"AKIAIOSFODNN7EXAMPLE","password":"hunter2"})");
  const Credential approver = world.session(Role::approver);
  const Answer list = world.ask(approver, {"GET", "/approval-requests?status=pending"});
  REQUIRE(list.json()["items"].size() == 1);
  CHECK(list.body.find("hunter2") == std::string::npos);
  const std::string path = "/approval-requests/" + id.to_string();
  const Answer shown = world.ask(approver, {"GET", path});
  CHECK(shown.json()["arguments"]["amount"].as_int() == 150);
  CHECK(shown.json()["arguments_redacted"].as_bool() == true);
  CHECK(shown.json()["definition_changes"].size() == 1);
  CHECK(shown.text("approvers").find("approver") != std::string::npos);

  CHECK(world.ask(world.session(Role::member), {"POST", path + "/approve"}).status == 403);
  CHECK(world.ask(world.operator_key(Role::approver, {Scope::read}), {"POST", path + "/approve"})
            .status == 403);
  CHECK(world.ask(world.agent_key(), {"POST", path + "/approve"}).status == 403);
  const Answer approved =
      world.ask(approver, {"POST", path + "/approve", R"({"comment":"looks right"})"});
  REQUIRE_MESSAGE(approved.status == 200, approved.body);
  CHECK(approved.text("status") == "approved");
  CHECK(approved.json()["votes"].at(0)["channel"].as_string() == "console");
  CHECK(approved.json()["votes"].at(0)["comment"].as_string() == "looks right");
  CHECK(world.ask(world.session(Role::admin), {"POST", path + "/decline"}).status == 409);
  CHECK(world.ask(approver, {"POST", path + "/release"}).status == 409);
  CHECK(world.ask(approver, {"GET", "/approval-requests?status=pending"}).json()["items"].size() ==
        0);
  CHECK(world.ask(approver, {"GET", "/approval-requests?status=maybe"}).status == 400);

  const Answer audit = world.ask(approver, {"GET", "/audit?kind=approval.voted"});
  CHECK(audit.json()["items"].size() == 1);
  const Answer story = world.ask(approver, {"GET", "/audit/calls/" + shown.text("call_id")});
  REQUIRE_MESSAGE(story.status == 200, story.body);
  CHECK(story.json()["items"].size() >= 2);
  CHECK(story.body.find("hunter2") == std::string::npos);
}

TEST_CASE("a key with the scope decides from the terminal, and pages follow one another") {
  World world;
  for (int i = 0; i < 3; ++i) {
    world.add_request(fmt::format(R"({{"amount":{}}})", i));
    world.clock.advance(std::chrono::seconds(1));
  }
  const Credential key = world.operator_key(Role::approver, {Scope::read, Scope::decide});
  const Answer first = world.ask(key, {"GET", "/approval-requests?limit=2"});
  REQUIRE(first.json()["items"].size() == 2);
  CHECK(first.json()["items"].at(0)["arguments"]["amount"].as_int() == 2);
  const Answer second =
      world.ask(key, {"GET", "/approval-requests?limit=2&cursor=" + first.text("next_cursor")});
  REQUIRE(second.json()["items"].size() == 1);
  const std::string id(second.json()["items"].at(0)["id"].as_string().value_or(""));
  const Answer declined =
      world.ask(key, {"POST", fmt::format("/approval-requests/{}/decline", id)});
  CHECK(declined.text("status") == "declined");
  CHECK(declined.json()["votes"].at(0)["channel"].as_string() == "cli");
}

TEST_CASE("several requests are decided alike, each by itself") {
  World world;
  const auto first = world.add_request(R"({"amount":1})");
  const auto other = world.add_request(R"({"amount":2})");
  const Credential approver = world.session(Role::approver);
  REQUIRE(world.ask(approver, {"POST", "/approval-requests/" + other.to_string() + "/decline"})
              .status == 200);
  const std::string body = fmt::format(
      R"({{"ids":["{}","{}"],"decision":"approve"}})", first.to_string(), other.to_string());
  CHECK(world.ask(world.agent_key(), {"POST", "/approval-requests/decide", body}).status == 403);
  const Answer decided = world.ask(approver, {"POST", "/approval-requests/decide", body});
  REQUIRE_MESSAGE(decided.status == 200, decided.body);
  CHECK(decided.json()["items"].at(0)["status"].as_string() == "approved");
  CHECK(decided.json()["items"].at(1)["status"].is_null());
  CHECK(decided.json()["items"].at(1)["problem"].as_string()->contains("declined already"));
}

TEST_CASE("a team is made, asked, changed, and stays while a workflow asks it") {
  World world;
  const Credential admin = world.session(Role::admin);
  CHECK(world
            .ask(world.session(Role::approver),
                 {"PUT", "/teams/sre", R"({"members":["ana@example.com"]})"})
            .status == 403);
  CHECK(world.ask(admin, {"PUT", "/teams/sre", R"({"members":["anybody"]})"}).status == 400);
  REQUIRE(world.ask(admin, {"PUT", "/teams/sre", R"({"members":["ana@example.com"]})"}).status ==
          200);
  REQUIRE(world
              .ask(admin,
                   {"POST",
                    "/policies/apply",
                    "version: 2\nworkflows:\n  - {name: w, approvers: [sre], quorum: 1, decline: "
                    "arithmetic, alternatives: [{approvers: [owner], require_reason: true}], "
                    "escalation: [{after: 60, approvers: [admin], timeout: 60}], timeout: 60}\n",
                    {},
                    "application/yaml"})
              .status == 200);
  CHECK(world.ask(admin, {"DELETE", "/teams/sre"}).status == 409);
  const Answer teams = world.ask(admin, {"GET", "/teams"});
  CHECK(teams.json()["items"].at(0)["workflows"].at(0).as_string() == "w");
  const Answer plan = world.ask(admin, {"GET", "/approval-workflows/w/simulate"});
  REQUIRE_MESSAGE(plan.status == 200, plan.body);
  const auto steps = plan.json()["items"];
  CHECK(steps.at(0)["approvers"].at(0).as_string() == "ana@example.com");
  CHECK(steps.at(1)["approvers"].at(0).as_string() == "owner");
  CHECK(steps.at(steps.size() - 1)["after"].as_int() == 120);
  CHECK(world.ask(admin, {"GET", "/approval-workflows/nothing/simulate"}).status == 404);
  // As it is written, whole: what the editor reads it writes again.
  const Answer written = world.ask(admin, {"GET", "/approval-workflows/w"});
  CHECK(written.json()["decline"].as_string() == "arithmetic");
  CHECK(written.json()["alternatives"].at(0)["require_reason"].as_bool() == true);
  const Answer exported = world.ask(admin, {"GET", "/policies/export"});
  CHECK(exported.body.find("alternatives") != std::string::npos);
}

TEST_CASE("the workflows are those in force") {
  World world;
  const Credential admin = world.session(Role::admin);
  CHECK(world.ask(admin, {"GET", "/approval-workflows"}).json()["items"].size() == 1);
  REQUIRE(world
              .ask(admin,
                   {"POST",
                    "/policies/apply",
                    "version: 2\nworkflows: [{name: two, approvers: [admin], quorum: 2}]\n",
                    {},
                    "application/yaml"})
              .status == 200);
  const Answer list = world.ask(admin, {"GET", "/approval-workflows"});
  REQUIRE(list.json()["items"].size() == 2);
  CHECK(list.json()["items"].at(1)["quorum"].as_int() == 2);
}

}  // namespace
}  // namespace preloop::api
