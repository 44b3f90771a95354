#include "identity/directory.h"

#include <doctest/doctest.h>

namespace preloop::identity {
namespace {

using core::Code;
using namespace std::chrono_literals;

constexpr core::WallTime k_now = core::WallTime{core::microseconds{1'767'225'600'000'000}};

/// An account with one person, one agent and a key of each class.
struct World {
  core::AccountId account = core::AccountId::make(k_now);
  Directory::Contents contents;
  std::string operator_key, agent_key, execution_key;

  World() {
    const auto person = core::PersonId::make(k_now);
    const auto agent = core::AgentId::make(k_now);
    contents.people.push_back(
        {.id = person, .account = account, .email = "ana@example.com", .role = Role::admin});
    contents.agents.push_back({.id = agent, .account = account, .name = "ci-bot"});
    operator_key =
        add({.key_class = KeyClass::operator_key, .person = person, .scopes = {Scope::read}});
    agent_key = add({.key_class = KeyClass::agent_key, .agent = agent});
    execution_key = add({.key_class = KeyClass::execution_key, .agent = agent});
  }
  std::string add(KeyInfo info) {
    const NewKey made = make_key(info.key_class, core::KeyId::make(k_now));
    info.id = made.stored.id;
    info.account = account;
    info.hash = made.stored.hash;
    contents.keys.push_back(info);
    return made.text.reveal();
  }
  core::Result<Principal> ask(const std::string& key, core::WallTime now = k_now) const {
    return authenticate(Directory(contents), "Bearer " + key, now);
  }
};

TEST_CASE("a key of each class gives its own kind of principal and no other") {
  const World world;
  const auto as_operator = world.ask(world.operator_key);
  REQUIRE(as_operator.has_value());
  const auto& key = std::get<OperatorPrincipal>(*as_operator);
  CHECK(key.role == Role::admin);
  CHECK(key.scopes == ScopeSet{Scope::read});
  CHECK(key.account == world.account);

  for (const std::string& text : {world.agent_key, world.execution_key}) {
    const auto as_agent = world.ask(text);
    REQUIRE(as_agent.has_value());
    CHECK(std::get<AgentPrincipal>(*as_agent).agent == world.contents.agents[0].id);
    CHECK(!person_of(*as_agent));
  }
}

TEST_CASE("an agent key never yields a person, even from a row that names one") {
  World world;
  const std::string key = world.add({.key_class = KeyClass::agent_key,
                                     .person = world.contents.people[0].id,
                                     .scopes = {Scope::read, Scope::decide, Scope::configure}});
  CHECK(world.ask(key).error().code == Code::unauthenticated);  // it has no agent
  world.contents.keys.back().agent = world.contents.agents[0].id;
  CHECK(std::holds_alternative<AgentPrincipal>(world.ask(key).value()));
}

TEST_CASE("the class on the key and the class of the row must agree") {
  World world;
  for (KeyInfo& key : world.contents.keys) {
    key.key_class = KeyClass::execution_key;
  }
  CHECK(world.ask(world.operator_key).error().code == Code::unauthenticated);
  CHECK(world.ask(world.agent_key).error().code == Code::unauthenticated);
  CHECK(world.ask(world.execution_key).has_value());
}

TEST_CASE("unknown, wrong, revoked and expired keys are refused") {
  World world;
  const NewKey other = make_key(KeyClass::agent_key, core::KeyId::make(k_now));
  CHECK(world.ask(other.text.reveal()).error().code == Code::unauthenticated);
  const NewKey forged = make_key(KeyClass::agent_key, world.contents.keys[1].id);
  CHECK(world.ask(forged.text.reveal()).error().code == Code::unauthenticated);

  world.contents.keys[1].expires_at = k_now + 1h;
  CHECK(world.ask(world.agent_key, k_now + 1h - 1us).has_value());
  CHECK(world.ask(world.agent_key, k_now + 1h).error().code == Code::unauthenticated);
  world.contents.keys[1].revoked_at = k_now;
  CHECK(world.ask(world.agent_key).error().code == Code::unauthenticated);
}

TEST_CASE("the zero hash of a missing key is not a way in") {
  // authenticate compares with zeroes when the id is unknown; a secret hashing to zero is not
  // known, and the missing row alone refuses.
  CHECK(authenticate_key(Directory(), make_key(KeyClass::agent_key, {}).text.reveal(), k_now)
            .error()
            .code == Code::unauthenticated);
}

TEST_CASE("a suspended agent and a suspended person are refused with a reason") {
  World world;
  world.contents.agents[0].standing = Standing::suspended;
  world.contents.people[0].standing = Standing::suspended;
  CHECK(world.ask(world.agent_key).error().code == Code::permission_denied);
  CHECK(world.ask(world.operator_key).error().code == Code::permission_denied);
}

TEST_CASE("keys whose agent, person or account is gone are refused") {
  World world;
  world.contents.agents[0].account = core::AccountId::make(k_now);
  world.contents.people.clear();
  CHECK(world.ask(world.agent_key).error().code == Code::unauthenticated);
  CHECK(world.ask(world.operator_key).error().code == Code::unauthenticated);
}

TEST_CASE("only a Bearer header with one key is read") {
  const World world;
  const Directory directory(world.contents);
  CHECK(authenticate(directory, "bearer   " + world.agent_key, k_now).has_value());
  for (const std::string& header : {std::string(),
                                    std::string("Bearer"),
                                    std::string("Bearer "),
                                    "Basic " + world.agent_key,
                                    world.agent_key,
                                    "Bearer " + world.agent_key + ", Bearer " + world.agent_key,
                                    "Bearer " + world.agent_key + " x"}) {
    CHECK(authenticate(directory, header, k_now).error().code == Code::unauthenticated);
  }
}

TEST_CASE("agents and people are found by name within their account") {
  const World world;
  const Directory directory(world.contents);
  CHECK(directory.find_agent(world.account, "ci-bot") != nullptr);
  CHECK(directory.find_agent(core::AccountId{}, "ci-bot") == nullptr);
  CHECK(directory.find_person(world.account, "ana@example.com") != nullptr);
  CHECK(directory.find_person(world.account, "ANA@example.com") == nullptr);
}

}  // namespace
}  // namespace preloop::identity
