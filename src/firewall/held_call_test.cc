#include "core/task_scope.h"
#include "core/wakeup.h"
#include "firewall/firewall.h"
#include "firewall/testing/firewall_world.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace preloop::firewall {
namespace {

using core::Task;
using namespace testing;

Task<CallResult> held_call(World& world,
                           approvals::Decision decision,
                           std::string_view meanwhile,
                           std::string_view changed_tool = {}) {
  SilentObserver observer;
  core::TaskScope scope(world.test.loops.at(0).executor());
  std::optional<CallResult> result;
  const auto caller =
      [](World& in, SilentObserver& seen, std::optional<CallResult>& out) -> Task<void> {
    out = co_await in.call_task("150", seen, {});
  };
  scope.spawn("caller", caller(world, observer, result));
  core::Wakeup tick(world.test.loops.at(0).executor());
  while (world.approvals->pending_count() == 0) {
    co_await tick.wait_until(std::chrono::steady_clock::now() + core::milliseconds(1));
  }
  const auto waiting = co_await world.approvals->list(world.account, {});
  if (!meanwhile.empty()) {
    co_await world.policy->publish(World::compile(meanwhile));
  }
  if (!changed_tool.empty()) {
    co_await world.catalogue->publish(world.tools(changed_tool));
  }
  identity::PersonPrincipal person;
  person.account = world.account;
  person.person = world.ana;
  person.role = identity::Role::approver;
  person.authenticated_at = world.clock.wall();
  const auto decided = co_await world.approvals->decide(
      person, waiting->front().id, decision, "not today", approvals::Channel::console);
  CHECK(decided.has_value());
  co_await scope.idle();
  co_return std::move(*result);
}

TEST_CASE("a held call runs once when it is approved") {
  on_both([](World& world) {
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.kind == Kind::answered);
    CHECK(world.upstream.calls == 1);
    CHECK(world.in_flight() == 0);
    world.test.run(world.firewall->delivered(world.agent, result));
  });
}

TEST_CASE("regression: a tool that changed with the policy is refused in the new policy's words") {
  on_both([](World& world) {
    constexpr std::string_view k_redacting =
        "version: 2\nrules: [{tool: pay, action: require_approval}]\n"
        "tools: [{name: pay, redact: {stored: ['$.amount'], shown: [email]}}]\n";
    world.test.run(world.policy->publish(World::compile(k_redacting)));
    const CallResult result = world.test.run(
        held_call(world, approvals::Decision::approve, World::k_payments, "another tool"));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.find("changed") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

Task<void> publish(World& world, std::string_view policy) {
  co_await world.policy->publish(World::compile(policy));
}

TEST_CASE("regression: rules that change while an approved call's dispatch is stored are obeyed") {
  on_both([](World& world) {
    world.database.meanwhile = [&world] {
      return publish(world, "version: 2\nrules: [{tool: pay, action: deny}]\n");
    };
    world.database.meanwhile_after = 2;  // the question, the vote, then the dispatch
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.find("Nothing was executed") != std::string::npos);
    CHECK(world.upstream.calls == 0);
    CHECK(world.recorded("call.dispatched") == 1);
    CHECK(world.recorded("call.completed") == 1);
    CHECK(world.in_flight() == 0);
  });
}

identity::Principal person(World& world) {
  identity::PersonPrincipal person;
  person.account = world.account;
  person.person = world.ana;
  person.role = identity::Role::approver;
  person.authenticated_at = world.clock.wall();
  return person;
}

Task<void> halt(World& world) {
  const auto halted =
      co_await world.approvals->halt(person(world), approvals::HaltScope::tools, "an attack");
  CHECK(halted.has_value());
}

Task<void> resume(World& world) {
  CHECK(co_await world.approvals->resume(person(world), approvals::HaltScope::tools));
}

TEST_CASE("halted: nothing goes, not even what was decided already, until it is released") {
  on_both([](World& world) {
    world.test.run(halt(world));
    const CallResult result = world.call("50");
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.contains("halted by a person"));
    CHECK(world.recorded("call.decided") == 1);
    CHECK(world.recorded("system.halted") == 1);
    CHECK(world.upstream.calls == 0);
    world.test.run(resume(world));
    CHECK(world.call("50").kind == Kind::answered);

    // Decided, and its record is on the way to the disk when the halt comes.
    world.database.meanwhile = [&world] { return halt(world); };
    world.database.meanwhile_after = 0;
    const CallResult decided = world.call("51");
    CHECK(decided.kind == Kind::refused);
    CHECK(decided.text.contains("halted by a person"));
    CHECK(world.upstream.calls == 1);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("regression: a halt that could not be stored stops, and can be released") {
  on_both([](World& world) {
    world.database.fail_after = 0;
    const auto halted = world.test.run(
        world.approvals->halt(person(world), approvals::HaltScope::tools, "an attack"));
    REQUIRE_FALSE(halted);
    CHECK(halted.error().message.contains("halted, but this could not be stored"));
    CHECK(world.call("50").kind == Kind::refused);
    world.test.run(resume(world));
    CHECK(world.call("50").kind == Kind::answered);
  });
}

TEST_CASE("an approved call that a halt stops right before it is sent was not executed") {
  on_both([](World& world) {
    world.database.meanwhile = [&world] { return halt(world); };
    world.database.meanwhile_after = 2;  // the question, the vote, then the dispatch
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.contains("were halted"));
    CHECK(world.upstream.calls == 0);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("regression: an approved call whose outcome could not be recorded can be released") {
  on_both([](World& world) {
    world.database.fail_after = 3;  // the question, the vote, the dispatch, then the outcome
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.text.find("may have been executed") != std::string::npos);
    REQUIRE(result.approval);
    CHECK(world.in_flight() == 0);
    CHECK(world.recorded("call.unknown") == 1);
    const auto request = world.test.run(world.approvals->find(world.account, *result.approval));
    REQUIRE(request);
    CHECK(request->state == approvals::State::unknown);
    CHECK(world.in_flight() == 0);
    CHECK(world.recorded("call.unknown") == 1);
  });
}

/// Both callers hold; the one whose turn comes second finds the request used, and ended.
Task<std::vector<CallResult>> held_twice(World& world) {
  SilentObserver first, second;
  core::TaskScope scope(world.test.loops.at(0).executor());
  std::vector<CallResult> results;
  const auto caller =
      [](World& in, SilentObserver& seen, std::vector<CallResult>& out) -> Task<void> {
    CallResult result = co_await in.call_task("150", seen, {});
    co_await in.firewall->delivered(in.agent, result);
    out.push_back(std::move(result));
  };
  scope.spawn("first", caller(world, first, results));
  scope.spawn("second", caller(world, second, results));
  core::Wakeup tick(world.test.loops.at(0).executor());
  while (!first.held_request || !second.held_request) {
    co_await tick.wait_until(std::chrono::steady_clock::now() + core::milliseconds(1));
  }
  CHECK(first.held_request == second.held_request);
  identity::PersonPrincipal person;
  person.account = world.account;
  person.person = world.ana;
  person.role = identity::Role::approver;
  person.authenticated_at = world.clock.wall();
  CHECK(co_await world.approvals->decide(
      person, *first.held_request, approvals::Decision::approve, "", approvals::Channel::console));
  co_await scope.idle();
  co_return results;
}

TEST_CASE("regression: two identical calls end, run once, and leave no question behind") {
  on_both([](World& world) {
    for (int round = 0; round < 20; ++round) {
      const std::vector<CallResult> results = world.test.run(held_twice(world));
      REQUIRE(results.size() == 2);
      // In the order in which they ended: whoever came second may be told first that it is used.
      for (const CallResult& result : results) {
        CHECK((result.kind == Kind::answered || result.kind == Kind::refused));
      }
      CHECK(std::ranges::count(results, Kind::answered, &CallResult::kind) >= 1);
      CHECK(world.upstream.calls == round + 1);
      CHECK(world.approvals->pending_count() == 0);
    }
  });
}

TEST_CASE("a declined call tells the agent why") {
  on_both([](World& world) {
    const CallResult result = world.test.run(held_call(world, approvals::Decision::decline, ""));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.find("not today") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("rules that changed after the question are asked again before an approved call runs") {
  on_both([](World& world) {
    const CallResult denied = world.test.run(
        held_call(world,
                  approvals::Decision::approve,
                  "version: 2\nrules: [{tool: pay, action: deny, message: 'closed now'}]\n"));
    CHECK(denied.text.find("closed now") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("stricter rules supersede an approval, laxer ones do not matter") {
  on_both([](World& world) {
    const CallResult superseded = world.test.run(
        held_call(world,
                  approvals::Decision::approve,
                  "version: 2\nworkflows: [{name: two, quorum: 2}]\nrules: [{tool: pay, action: "
                  "require_approval, workflow: two}]\n"));
    CHECK(superseded.kind == Kind::refused);
    CHECK(world.upstream.calls == 0);
  });
  on_both([](World& world) {
    const CallResult laxer = world.test.run(held_call(
        world, approvals::Decision::approve, "version: 2\nrules: [{tool: pay, action: allow}]\n"));
    CHECK(laxer.kind == Kind::answered);
    CHECK(world.upstream.calls == 1);
  });
}

}  // namespace
}  // namespace preloop::firewall
