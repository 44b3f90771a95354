#include "identity/links.h"

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

core::Result<StartedSession> redeem(World& world,
                                    const Secret& token,
                                    const char* password,
                                    const char* email = "") {
  return world.run(world.links.redeem(token, {email, "", Secret(password)}, world.visitor()));
}
core::Result<Links::Made> make(World& world,
                               LinkPurpose purpose,
                               std::optional<core::PersonId> person = {}) {
  return world.run(world.links.create(world.server(), purpose, person));
}

TEST_CASE("the set-up link makes the first owner, once") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Links::Made link = make(world, LinkPurpose::setup).value();
    const auto shown = world.run(world.links.show(link.token, world.visitor()));
    REQUIRE(shown.has_value());
    CHECK(shown->email.empty());
    CHECK(redeem(world, link.token, "short", "ana@example.com").error().code ==
          Code::invalid_argument);
    const auto session = redeem(world, link.token, "correct horse", "Ana@example.com");
    REQUIRE_MESSAGE(session.has_value(), session.error().message);
    const Person* owner = world.directory()->find_person(session->session.person);
    REQUIRE(owner != nullptr);
    CHECK(owner->role == Role::owner);
    CHECK(owner->email == "ana@example.com");
    CHECK(redeem(world, link.token, "battery staple", "bo@example.com").error().code ==
          Code::not_found);
    CHECK(world.run(world.links.show(link.token, world.visitor())).error().code == Code::not_found);
    CHECK(make(world, LinkPurpose::setup).error().code == Code::failed_precondition);
    CHECK(world.directory()->people().size() == 1);
    CHECK(world.sealer.count(audit::Kind::auth_link_used) == 1);
  });
}

TEST_CASE("two redeemed at the same moment are one") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    // Both find the link unused; the row decides.
    const Links::Made link = make(world, LinkPurpose::setup).value();
    const auto row =
        world.run(LinkRepo::find(db.database, token_hash(link.token.reveal()))).value().value();
    for (const bool expected : {true, false}) {
      store::Unit unit;
      unit.guard = {LinkRepo::use(row, world.clock.wall())};
      CHECK(world.run(db.database.commit(std::move(unit), store::Durability::strict)).has_value() ==
            expected);
    }
  });
}

TEST_CASE("links expire, and a newer one takes the place of an older") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Links::Made first = make(world, LinkPurpose::setup).value();
    const Links::Made second = make(world, LinkPurpose::setup).value();
    CHECK(world.run(world.links.show(first.token, world.visitor())).error().code ==
          Code::not_found);
    world.clock.advance(24h - 1us);
    CHECK(world.run(world.links.show(second.token, world.visitor())).has_value());
    world.clock.advance(1us);
    CHECK(world.run(world.links.show(second.token, world.visitor())).error().code ==
          Code::not_found);
    CHECK(redeem(world, second.token, "correct horse", "a@example.com").error().code ==
          Code::not_found);
    world.clock.advance(std::chrono::hours(24 * 31));
    CHECK(world.run(world.links.purge()).has_value());
  });
}

TEST_CASE("a reset link sets the password of its person and ends their sessions") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person ana = world.add_person("ana@example.com", Role::owner, "correct horse");
    const auto old =
        world
            .run(world.sign_in.with_password(
                world.account, "ana@example.com", Secret("correct horse"), world.visitor()))
            .value();
    const Links::Made link = make(world, LinkPurpose::reset, ana.id).value();
    CHECK(world.run(world.links.show(link.token, world.visitor()))->email == "ana@example.com");
    CHECK(redeem(world, link.token, "ana@example.com").error().code == Code::invalid_argument);
    const auto session = redeem(world, link.token, "battery staple", "mallory@example.com");
    REQUIRE(session.has_value());
    CHECK(session->session.person == ana.id);
    CHECK(world.run(world.sign_in.authenticate(old.cookie.reveal(), old.header.reveal()))
              .error()
              .code == Code::unauthenticated);
    CHECK(world.directory()->people().size() == 1);
    CHECK(world.directory()->people()[0].email == "ana@example.com");
  });
}

TEST_CASE("an invited person sets the first password") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person owner = world.add_person("ana@example.com", Role::owner, "correct horse");
    const Person bo = world.add_person("bo@example.com", Role::member);
    const auto link = world.run(world.links.create(world.as(owner), LinkPurpose::setup, bo.id));
    REQUIRE(link.has_value());
    REQUIRE(redeem(world, link->token, "battery staple").has_value());
    CHECK(world.directory()->find_person(bo.id)->has_password);
  });
}

TEST_CASE("a link needs the right over its person, and nobody above oneself") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    const Person owner = world.add_person("ana@example.com", Role::owner, "correct horse");
    const Person admin = world.add_person("adm@example.com", Role::admin, "correct horse");
    const Person bo = world.add_person("bo@example.com", Role::member);
    const auto create = [&](const Actor& by, std::optional<core::PersonId> person) {
      return world.run(world.links.create(by, LinkPurpose::reset, person));
    };
    CHECK(create(world.as(admin), bo.id).has_value());
    CHECK(create(world.as(admin), owner.id).error().code == Code::permission_denied);
    CHECK(create(world.as(bo), bo.id).error().code == Code::permission_denied);
    CHECK(create(world.as(owner), std::nullopt).error().code == Code::permission_denied);
    CHECK(create(world.as(owner), core::PersonId::make(world.clock.wall())).error().code ==
          Code::not_found);
  });
}

TEST_CASE("guessed tokens are refused, then not even looked up") {
  for_each_database([](TestDatabase& db) {
    World world(db);
    CHECK(redeem(world, Secret("x"), "correct horse").error().code == Code::not_found);
    Code last = Code::not_found;
    for (int i = 0; i < 40 && last == Code::not_found; ++i) {
      last = world.run(world.links.show(make_token(), world.visitor())).error().code;
    }
    CHECK(last == Code::resource_exhausted);
  });
}

TEST_CASE("the token stands in the fragment") {
  CHECK(link_url("https://preloop.example/", LinkPurpose::setup, Secret("T")).reveal() ==
        "https://preloop.example/setup#token=T");
  CHECK(link_url("http://127.0.0.1:8000", LinkPurpose::reset, Secret("T")).reveal() ==
        "http://127.0.0.1:8000/reset#token=T");
}

}  // namespace
}  // namespace preloop::identity
