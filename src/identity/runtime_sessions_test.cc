#include "identity/runtime_sessions.h"

#include "identity/runtime_session_repo.h"
#include "identity/testing/world.h"

#include <doctest/doctest.h>

namespace preloop::identity {
namespace {

using core::Code;
using store::testing::for_each_database;
using store::testing::TestDatabase;
using testing::World;
using namespace std::chrono_literals;

AgentPrincipal principal_of(World& world, const IssuedKey& key) {
  return std::get<AgentPrincipal>(world.authenticate(key.secret).value());
}

core::RuntimeSessionId touch(World& world, const AgentPrincipal& who, std::size_t loop = 0) {
  const auto id =
      core::testing::run_on(world.db.loops.at(loop), world.sessions.touch(who, "client"));
  REQUIRE_MESSAGE(id.has_value(), id.error().message);
  return *id;
}

std::optional<RuntimeSession> stored(World& world, core::RuntimeSessionId id) {
  return world.run(RuntimeSessionRepo::find(world.db.database, world.account, id)).value();
}

TEST_CASE("a credential has one session on every loop until it was idle for thirty minutes") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    const AgentPrincipal who = principal_of(world, world.add_agent_key(agent));
    const AgentPrincipal other = principal_of(world, world.add_agent_key(agent));
    const auto first = touch(world, who);
    CHECK(touch(world, who, 1) == first);
    CHECK(touch(world, other) != first);
    for (int i = 0; i < 5; ++i) {
      world.clock.advance(29min);
      CHECK(touch(world, who, static_cast<std::size_t>(i)) == first);
    }
    world.clock.advance(31min);
    const auto second = touch(world, who);
    CHECK(second != first);
    CHECK(stored(world, first)->end_reason == "idle");
    CHECK(!stored(world, second)->ended_at);
    CHECK(world.sealer.count(audit::Kind::session_started) == 3);
    CHECK(world.sealer.count(audit::Kind::session_ended) == 1);
  });
}

TEST_CASE("what the client calls itself is a label and starts nothing") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const AgentPrincipal who = principal_of(world, world.add_agent_key(world.add_agent("ci-bot")));
    const auto first = world.run(world.sessions.touch(who, "claude-code")).value();
    world.clock.advance(1min);
    CHECK(world.run(world.sessions.touch(who, "other\x1b[31m")).value() == first);
    REQUIRE(world.run(world.sessions.sweep()).has_value());
    CHECK(stored(world, first)->client.starts_with("other"));
    CHECK(stored(world, first)->client.find('\x1b') == std::string::npos);
    CHECK(stored(world, first)->last_active_at == world.clock.wall());
  });
}

TEST_CASE("a session ended by a person is over on every loop at once") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person owner = world.add_person("ana@example.com", Role::admin);
    const Person viewer = world.add_person("vi@example.com", Role::viewer);
    const AgentPrincipal who = principal_of(world, world.add_agent_key(world.add_agent("ci-bot")));
    const auto first = touch(world, who, 0);
    CHECK(touch(world, who, 1) == first);
    CHECK(world.run(world.sessions.end(world.as(viewer), first, "")).error().code ==
          Code::permission_denied);
    REQUIRE(world.run(world.sessions.end(world.as(owner), first, "enough")).has_value());
    const auto second = touch(world, who, 1);
    CHECK(second != first);
    CHECK(touch(world, who, 0) == second);
    CHECK(stored(world, first)->end_reason == "enough");
    CHECK(world.run(world.sessions.end(world.as(owner), first, "")).error().code ==
          Code::not_found);
  });
}

TEST_CASE("a revoked key and a suspended agent end their sessions with the change") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    const IssuedKey key = world.add_agent_key(agent);
    const IssuedKey other = world.add_agent_key(agent);
    const auto by_key = touch(world, principal_of(world, key));
    const auto by_agent = touch(world, principal_of(world, other));
    REQUIRE(world.run(world.management.revoke_key(world.admin(), key.info.id, "")).has_value());
    CHECK(stored(world, by_key)->end_reason == "revoked");
    CHECK(!stored(world, by_agent)->ended_at);
    REQUIRE(world
                .run(world.management.update_agent(
                    world.admin(), agent.id, 1, {.standing = Standing::suspended}))
                .has_value());
    CHECK(stored(world, by_agent)->end_reason == "suspended");
    CHECK(world.run(world.sessions.live(world.account)).empty());
    REQUIRE(world.run(world.sessions.sweep()).has_value());
    CHECK(world.sealer.count(audit::Kind::session_ended) == 2);
  });
}

TEST_CASE("a principal from before the revocation starts no session") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const IssuedKey key = world.add_agent_key(world.add_agent("ci-bot"));
    const AgentPrincipal who = principal_of(world, key);
    REQUIRE(world.run(world.management.revoke_key(world.admin(), key.info.id, "")).has_value());
    CHECK(world.run(world.sessions.touch(who, "")).error().code == Code::unauthenticated);
    CHECK(world.run(world.sessions.live(world.account)).empty());
  });
}

TEST_CASE("a restart neither renews a session nor keeps a dead one") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    const AgentPrincipal busy = principal_of(world, world.add_agent_key(agent));
    const AgentPrincipal idle = principal_of(world, world.add_agent_key(agent));
    const auto dead = touch(world, idle);
    world.clock.advance(20min);
    const auto alive = touch(world, busy);
    world.clock.advance(15min);

    RuntimeSessions after(db.loops, world.registry, world.usage);
    REQUIRE(world.run(after.load()).has_value());
    CHECK(world.run(after.touch(busy, "")).value() == alive);
    CHECK(stored(world, dead)->end_reason == "idle");
    CHECK(world.run(after.touch(idle, "")).value() != dead);
  });
}

TEST_CASE("sessions are listed newest first, page by page") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    std::vector<core::RuntimeSessionId> made;
    for (int i = 0; i < 3; ++i) {
      made.push_back(touch(world, principal_of(world, world.add_agent_key(agent))));
      world.clock.advance(1s);
    }
    const auto page = [&](std::optional<core::AgentId> of,
                          std::optional<core::RuntimeSessionId> before) {
      return world.run(RuntimeSessionRepo::page(db.database, world.account, of, before, 2)).value();
    };
    CHECK(page({}, {}).at(0).id == made[2]);
    CHECK(page(agent.id, made[1]).at(0).id == made[0]);
    CHECK(page(core::AgentId::make(world.clock.wall()), {}).empty());
  });
}

}  // namespace
}  // namespace preloop::identity
