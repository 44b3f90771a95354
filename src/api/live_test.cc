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

/// The number of the event of this kind in a stream's text.
std::string id_of(const std::string& stream, std::string_view kind) {
  const auto event = stream.find(fmt::format("event: {}", kind));
  REQUIRE(event != std::string::npos);
  const auto block = stream.rfind("\n\n", event);
  const std::string text = stream.substr(block == std::string::npos ? 0 : block);
  const auto id = text.find("id: ");
  REQUIRE(id != std::string::npos);
  return text.substr(id + 4, text.find('\n', id) - id - 4);
}

TEST_CASE("changes arrive while they happen, and a reader resumes where it was") {
  World world;
  const auto stream = world.open(world.session(Role::viewer), {"GET", "/events"});
  REQUIRE(stream.recorder->wait_for("retry: "));
  const Credential admin = world.session(Role::admin);
  REQUIRE(world.ask(admin, {"POST", "/agents", R"({"name":"first"})"}).status == 201);
  REQUIRE(stream.recorder->wait_for("event: agent.updated"));
  CHECK(stream.recorder->response().headers.get("Content-Type") == "text/event-stream");
  const std::string seen = id_of(stream.recorder->streamed(), "agent.updated");
  world.loops.at(1).post([client = stream.client] { client->request(); });
  REQUIRE(stream.recorder->wait_for_end());

  world.add_bank();
  const auto again = world.open(world.operator_key(Role::viewer, {Scope::read}),
                                {"GET", "/events", "", {{"Last-Event-ID", seen}}});
  REQUIRE(again.recorder->wait_for("event: server.updated"));
  CHECK(again.recorder->streamed().find("agent.updated") == std::string::npos);
  CHECK(world.ask(admin, {"GET", "/events", "", {{"Last-Event-ID", "soon"}}}).status == 400);
}

TEST_CASE("a stream ends with its credential") {
  World world;
  const Credential session = world.session(Role::approver);
  const Credential key = world.operator_key(Role::admin, {Scope::read});
  const auto by_session = world.open(session, {"GET", "/events"});
  const auto by_key = world.open(key, {"GET", "/events"});
  const auto other = world.open(world.session(Role::approver), {"GET", "/events"});
  REQUIRE(by_session.recorder->wait_for("retry: "));
  REQUIRE(by_key.recorder->wait_for("retry: "));
  REQUIRE(other.recorder->wait_for("retry: "));
  REQUIRE(world.ask(session, {"POST", "/auth/sign-out"}).status == 204);
  CHECK(by_session.recorder->wait_for_end());

  const Answer me = world.ask(key, {"GET", "/auth/me"});
  const std::string id(me.json()["key"]["id"].as_string().value_or(""));
  REQUIRE(world.ask(key, {"DELETE", "/auth/api-keys/" + id}).status == 204);
  CHECK(by_key.recorder->wait_for_end());
  // The other session of the same person goes on.
  world.add_bank();
  CHECK(other.recorder->wait_for("event: server.updated"));
}

TEST_CASE("that the record grew is told to those who may read it") {
  World world;
  const auto viewer = world.open(world.session(Role::viewer), {"GET", "/events"});
  const auto approver = world.open(world.session(Role::approver), {"GET", "/events"});
  REQUIRE(viewer.recorder->wait_for("retry: "));
  REQUIRE(approver.recorder->wait_for("retry: "));
  world.add_bank();
  REQUIRE(approver.recorder->wait_for("event: audit.written"));
  REQUIRE(viewer.recorder->wait_for("event: server.updated"));
  CHECK(viewer.recorder->streamed().find("audit.written") == std::string::npos);
}

TEST_CASE("a stream ends when the server stops") {
  World world;
  const auto stream = world.open(world.session(Role::viewer), {"GET", "/events"});
  REQUIRE(stream.recorder->wait_for("retry: "));
  world.run(world.parts->feed->stop());
  CHECK(stream.recorder->wait_for_end());
}

}  // namespace
}  // namespace preloop::api
