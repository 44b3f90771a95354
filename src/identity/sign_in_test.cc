#include "identity/sign_in.h"

#include "identity/session_cookie.h"
#include "identity/testing/world.h"

#include <doctest/doctest.h>

namespace preloop::identity {
namespace {

using core::Code;
using core::Secret;
using store::testing::for_each_database;
using store::testing::TestDatabase;
using testing::World;
using namespace std::chrono_literals;

constexpr const char* k_password = "correct horse";

core::Result<StartedSession> sign_in(World& world,
                                     const std::string& email,
                                     const char* password,
                                     const std::string& address = "192.0.2.7") {
  return world.run(
      world.sign_in.with_password(world.account, email, Secret(password), world.visitor(address)));
}

core::Result<PersonPrincipal> use(World& world, const StartedSession& session) {
  return world.run(world.sign_in.authenticate(session.cookie.reveal(), session.header.reveal()));
}

TEST_CASE("a person signs in and both halves are needed") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::approver, k_password);
    const auto session = sign_in(world, " Ana@Example.com", k_password);
    REQUIRE(session.has_value());
    const auto who = use(world, *session);
    REQUIRE(who.has_value());
    CHECK(who->person == ana.id);
    CHECK(who->role == Role::approver);
    CHECK(who->authenticated_at == world.clock.wall());
    CHECK(world.sealer.count(audit::Kind::auth_signed_in) == 1);

    const auto other = sign_in(world, "ana@example.com", k_password);
    const auto ask = [&](const Secret& cookie, const Secret& header) {
      return world.run(world.sign_in.authenticate(cookie.reveal(), header.reveal()));
    };
    CHECK(ask(session->cookie, other->header).error().code == Code::unauthenticated);
    CHECK(ask(session->cookie, Secret("")).error().code == Code::unauthenticated);
    CHECK(ask(Secret(""), session->header).error().code == Code::unauthenticated);
    CHECK(ask(session->header, session->cookie).error().code == Code::unauthenticated);
    CHECK(ask(Secret(std::string(65, 'a')), session->header).error().code == Code::unauthenticated);
  });
}

TEST_CASE("a wrong password, an unknown address and an account without password look alike") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    world.add_person("ana@example.com", Role::owner, k_password);
    world.add_person("invited@example.com", Role::viewer);
    const auto wrong = sign_in(world, "ana@example.com", "wrong horse");
    for (const char* email : {"nobody@example.com", "invited@example.com", "not an address"}) {
      CHECK(sign_in(world, email, k_password).error() == wrong.error());
    }
    CHECK(wrong.error().code == Code::unauthenticated);
    CHECK(world.sealer.count(audit::Kind::auth_failed) == 3);
  });
}

TEST_CASE("guessing locks that network out of the account and nobody else") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    world.add_person("ana@example.com", Role::owner, k_password);
    for (int i = 0; i < LockOut::k_free_failures; ++i) {
      CHECK(sign_in(world, "ana@example.com", "guess guess", "203.0.113.5").error().code ==
            Code::unauthenticated);
    }
    CHECK(sign_in(world, "ana@example.com", k_password, "203.0.113.99").error().code ==
          Code::resource_exhausted);
    CHECK(sign_in(world, "ana@example.com", k_password, "198.51.100.1").has_value());
    CHECK(world.sealer.count(audit::Kind::auth_locked) == 1);
    world.clock.advance(61s);
    CHECK(sign_in(world, "ana@example.com", k_password, "203.0.113.5").has_value());
  });
}

TEST_CASE("a session ends after twelve idle hours, after seven days, and when signed out") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    world.add_person("ana@example.com", Role::owner, k_password);
    const auto idle = sign_in(world, "ana@example.com", k_password).value();
    const auto busy = sign_in(world, "ana@example.com", k_password).value();
    world.clock.advance(12h);
    CHECK(use(world, busy).has_value());
    world.clock.advance(1min);
    CHECK(use(world, idle).error().code == Code::unauthenticated);
    for (int i = 0; i < 12; ++i) {
      CHECK(use(world, busy).has_value());
      world.clock.advance(12h);
    }
    world.clock.advance(12h);
    CHECK(use(world, busy).error().code == Code::unauthenticated);

    const auto session = sign_in(world, "ana@example.com", k_password).value();
    const PersonPrincipal who = use(world, session).value();
    CHECK(world.run(world.sign_in.sessions(who)).value().size() == 1);
    REQUIRE(world.run(world.sign_in.sign_out(who)).has_value());
    CHECK(use(world, session).error().code == Code::unauthenticated);
    world.drain();
    CHECK(world.revocations.back().session == who.session);
    world.clock.advance(std::chrono::hours(24 * 60));
    CHECK(world.run(world.sign_in.purge()).has_value());
  });
}

TEST_CASE("a role change is seen by the next request and a suspension ends every session") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person owner = world.add_person("ana@example.com", Role::owner, k_password);
    const Person bo = world.add_person("bo@example.com", Role::member, k_password);
    const auto session = sign_in(world, "bo@example.com", k_password).value();
    REQUIRE(
        world.run(world.management.update_person(world.as(owner), bo.id, 1, {.role = Role::viewer}))
            .has_value());
    CHECK(use(world, session)->role == Role::viewer);
    REQUIRE(world
                .run(world.management.update_person(
                    world.as(owner), bo.id, 2, {.standing = Standing::suspended}))
                .has_value());
    CHECK(use(world, session).error().code == Code::unauthenticated);
    CHECK(sign_in(world, "bo@example.com", k_password).error().code == Code::permission_denied);
    CHECK(world.revocations.back().person == bo.id);
    CHECK(world.sealer.count(audit::Kind::person_disabled) == 1);
  });
}

TEST_CASE("nobody ends another person's session") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    world.add_person("ana@example.com", Role::owner, k_password);
    world.add_person("bo@example.com", Role::member, k_password);
    const auto ana = sign_in(world, "ana@example.com", k_password).value();
    const PersonPrincipal bo =
        use(world, sign_in(world, "bo@example.com", k_password).value()).value();
    CHECK(world.run(world.sign_in.end_session(bo, ana.session.id)).error().code == Code::not_found);
    CHECK(use(world, ana).has_value());
  });
}

TEST_CASE("step-up: the password again makes the session recent for five minutes") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    world.add_person("ana@example.com", Role::owner, k_password);
    const auto session = sign_in(world, "ana@example.com", k_password).value();
    world.clock.advance(1h);
    const PersonPrincipal stale = use(world, session).value();
    CHECK(!authorize(stale, Permission::register_command, world.clock.wall()));
    CHECK(world.run(world.sign_in.reauthenticate(stale, Secret("wrong horse"), world.visitor()))
              .error()
              .code == Code::unauthenticated);
    REQUIRE(world.run(world.sign_in.reauthenticate(stale, Secret(k_password), world.visitor()))
                .has_value());
    const PersonPrincipal fresh = use(world, session).value();
    CHECK(authorize(fresh, Permission::register_command, world.clock.wall()).has_value());
    world.clock.advance(5min + 1us);
    CHECK(!authorize(fresh, Permission::register_command, world.clock.wall()));
  });
}

TEST_CASE("an elevation is a key of its own for five minutes; the stored key stays weak") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::approver, k_password);
    const IssuedKey stored = world.add_operator_key(ana, {Scope::read});
    const auto weak = std::get<OperatorPrincipal>(world.authenticate(stored.secret).value());
    CHECK(world
              .run(world.sign_in.elevate(
                  weak, Secret("wrong horse"), {Scope::decide}, world.visitor()))
              .error()
              .code == Code::unauthenticated);
    const auto elevated = world.run(
        world.sign_in.elevate(weak, Secret(k_password), {Scope::decide}, world.visitor()));
    REQUIRE(elevated.has_value());
    const auto now_may = [&](const core::Secret& key, Permission permission) {
      const auto who = world.authenticate(key);
      return who.has_value() && may(*who, permission);
    };
    CHECK(now_may(elevated->secret, Permission::decide));
    CHECK(!now_may(elevated->secret, Permission::configure_policy));
    CHECK(!now_may(stored.secret, Permission::decide));
    world.clock.advance(5min - 1us);
    CHECK(now_may(elevated->secret, Permission::decide));
    world.clock.advance(1us);
    CHECK(!now_may(elevated->secret, Permission::decide));
    CHECK(now_may(stored.secret, Permission::read));
  });
}

TEST_CASE("revoking a key takes its elevations along") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::approver, k_password);
    const IssuedKey stored = world.add_operator_key(ana, {Scope::read});
    const auto weak = std::get<OperatorPrincipal>(world.authenticate(stored.secret).value());
    const auto elevated = world.run(
        world.sign_in.elevate(weak, Secret(k_password), {Scope::decide}, world.visitor()));
    REQUIRE(elevated.has_value());
    REQUIRE(
        world.run(world.management.revoke_key(Actor::of(weak), weak.key, "logout")).has_value());
    CHECK(world.authenticate(elevated->secret).error().code == Code::unauthenticated);
    CHECK(
        world.run(world.sign_in.elevate(weak, Secret(k_password), {Scope::decide}, world.visitor()))
            .error()
            .code == Code::permission_denied);
  });
}

TEST_CASE("a new password ends every other session and replaces the old one") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    world.add_person("ana@example.com", Role::owner, k_password);
    const auto here = sign_in(world, "ana@example.com", k_password).value();
    const auto there = sign_in(world, "ana@example.com", k_password).value();
    const PersonPrincipal who = use(world, here).value();
    const auto change = [&](const char* before, const char* after) {
      return world.run(
          world.sign_in.change_password(who, Secret(before), Secret(after), world.visitor()));
    };
    CHECK(change("wrong horse", "battery staple").error().code == Code::unauthenticated);
    CHECK(change(k_password, "short").error().code == Code::invalid_argument);
    REQUIRE(change(k_password, "battery staple").has_value());
    CHECK(use(world, here).has_value());
    CHECK(use(world, there).error().code == Code::unauthenticated);
    CHECK(sign_in(world, "ana@example.com", k_password).error().code == Code::unauthenticated);
    CHECK(sign_in(world, "ana@example.com", "battery staple").has_value());
  });
}

TEST_CASE("the cookie is bound to its transport and never taken twice") {
  const Secret value("v");
  CHECK(set_cookie(Transport::https, value) ==
        "__Host-preloop=v; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict; Secure");
  CHECK(set_cookie(Transport::http, value) ==
        "preloop=v; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict");
  CHECK(find_cookie(Transport::http, "a=b; preloop=x; c=d") == "x");
  CHECK(!find_cookie(Transport::http, "preloop=x; preloop=y"));
  CHECK(!find_cookie(Transport::https, "preloop=x"));
  CHECK(!find_cookie(Transport::http, "xpreloop=1; Preloop=2"));
  CHECK(!parse_cookie_value(""));
  CHECK(!parse_cookie_value(std::string(65, 'z')));
}

TEST_CASE("only our own origin may change something, exactly") {
  CHECK(is_own_origin("", "http://127.0.0.1:8000"));
  CHECK(is_own_origin("http://127.0.0.1:8000", "http://127.0.0.1:8000/"));
  CHECK(is_own_origin("https://preloop.example", "https://preloop.example/base"));
  for (const char* bad : {"null",
                          "http://127.0.0.1:3000",
                          "https://127.0.0.1:8000",
                          "http://127.0.0.1:8000.evil.example",
                          "http://127.0.0.1"}) {
    CHECK(!is_own_origin(bad, "http://127.0.0.1:8000"));
  }
}

}  // namespace
}  // namespace preloop::identity
