#include "api/testing/world.h"
#include "identity/links.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::api {
namespace {

using identity::Role;
using identity::Scope;
using testing::Answer;
using testing::Credential;
using testing::World;

/// The session that an answer has started.
Credential session_of(const Answer& answer) {
  const std::string cookie(answer.headers.get("Set-Cookie").value_or(""));
  CHECK(cookie.starts_with("preloop="));
  CHECK(cookie.find("HttpOnly") != std::string::npos);
  CHECK(cookie.find("SameSite=Strict") != std::string::npos);
  return {.cookie = cookie.substr(8, cookie.find(';') - 8),
          .half = answer.text("session_token"),
          .key = {}};
}

/// Chooses a password by a one-time link and signs in with it.
Credential set_password(World& world, Role role, const std::string& password) {
  const auto link = world.run(world.parts->links->create(
      identity::Actor::admin(world.account), identity::LinkPurpose::setup, world.person(role).id));
  REQUIRE_MESSAGE(link, link.error().message);
  const Answer shown = world.ask(
      {}, {"POST", "/auth/link", fmt::format(R"({{"token":"{}"}})", link->token.reveal())});
  CHECK(shown.status == 200);
  CHECK(shown.text("purpose") == "setup");
  const std::string redeem =
      fmt::format(R"({{"token":"{}","password":"{}"}})", link->token.reveal(), password);
  const Answer used = world.ask({}, {"POST", "/auth/setup", redeem});
  REQUIRE_MESSAGE(used.status == 200, used.body);
  CHECK(world.ask({}, {"POST", "/auth/setup", redeem}).status == 404);
  return session_of(used);
}

TEST_CASE("a session opens with both halves and with nothing less") {
  World world;
  const Credential both = set_password(world, Role::admin, "correct horse battery");
  const Answer me = world.ask(both, {"GET", "/auth/me"});
  CHECK(me.status == 200);
  CHECK(me.text("class") == "session");
  CHECK(me.json()["person"]["email"].as_string() == "admin@example.com");
  for (const Credential& half : {Credential{both.cookie, "", ""},
                                 Credential{"", both.half, ""},
                                 Credential{both.cookie, both.cookie, ""},
                                 Credential{world.session(Role::admin).cookie, both.half, ""}}) {
    CHECK(world.ask(half, {"GET", "/auth/me"}).status == 401);
  }
  CHECK(world.ask(both, {"GET", "/auth/sessions"}).json()["items"].size() == 2);

  const Answer out = world.ask(both, {"POST", "/auth/sign-out"});
  CHECK(out.status == 204);
  CHECK(out.headers.get("Set-Cookie")->find("Max-Age=0") != std::string_view::npos);
  const Answer after = world.ask(both, {"GET", "/auth/me"});
  CHECK(after.status == 401);
  CHECK(after.headers.get("WWW-Authenticate").has_value());

  const std::string good = R"({"email":"Admin@example.com","password":"correct horse battery"})";
  CHECK(world.ask(session_of(world.ask({}, {"POST", "/auth/sign-in", good})), {"GET", "/auth/me"})
            .status == 200);
  CHECK(
      world
          .ask({}, {"POST", "/auth/sign-in", R"({"email":"admin@example.com","password":"wrong"})"})
          .status == 401);
  // A stale session must not keep anybody from signing in.
  CHECK(world.ask(both, {"POST", "/auth/sign-in", good}).status == 200);
}

TEST_CASE("who guesses too often is told when to come back") {
  World world;
  Answer last;
  for (int i = 0; i < 60 && last.status != 429; ++i) {
    last = world.ask({}, {"POST", "/auth/link", fmt::format(R"({{"token":"{:0>43}"}})", i)});
  }
  REQUIRE(last.status == 429);
  const std::string seconds(last.headers.get("Retry-After").value_or(""));
  CHECK(seconds == last.json()["errors"].at(0)["message"].as_string());
}

TEST_CASE("a suspended person's old session keeps nobody from signing in") {
  World world;
  const Credential owner = set_password(world, Role::owner, "correct horse battery");
  const Credential stale = world.session(Role::approver);
  const identity::Person& person = world.person(Role::approver);
  REQUIRE(world.run(world.parts->management->update_person(
      identity::Actor::admin(world.account),
      person.id,
      person.revision,
      {.display_name = {}, .role = {}, .standing = identity::Standing::suspended})));
  CHECK(world
            .ask(stale,
                 {"POST",
                  "/auth/sign-in",
                  R"({"email":"owner@example.com","password":"correct horse battery"})"})
            .status == 200);
}

TEST_CASE("pages of other sites cannot write") {
  World world;
  const Credential who = world.session(Role::admin);
  const auto post = [&](const char* origin) {
    return world
        .ask(who,
             {"POST",
              "/agents",
              fmt::format(R"({{"name":"a{}"}})", std::string_view(origin).size()),
              {{"Origin", origin}}})
        .status;
  };
  CHECK(post("http://127.0.0.1:8000") == 201);
  CHECK(post("http://127.0.0.1:3000") == 403);
  CHECK(post("https://evil.example") == 403);
  CHECK(post("null") == 403);
  CHECK(world
            .ask({},
                 {"POST",
                  "/auth/sign-in",
                  R"({"email":"a@example.com","password":"x"})",
                  {{"Origin", "https://evil.example"}}})
            .status == 403);
}

TEST_CASE("a password counts for five minutes, and can be entered again") {
  World world;
  const Credential owner = set_password(world, Role::owner, "correct horse battery");
  world.clock.advance(std::chrono::minutes(6));
  const std::string command = R"({"name":"local","transport":"stdio","command":"server"})";
  CHECK(world.ask(owner, {"POST", "/mcp-servers", command}).status == 403);
  CHECK(world.ask(owner, {"POST", "/auth/reauthenticate", R"({"password":"wrong"})"}).status ==
        401);
  CHECK(
      world.ask(owner, {"POST", "/auth/reauthenticate", R"({"password":"correct horse battery"})"})
          .status == 200);
  CHECK(world.ask(owner, {"POST", "/mcp-servers", command}).status == 201);
  CHECK(
      world
          .ask(
              owner,
              {"PUT",
               "/auth/password",
               R"({"current_password":"correct horse battery","new_password":"another long one"})"})
          .status == 204);
}

TEST_CASE("a terminal signs in through the browser, with a key that only reads") {
  World world;
  const Credential browser = set_password(world, Role::owner, "correct horse battery");
  const Answer started = world.ask({}, {"POST", "/auth/login/start"});
  REQUIRE_MESSAGE(started.status == 201, started.body);
  const std::string poll = fmt::format(R"({{"device":"{}"}})", started.text("device"));
  CHECK(world.ask({}, {"POST", "/auth/login/poll", poll}).text("state") == "pending");
  const std::string code = started.text("code");
  const Answer waiting =
      world.ask(browser, {"POST", "/auth/login/lookup", fmt::format(R"({{"code":"{}"}})", code)});
  CHECK(waiting.status == 200);
  CHECK(waiting.json()["elevation"].as_bool() == false);
  CHECK(world
            .ask(browser,
                 {"POST",
                  "/auth/login/confirm",
                  fmt::format(R"({{"code":"{}","decision":"confirmed"}})", code)})
            .status == 204);
  const Answer done = world.ask({}, {"POST", "/auth/login/poll", poll});
  CHECK(done.text("state") == "done");
  const Credential terminal{.cookie = {}, .half = {}, .key = done.text("key")};
  CHECK(world.ask({}, {"POST", "/auth/login/poll", poll}).status == 404);

  const Answer me = world.ask(terminal, {"GET", "/auth/me"});
  CHECK(me.text("class") == "operator_key");
  CHECK(me.json()["key"]["scopes"].size() == 1);
  const Answer refused = world.ask(terminal, {"POST", "/agents", R"({"name":"x"})"});
  CHECK(refused.status == 403);
  CHECK(refused.json()["errors"].at(0)["message"].as_string() == "elevate");

  const Answer elevated =
      world.ask(terminal,
                {"POST",
                 "/auth/elevate",
                 R"({"password":"correct horse battery","scopes":["read","configure"]})"});
  REQUIRE_MESSAGE(elevated.status == 201, elevated.body);
  const Credential strong{.cookie = {}, .half = {}, .key = elevated.text("key")};
  CHECK(world.ask(strong, {"POST", "/agents", R"({"name":"x"})"}).status == 201);
  world.clock.advance(std::chrono::minutes(6));
  CHECK(world.ask(strong, {"POST", "/agents", R"({"name":"y"})"}).status == 401);

  // The same by a click.
  CHECK(world.ask({}, {"POST", "/auth/login/start", R"({"scopes":["decide"]})"}).status == 400);
  const Answer click =
      world.ask(terminal, {"POST", "/auth/login/start", R"({"scopes":["decide"]})"});
  REQUIRE_MESSAGE(click.status == 201, click.body);
  CHECK(world
            .ask(browser,
                 {"POST",
                  "/auth/login/confirm",
                  fmt::format(R"({{"code":"{}","decision":"denied"}})", click.text("code"))})
            .status == 204);
  CHECK(world
            .ask({},
                 {"POST",
                  "/auth/login/poll",
                  fmt::format(R"({{"device":"{}"}})", click.text("device"))})
            .text("state") == "denied");
  // A key revokes itself without any scope.
  CHECK(world
            .ask(terminal,
                 {"DELETE",
                  "/auth/api-keys/" + std::string(me.json()["key"]["id"].as_string().value_or(""))})
            .status == 204);
  CHECK(world.ask(terminal, {"GET", "/auth/me"}).status == 401);
}

}  // namespace
}  // namespace preloop::api
