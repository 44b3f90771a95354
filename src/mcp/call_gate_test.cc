#include "mcp/call_gate.h"

#include "core/loop.h"
#include "core/task_scope.h"
#include "core/testing/run.h"

#include <doctest/doctest.h>

#include <optional>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using core::Code;
using core::Task;
using Clock = std::chrono::steady_clock;

Task<void> enter_into(CallGate& gate,
                      core::CancelToken token,
                      core::MonoTime deadline,
                      std::optional<core::Result<CallGate::Pass>>* out) {
  out->emplace(co_await gate.enter(token, deadline));
}

Task<void> queue_in_order() {
  const auto executor = core::Loop::current()->executor();
  CallGate gate(executor, {.in_flight = 1, .queued = 2});
  core::TaskScope scope(executor);
  const core::CancelToken token;
  REQUIRE(gate.open());
  std::optional<CallGate::Pass> first(gate.take());
  CHECK_FALSE(gate.open());
  std::optional<core::Result<CallGate::Pass>> second, third;
  scope.spawn("second", enter_into(gate, token, core::MonoTime::max(), &second));
  scope.spawn("third", enter_into(gate, token, core::MonoTime::max(), &third));
  co_await core::sleep_until(Clock::now());
  CHECK(gate.queued() == 2);
  const auto turned_away = co_await gate.enter(token, core::MonoTime::max());
  REQUIRE_FALSE(turned_away);
  CHECK(turned_away.error().code == Code::unavailable);
  first.reset();
  co_await core::sleep_until(Clock::now());
  REQUIRE(second);
  CHECK(second->has_value());
  CHECK_FALSE(third);
  CHECK(gate.in_flight() == 1);
  second.reset();
  co_await scope.idle();
  REQUIRE(third);
  third.reset();
  CHECK(gate.in_flight() == 0);
}

TEST_CASE("calls pass a gate in order, and too many are told at once") {
  core::testing::run(queue_in_order());
}

Task<void> leave_the_line() {
  const auto executor = core::Loop::current()->executor();
  CallGate gate(executor, {.in_flight = 1, .queued = 5});
  core::TaskScope scope(executor);
  std::optional<CallGate::Pass> first(gate.take());
  CHECK((co_await gate.enter({}, Clock::now() + 1ms)).error().code == Code::unavailable);
  core::CancelToken token;
  std::optional<core::Result<CallGate::Pass>> waiting;
  scope.spawn("waiting", enter_into(gate, token, core::MonoTime::max(), &waiting));
  co_await core::sleep_until(Clock::now());
  token.request();
  co_await scope.idle();
  CHECK(waiting->error().code == Code::cancelled);
  // Admitted and gone in the same moment: the place is not lost.
  core::CancelToken other;
  waiting.reset();
  scope.spawn("waiting", enter_into(gate, other, core::MonoTime::max(), &waiting));
  co_await core::sleep_until(Clock::now());
  first.reset();
  other.request();
  co_await scope.idle();
  CHECK(waiting->error().code == Code::cancelled);
  CHECK(gate.in_flight() == 0);
  CHECK(gate.queued() == 0);
}

TEST_CASE("who leaves the line leaves no place behind") {
  core::testing::run(leave_the_line());
}

}  // namespace
}  // namespace preloop::mcp
