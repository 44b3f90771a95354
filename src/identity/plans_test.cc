#include "identity/plans.h"

#include <doctest/doctest.h>

namespace preloop::identity {
namespace {

using core::Code;
using namespace std::chrono_literals;

constexpr core::WallTime k_now = core::WallTime{core::microseconds{1'767'225'600'000'000}};

/// One person of each role, two agents (one owned by the member) and their keys; no database.
struct World {
  core::AccountId account = core::AccountId::make(k_now);
  Directory::Contents contents;

  World() {
    for (const Role role : {Role::viewer, Role::member, Role::approver, Role::admin, Role::owner}) {
      contents.people.push_back({.id = core::PersonId::make(k_now),
                                 .account = account,
                                 .email = std::string(to_string(role)) + "@example.com",
                                 .role = role});
    }
    for (const bool is_owned : {false, true}) {
      contents.agents.push_back(
          {.id = core::AgentId::make(k_now),
           .account = account,
           .name = is_owned ? "owned" : "shared",
           .owner = is_owned ? std::optional(person(Role::member).id) : std::nullopt});
      contents.keys.push_back({.id = core::KeyId::make(k_now),
                               .account = account,
                               .name = "key",
                               .agent = contents.agents.back().id});
    }
  }
  const Person& person(Role role) const { return contents.people[static_cast<std::size_t>(role)]; }
  const Agent& shared() const { return contents.agents[0]; }
  const Agent& owned() const { return contents.agents[1]; }
  Directory directory() const { return Directory(contents); }
  PlanContext as(Role role, core::WallTime signed_in = k_now) const {
    return {Actor::of(PersonPrincipal{account, person(role).id, role, {}, signed_in}), k_now};
  }
  PlanContext with_key(Role role, ScopeSet scopes) const {
    return {Actor::of(OperatorPrincipal{
                account, person(role).id, role, core::KeyId::make(k_now), scopes}),
            k_now};
  }
  PlanContext admin() const { return {Actor::admin(account), k_now}; }
};

template <class T>
Code code_of(const core::Result<T>& result) {
  REQUIRE(!result.has_value());
  return result.error().code;
}

TEST_CASE("nobody makes or changes people above themselves, and owners only by owners") {
  const World world;
  const auto create = [&](Role by, Role role) {
    Person out;
    return plan_create_person(
               world.directory(), world.as(by), {"new@example.com", "", role}, {}, out)
        .has_value();
  };
  const auto promote = [&](Role by, Role whom, Role to) {
    Person out;
    return plan_update_person(
               world.directory(), world.as(by), world.person(whom).id, 1, {.role = to}, out)
        .has_value();
  };
  CHECK(!create(Role::approver, Role::viewer));
  CHECK(create(Role::admin, Role::admin));
  CHECK(!create(Role::admin, Role::owner));
  CHECK(create(Role::owner, Role::owner));
  CHECK(!promote(Role::admin, Role::member, Role::owner));
  CHECK(!promote(Role::admin, Role::owner, Role::viewer));
  CHECK(promote(Role::admin, Role::member, Role::admin));
  CHECK(!promote(Role::member, Role::member, Role::admin));
  Person out;
  // Making an owner needs the password again, and no key can.
  CHECK(code_of(plan_create_person(world.directory(),
                                   world.as(Role::owner, k_now - 6min),
                                   {"new@example.com", "", Role::owner},
                                   {},
                                   out)) == Code::permission_denied);
  CHECK(code_of(plan_create_person(
            world.directory(),
            world.with_key(Role::owner, {Scope::read, Scope::decide, Scope::configure}),
            {"new@example.com", "", Role::owner},
            {},
            out)) == Code::permission_denied);
}

TEST_CASE("the last owner stays") {
  const World world;
  Person out;
  const core::PersonId owner = world.person(Role::owner).id;
  CHECK(code_of(plan_update_person(
            world.directory(), world.admin(), owner, 1, {.role = Role::admin}, out)) ==
        Code::failed_precondition);
  CHECK(code_of(plan_update_person(
            world.directory(), world.admin(), owner, 1, {.standing = Standing::suspended}, out)) ==
        Code::failed_precondition);
  World two = world;
  two.contents.people.push_back(world.person(Role::owner));
  two.contents.people.back().id = core::PersonId::make(k_now);
  CHECK(plan_update_person(two.directory(), two.admin(), owner, 1, {.role = Role::admin}, out)
            .has_value());
}

TEST_CASE("people change their own name and nothing else of themselves") {
  const World world;
  Person out;
  const core::PersonId viewer = world.person(Role::viewer).id;
  CHECK(plan_update_person(
            world.directory(), world.as(Role::viewer), viewer, 1, {.display_name = "Vi"}, out)
            .has_value());
  CHECK(out.display_name == "Vi");
  CHECK(code_of(plan_update_person(
            world.directory(), world.as(Role::viewer), viewer, 1, {.role = Role::owner}, out)) ==
        Code::permission_denied);
}

TEST_CASE("members manage their own agents, admins all of them") {
  const World world;
  const auto rename = [&](const PlanContext& by, const Agent& agent) {
    Agent out;
    return plan_update_agent(world.directory(), by, agent.id, 1, {.kind = "x"}, out).has_value();
  };
  CHECK(rename(world.as(Role::member), world.owned()));
  CHECK(!rename(world.as(Role::member), world.shared()));
  CHECK(!rename(world.as(Role::viewer), world.owned()));
  CHECK(!rename(world.as(Role::approver), world.owned()));  // somebody else's
  CHECK(rename(world.as(Role::admin), world.shared()));
  CHECK(!rename(world.with_key(Role::admin, {Scope::read, Scope::decide}), world.shared()));
  CHECK(rename(world.with_key(Role::member, {Scope::configure}), world.owned()));

  Agent out;
  CHECK(code_of(plan_create_agent(
            world.directory(), world.as(Role::member), {"new", "", {}, {}}, out)) ==
        Code::permission_denied);
  CHECK(plan_create_agent(world.directory(),
                          world.as(Role::member),
                          {"new", "", {}, world.person(Role::member).id},
                          out)
            .has_value());
  // Giving an agent away needs the right over both.
  CHECK(code_of(plan_update_agent(world.directory(),
                                  world.as(Role::member),
                                  world.owned().id,
                                  1,
                                  {.owner = std::optional(world.person(Role::admin).id)},
                                  out)) == Code::permission_denied);
}

TEST_CASE("bad names and owners of other accounts are refused") {
  const World world;
  Agent out;
  for (const char* name : {"", "a b", "*"}) {
    CHECK(code_of(plan_create_agent(world.directory(), world.admin(), {name, "", {}, {}}, out)) ==
          Code::invalid_argument);
  }
  CHECK(code_of(plan_create_agent(world.directory(), world.admin(), {"shared", "", {}, {}}, out)) ==
        Code::already_exists);
  CHECK(code_of(plan_create_agent(
            world.directory(), world.admin(), {"new", "", {}, core::PersonId::make(k_now)}, out)) ==
        Code::invalid_argument);
  PlanContext elsewhere{Actor::admin(core::AccountId::make(k_now)), k_now};
  CHECK(code_of(plan_remove_agent(world.directory(), elsewhere, world.shared().id)) ==
        Code::not_found);
  CHECK(code_of(plan_revoke_key(world.directory(), elsewhere, world.contents.keys[0].id, "")) ==
        Code::not_found);
}

core::Result<Planned> create_key(const World& world, const PlanContext& by, NewKeyRequest input) {
  KeyInfo out;
  if (input.name.empty()) {
    input.name = "key";
  }
  return plan_create_key(world.directory(), by, input, make_key(input.key_class, {}), out);
}

TEST_CASE("operator keys are for oneself, within one's scopes, and strong ones after a password") {
  const World world;
  const NewKeyRequest weak{.key_class = KeyClass::operator_key, .scopes = {Scope::read}};
  const NewKeyRequest strong{.key_class = KeyClass::operator_key,
                             .scopes = {Scope::read, Scope::decide}};
  CHECK(create_key(world, world.as(Role::viewer), weak).has_value());
  CHECK(create_key(world, world.as(Role::viewer, k_now - 1h), weak).has_value());
  CHECK(create_key(world, world.as(Role::approver), strong).has_value());
  const auto stale = create_key(world, world.as(Role::approver, k_now - 6min), strong);
  CHECK(code_of(stale) == Code::permission_denied);
  CHECK(stale.error().details.at(0).message == "step_up");

  NewKeyRequest for_other = weak;
  for_other.person = world.person(Role::viewer).id;
  CHECK(code_of(create_key(world, world.as(Role::owner), for_other)) == Code::permission_denied);
  CHECK(create_key(world, world.admin(), for_other).has_value());
  CHECK(code_of(create_key(world, world.admin(), weak)) == Code::invalid_argument);

  // What `preloop login` stored makes no key at all, and a key gives at most its own scopes on.
  CHECK(code_of(create_key(world, world.with_key(Role::owner, {Scope::read}), weak)) ==
        Code::permission_denied);
  CHECK(create_key(world, world.with_key(Role::owner, {Scope::read, Scope::configure}), weak)
            .has_value());
  CHECK(code_of(create_key(
            world, world.with_key(Role::owner, {Scope::read, Scope::configure}), strong)) ==
        Code::permission_denied);
  CHECK(code_of(create_key(world, world.as(Role::owner), {.key_class = KeyClass::operator_key})) ==
        Code::invalid_argument);
}

TEST_CASE("agent keys belong to an agent one may manage; execution keys are the server's") {
  const World world;
  const auto agent_key = [&](const PlanContext& by, const Agent& agent) {
    return create_key(world, by, {.agent = agent.id}).has_value();
  };
  CHECK(agent_key(world.as(Role::member), world.owned()));
  CHECK(!agent_key(world.as(Role::member), world.shared()));
  CHECK(agent_key(world.as(Role::admin), world.shared()));
  CHECK(code_of(create_key(world, world.admin(), {})) == Code::invalid_argument);
  CHECK(code_of(create_key(world, world.admin(), {.agent = core::AgentId::make(k_now)})) ==
        Code::not_found);
  CHECK(code_of(create_key(
            world, world.admin(), {.agent = world.shared().id, .scopes = {Scope::decide}})) ==
        Code::invalid_argument);
  CHECK(code_of(create_key(world,
                           world.admin(),
                           {.key_class = KeyClass::execution_key, .agent = world.shared().id})) ==
        Code::invalid_argument);
  CHECK(code_of(
            create_key(world, world.admin(), {.agent = world.shared().id, .expires_at = k_now})) ==
        Code::invalid_argument);
}

TEST_CASE("keys are revoked by whoever may manage them, and always by themselves") {
  World world;
  const auto key_of = [&](Role role) {
    world.contents.keys.push_back({.id = core::KeyId::make(k_now),
                                   .account = world.account,
                                   .key_class = KeyClass::operator_key,
                                   .person = world.person(role).id,
                                   .scopes = {Scope::read}});
    return world.contents.keys.back().id;
  };
  const core::KeyId mine = key_of(Role::member);
  const core::KeyId child = key_of(Role::member);
  world.contents.keys.back().parent = mine;
  const auto may_revoke = [&](const PlanContext& by, core::KeyId id) {
    return plan_revoke_key(world.directory(), by, id, "").has_value();
  };
  CHECK(may_revoke(world.as(Role::member), mine));
  CHECK(!may_revoke(world.as(Role::approver), mine));
  CHECK(may_revoke(world.as(Role::admin), mine));
  CHECK(may_revoke(world.as(Role::member), world.contents.keys[1].id));   // of the owned agent
  CHECK(!may_revoke(world.as(Role::member), world.contents.keys[0].id));  // of the shared one
  CHECK(!may_revoke(world.with_key(Role::member, {Scope::read}), mine));
  PlanContext itself{
      Actor::of(OperatorPrincipal{
          world.account, world.person(Role::member).id, Role::member, mine, {Scope::read}}),
      k_now};
  CHECK(may_revoke(itself, mine));
  const auto planned = plan_revoke_key(world.directory(), itself, mine, "");
  CHECK(planned->revocations.size() == 2);
  Directory::Contents after = world.contents;
  planned->edit(after);
  CHECK(Directory(after).find_key(child) == nullptr);
}

TEST_CASE("every change carries a record and an event") {
  const World world;
  Agent agent;
  const auto planned =
      plan_create_agent(world.directory(), world.admin(), {"new", "", {}, {}}, agent);
  REQUIRE(planned.has_value());
  CHECK(planned->unit.drafts.size() == 1);
  CHECK(planned->unit.announces);
  CHECK(planned->unit.statements.size() == 2);
}

}  // namespace
}  // namespace preloop::identity
