#include "identity/registry.h"

#include "identity/testing/world.h"

#include <doctest/doctest.h>

#include <set>

namespace preloop::identity {
namespace {

using core::Code;
using store::testing::for_each_database;
using store::testing::TestDatabase;
using testing::World;
using namespace std::chrono_literals;

/// The directory that the store would give after a restart.
std::shared_ptr<const Directory> reloaded(World& world) {
  Registry other(world.db.loops.at(0), world.db.loops, world.db.database, world.clock);
  REQUIRE(world.run(other.load()).has_value());
  return other.snapshot().latest().value;
}

std::string summary(const Directory& directory) {
  std::multiset<std::string> lines;
  for (const Person& person : directory.people()) {
    lines.insert("person " + person.email + " " + std::string(to_string(person.role)) + " " +
                 std::string(to_string(person.standing)) + " " +
                 std::to_string(person.has_password) + " " + std::to_string(person.revision));
  }
  for (const Agent& agent : directory.agents()) {
    std::string line =
        "agent " + agent.name + " " + agent.kind + " " + std::string(to_string(agent.standing)) +
        " " + std::to_string(agent.revision) + " " + (agent.owner ? agent.owner->to_string() : "-");
    for (const std::string& tag : agent.tags) {
      line += " " + tag;
    }
    lines.insert(line);
  }
  for (const KeyInfo& key : directory.keys()) {
    lines.insert("key " + key.id.to_string() + " " + key.name + " " + key.scopes.to_string() + " " +
                 std::to_string(key.made_by_admin) + " " +
                 (key.parent ? key.parent->to_string() : "-") + " " +
                 (key.expires_at ? core::to_rfc3339(*key.expires_at) : "-") + " " +
                 std::string(core::as_bytes(key.hash)));
  }
  std::string out;
  for (const std::string& line : lines) {
    out += line + "\n";
  }
  return out;
}

TEST_CASE("what changed in memory is what the store says after a restart") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::owner, "correct horse");
    const Person bo = world.add_person("bo@example.com", Role::member);
    const Agent ci = world.add_agent("ci-bot", bo.id);
    const Agent gone = world.add_agent("gone");
    world.add_agent_key(ci);
    const IssuedKey revoked = world.add_agent_key(ci);
    world.add_agent_key(gone);
    world.add_operator_key(ana, {Scope::read, Scope::decide});
    CHECK(summary(*world.directory()) == summary(*reloaded(world)));

    const Actor by = world.as(ana);
    REQUIRE(world.run(world.management.revoke_key(by, revoked.info.id, "test")).has_value());
    REQUIRE(world.run(world.management.remove_agent(by, gone.id)).has_value());
    REQUIRE(world
                .run(world.management.update_agent(by,
                                                   ci.id,
                                                   1,
                                                   {.name = "ci",
                                                    .tags = std::vector<std::string>{"a", "b"},
                                                    .standing = Standing::suspended}))
                .has_value());
    REQUIRE(world.run(world.management.update_person(by, bo.id, 1, {.role = Role::approver}))
                .has_value());
    CHECK(summary(*world.directory()) == summary(*reloaded(world)));
    CHECK(world.directory()->keys().size() == 2);
  });
}

/// Reads on the loop it runs on.
core::Task<bool> knows(const Registry& registry, core::KeyId id) {
  co_return registry.snapshot().read()->find_key(id) != nullptr;
}

TEST_CASE("a revocation is in force on every loop, and told, before it is acknowledged") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    const IssuedKey key = world.add_agent_key(agent);
    CHECK(world.authenticate(key.secret).has_value());
    const std::uint64_t before = world.registry.snapshot().generation();
    REQUIRE(
        world.run(world.management.revoke_key(world.admin(), key.info.id, "leaked")).has_value());
    CHECK(world.registry.snapshot().generation() == before + 1);
    for (std::size_t i = 0; i < db.loops.size(); ++i) {
      CHECK(!core::testing::run_on(db.loops.at(i), knows(world.registry, key.info.id)));
    }
    CHECK(world.authenticate(key.secret).error().code == Code::unauthenticated);
    REQUIRE(world.revocations.size() == 1);
    CHECK(world.revocations[0].kind == Revocation::Kind::key);
    CHECK(world.revocations[0].agent == agent.id);
    CHECK(world.sealer.count(audit::Kind::key_revoked) == 1);
    CHECK(world.run(world.management.revoke_key(world.admin(), key.info.id, "")).error().code ==
          Code::not_found);
    const auto keys = world.run(world.management.keys(world.account, {}, 50)).value();
    CHECK(keys.at(0).revoked_at == world.clock.wall());
  });
}

TEST_CASE("a suspended agent is out at once and back when resumed") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    const IssuedKey key = world.add_agent_key(agent);
    REQUIRE(world
                .run(world.management.update_agent(
                    world.admin(), agent.id, 1, {.standing = Standing::suspended}))
                .has_value());
    CHECK(world.authenticate(key.secret).error().code == Code::permission_denied);
    CHECK(world.revocations.at(0).kind == Revocation::Kind::agent);
    REQUIRE(world
                .run(world.management.update_agent(
                    world.admin(), agent.id, 2, {.standing = Standing::active}))
                .has_value());
    CHECK(world.authenticate(key.secret).has_value());
    CHECK(world.sealer.count(audit::Kind::agent_suspended) == 1);
    CHECK(world.sealer.count(audit::Kind::agent_resumed) == 1);
  });
}

TEST_CASE("a change of something that moved on is refused and changes nothing") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    Agent out;
    CHECK(world.run(world.management.update_agent(world.admin(), agent.id, 2, {.name = "x"}))
              .error()
              .code == Code::aborted);
    // The same in the store: another node changed the row.
    store::Unit elsewhere;
    elsewhere.add(store::statement("UPDATE agent SET revision = 7"));
    REQUIRE(world.run(db.database.commit(std::move(elsewhere), store::Durability::standard))
                .has_value());
    const std::uint64_t before = world.registry.snapshot().generation();
    CHECK(world.run(world.management.update_agent(world.admin(), agent.id, 1, {.name = "x"}))
              .error()
              .code == Code::aborted);
    CHECK(world.registry.snapshot().generation() == before);
    CHECK(world.directory()->agents().at(0).name == "ci-bot");
  });
}

TEST_CASE("a taken name is refused, also when only the store knows it") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    World other_node(db);
    other_node.account = world.account;
    world.add_agent("ci-bot");
    CHECK(world.run(world.management.create_agent(world.server(), {"ci-bot", "", {}, {}}))
              .error()
              .code == Code::already_exists);
    const auto late =
        other_node.run(other_node.management.create_agent(world.server(), {"ci-bot", "", {}, {}}));
    CHECK(!late.has_value());
    // It read the store again and knows better now.
    CHECK(other_node.directory()->find_agent(world.account, "ci-bot") != nullptr);
  });
}

TEST_CASE("an expired key leaves the directory with the tick, and its streams are told to end") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Agent agent = world.add_agent("ci-bot");
    const auto key =
        world.run(world.management.create_key(world.server(),
                                              {.key_class = KeyClass::execution_key,
                                               .name = "run",
                                               .agent = agent.id,
                                               .expires_at = world.clock.wall() + 1h}));
    REQUIRE(key.has_value());
    REQUIRE(world.run(world.registry.expire()).has_value());
    CHECK(world.revocations.empty());
    world.clock.advance(1h);
    CHECK(world.authenticate(key->secret).error().code == Code::unauthenticated);
    REQUIRE(world.run(world.registry.expire()).has_value());
    REQUIRE(world.revocations.size() == 1);
    CHECK(world.revocations[0].reason == "expired");
    CHECK(world.directory()->keys().empty());
    CHECK(reloaded(world)->keys().empty());
  });
}

TEST_CASE("when a key was last used is written with the tick") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const IssuedKey key = world.add_agent_key(world.add_agent("ci-bot"));
    world.clock.advance(5min);
    world.usage.note(world.account, key.info.id);
    REQUIRE(world.run(world.usage.flush()).has_value());
    CHECK(world.run(world.management.keys(world.account, {}, 1)).value().at(0).last_used_at ==
          world.clock.wall());
  });
}

TEST_CASE("the account and the owner of a first start are made once") {
  for_each_database([](TestDatabase& db) {
    const auto now = core::SystemClock().wall();
    const auto first = db.run(ensure_account(db.database, now)).value();
    CHECK(first.is_new);
    const auto again = db.run(ensure_account(db.database, now)).value();
    CHECK(!again.is_new);
    CHECK(again.id == first.id);

    World world(db);
    const auto ensure = [&](const char* email) {
      return world.run(ensure_owner(
          world.registry, world.management, first.id, email, core::Secret("correct horse")));
    };
    const auto owner = ensure("Ana@example.com").value();
    REQUIRE(owner.has_value());
    CHECK(owner->role == Role::owner);
    CHECK(owner->has_password);
    CHECK(!ensure("bo@example.com").value().has_value());
    CHECK(world.directory()->people().size() == 1);
    CHECK(world
              .run(world.sign_in.with_password(
                  first.id, "ana@example.com", core::Secret("correct horse"), world.visitor()))
              .has_value());
  });
}

}  // namespace
}  // namespace preloop::identity
