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
