#include "mcp/session_index.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;

constexpr core::MonoTime k_start{1h};

struct World {
  core::AgentId agent = core::AgentId::make({});
  core::KeyId key = core::KeyId::make({}), other_key = core::KeyId::make({});
  SessionIndex index{{.per_key = 3, .total = 4, .idle = 30min}};

  SessionPtr make(core::KeyId of, core::MonoTime active) {
    Session::Facts facts;
    facts.who.key = of;
    facts.who.agent = agent;
    auto session = std::make_shared<Session>(std::move(facts));
    session->touch(active);
    return session;
  }
  SessionPtr add(core::KeyId of, core::MonoTime active) {
    auto session = make(of, active);
    const auto admission = index.admit(session);
    REQUIRE(admission.admitted);
    REQUIRE(admission.evicted.empty());
    return session;
  }
};

TEST_CASE("a key's oldest idle session makes room for its next") {
  World world;
  const auto oldest = world.add(world.key, k_start);
  const auto streaming = world.add(world.key, k_start - 1min);
  const auto calling = world.add(world.key, k_start - 2min);
  streaming->listeners = 1;
  calling->calls = 1;
  const auto newest = world.make(world.key, k_start + 1min);
  auto admission = world.index.admit(newest);
  CHECK(admission.admitted);
  CHECK(admission.evicted == std::vector{oldest});
  newest->calls = 1;
  // Then those that only listen; never one with a call.
  const auto another = world.make(world.key, k_start + 2min);
  CHECK(world.index.admit(another).evicted == std::vector{streaming});
  another->calls = 1;
  CHECK_FALSE(world.index.admit(world.make(world.key, k_start)).admitted);
  CHECK(world.index.size() == 3);
}

TEST_CASE("the total is bounded over all keys") {
  World world;
  const auto first = world.add(world.key, k_start);
  world.add(world.other_key, k_start + 1s);
  world.add(world.other_key, k_start + 1s);
  world.add(core::KeyId::make({}), k_start + 1s);
  const auto admission = world.index.admit(world.make(core::KeyId::make({}), k_start));
  CHECK(admission.evicted == std::vector{first});
  CHECK(world.index.size() == 4);
}

TEST_CASE("idle sessions expire, those with a call or stream do not") {
  World world;
  const auto idle = world.add(world.key, k_start);
  const auto busy = world.add(world.key, k_start);
  busy->listeners = 1;
  const auto recent = world.add(world.key, k_start + 1s);
  CHECK(world.index.take_expired(k_start + 30min - 1s).empty());
  CHECK(world.index.take_expired(k_start + 30min) == std::vector{idle});
  CHECK(world.index.size() == 2);
}

TEST_CASE("a key's or an agent's sessions are taken together, and share the agent's load") {
  World world;
  const auto one = world.add(world.key, k_start);
  const auto two = world.add(world.other_key, k_start);
  CHECK(one->load == two->load);
  CHECK(world.index.take_of(world.key, std::nullopt) == std::vector{one});
  CHECK(world.index.take_of(std::nullopt, core::AgentId::make({})).empty());
  CHECK(world.index.take_of(std::nullopt, world.agent) == std::vector{two});
  world.index.remove(*two);  // gone already
  CHECK(world.index.size() == 0);
}

}  // namespace
}  // namespace preloop::mcp
