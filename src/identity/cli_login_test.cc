#include "identity/cli_login.h"

#include "core/text.h"
#include "identity/testing/world.h"

#include <doctest/doctest.h>

namespace preloop::identity {
namespace {

using core::Code;
using core::Secret;
using store::testing::for_each_database;
using store::testing::TestDatabase;
using testing::World;
using State = CliLogin::Polled::State;
using namespace std::chrono_literals;

TEST_CASE("a terminal gets a read-only key when a person confirms its code, once") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::owner);
    const auto started = world.run(world.cli_login.start(world.account, world.visitor())).value();
    CHECK(started.code.size() == 9);
    CHECK(started.code[4] == '-');
    CHECK(world.run(world.cli_login.poll(started.device))->state == State::pending);

    const auto shown = world.run(world.cli_login.show(world.principal(ana), started.code));
    REQUIRE(shown.has_value());
    CHECK(shown->scopes == ScopeSet{Scope::read});
    CHECK(shown->address == "192.0.2.7");
    std::string typed = core::ascii_lower(started.code);
    typed.erase(4, 1);
    REQUIRE(world.run(world.cli_login.decide(world.principal(ana), typed, LoginDecision::confirmed))
                .has_value());
    const auto polled = world.run(world.cli_login.poll(started.device));
    REQUIRE(polled.has_value());
    REQUIRE(polled->state == State::done);
    const auto who = world.authenticate(polled->key->secret);
    REQUIRE(who.has_value());
    const auto& key = std::get<OperatorPrincipal>(*who);
    CHECK(key.person == ana.id);
    CHECK(key.scopes == ScopeSet{Scope::read});
    CHECK(!may(*who, Permission::decide));
    CHECK(world.run(world.cli_login.poll(started.device)).error().code == Code::not_found);
    CHECK(world.sealer.count(audit::Kind::auth_login_confirmed) == 1);
    CHECK(world.sealer.count(audit::Kind::key_created) == 1);
  });
}

TEST_CASE("a denied terminal learns it, and a code is decided once") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::owner);
    const auto started = world.run(world.cli_login.start(world.account, world.visitor())).value();
    REQUIRE(
        world.run(world.cli_login.decide(world.principal(ana), started.code, LoginDecision::denied))
            .has_value());
    CHECK(world
              .run(world.cli_login.decide(
                  world.principal(ana), started.code, LoginDecision::confirmed))
              .error()
              .code == Code::not_found);
    CHECK(world.run(world.cli_login.poll(started.device))->state == State::denied);
    CHECK(world.directory()->keys().empty());
  });
}

TEST_CASE("an unconfirmed code expires, and so does a confirmed one that nobody fetched") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::owner);
    const auto unseen = world.run(world.cli_login.start(world.account, world.visitor())).value();
    const auto unfetched = world.run(world.cli_login.start(world.account, world.visitor())).value();
    REQUIRE(world
                .run(world.cli_login.decide(
                    world.principal(ana), unfetched.code, LoginDecision::confirmed))
                .has_value());
    world.clock.advance(10min);
    CHECK(world.run(world.cli_login.poll(unseen.device)).error().code == Code::not_found);
    CHECK(world.run(world.cli_login.poll(unfetched.device)).error().code == Code::not_found);
    CHECK(world.run(world.cli_login.show(world.principal(ana), unseen.code)).error().code ==
          Code::not_found);
    world.clock.advance(48h);
    CHECK(world.run(world.cli_login.purge()).has_value());
  });
}

TEST_CASE("codes cannot be tried out, nor device secrets made up") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::owner);
    CHECK(world.run(world.cli_login.poll(make_token())).error().code == Code::not_found);
    CHECK(world.run(world.cli_login.poll(Secret("x"))).error().code == Code::not_found);
    for (const char* code : {"", "AAAA-AAAA", "BCDF-GHJ", "BCDF-GHJKL", "'; DROP"}) {
      CHECK(world.run(world.cli_login.show(world.principal(ana), code)).error().code ==
            Code::not_found);
    }
    Code last = Code::not_found;
    for (int i = 0; i < 40 && last == Code::not_found; ++i) {
      last = world.run(world.cli_login.show(world.principal(ana), "BCDF-GHJK")).error().code;
    }
    CHECK(last == Code::resource_exhausted);
  });
}

TEST_CASE("an elevation is confirmed by the person whose key asks, right after a password") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::approver);
    const Person bo = world.add_person("bo@example.com", Role::owner);
    const IssuedKey stored = world.add_operator_key(ana, {Scope::read});
    const auto weak = std::get<OperatorPrincipal>(world.authenticate(stored.secret).value());
    const auto started =
        world.run(world.cli_login.start_elevation(weak, {Scope::decide}, world.visitor())).value();
    const auto confirm = [&](PersonPrincipal who) {
      return world.run(world.cli_login.decide(who, started.code, LoginDecision::confirmed));
    };
    CHECK(confirm(world.principal(bo)).error().code == Code::not_found);
    PersonPrincipal stale = world.principal(ana);
    stale.authenticated_at -= 6min;
    CHECK(confirm(stale).error().code == Code::permission_denied);
    REQUIRE(confirm(world.principal(ana)).has_value());
    const auto polled = world.run(world.cli_login.poll(started.device)).value();
    REQUIRE(polled.state == State::done);
    CHECK(may(world.authenticate(polled.key->secret).value(), Permission::decide));
    world.clock.advance(5min);
    CHECK(world.authenticate(polled.key->secret).error().code == Code::unauthenticated);
  });
}

TEST_CASE("a person suspended between confirming and polling gets no key") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person owner = world.add_person("ana@example.com", Role::owner);
    const Person bo = world.add_person("bo@example.com", Role::member);
    const auto started = world.run(world.cli_login.start(world.account, world.visitor())).value();
    REQUIRE(world
                .run(world.cli_login.decide(
                    world.principal(bo), started.code, LoginDecision::confirmed))
                .has_value());
    REQUIRE(world
                .run(world.management.update_person(
                    world.as(owner), bo.id, 1, {.standing = Standing::suspended}))
                .has_value());
    CHECK(world.run(world.cli_login.poll(started.device)).error().code == Code::permission_denied);
  });
}

}  // namespace
}  // namespace preloop::identity
