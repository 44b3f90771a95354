#include "core/async_mutex.h"
#include "core/call_context.h"
#include "core/deadline.h"
#include "core/mailbox.h"
#include "core/offload.h"
#include "core/snapshot.h"
#include "core/task_scope.h"
#include "core/testing/run.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <thread>

namespace preloop::core {
namespace {

using namespace std::chrono_literals;
using testing::run;

MonoTime soon(milliseconds in) {
  return std::chrono::steady_clock::now() + in;
}

Task<Result<std::unique_ptr<int>>> value_of(int value) {
  co_return std::make_unique<int>(value);
}
Task<Result<int>> never(bool& ended) {
  const Outcome outcome = co_await sleep_until(MonoTime::max());
  ended = outcome == Outcome::cancelled;
  co_return 1;
}

TEST_CASE("a deadline passes results, also move-only ones") {
  CHECK(**run(with_deadline(value_of(7), soon(1h))) == 7);
}

TEST_CASE("a late task is cancelled and awaited") {
  bool ended = false;
  CHECK(run(with_deadline(never(ended), soon(1ms))).error().code == Code::deadline_exceeded);
  CHECK(ended);
}

Task<Result<int>> ends_slowly(bool& ended) {
  (void)co_await sleep_until(MonoTime::max());
  (void)co_await is_cancelled();
  ended = co_await sleep_until(MonoTime::max()) == Outcome::cancelled;
  co_return 1;
}

TEST_CASE("a late task may await more while it ends") {
  bool ended = false;
  CHECK(run(with_deadline(ends_slowly(ended), soon(1ms))).error().code == Code::deadline_exceeded);
  CHECK(ended);
}

Task<void> cancelled_deadline(TaskScope& scope, Code& code, bool& ended) {
  const auto task = [](Code& out, bool& inner) -> Task<void> {
    out = (co_await with_deadline(never(inner), soon(1h))).error().code;
  };
  scope.spawn("wait", task(code, ended));
  boost::asio::post(co_await boost::asio::this_coro::executor, [&scope] { scope.cancel(); });
  co_await scope.stop();
}

TEST_CASE("an outer cancellation is not reported as a timeout") {
  LoopPool loops(1);
  loops.start();
  TaskScope scope(loops.at(0).executor());
  Code code = Code::internal;
  bool ended = false;
  testing::run_on(loops.at(0), cancelled_deadline(scope, code, ended));
  CHECK(code == Code::cancelled);
  CHECK(ended);
  CHECK_FALSE(scope.spawn("late", [](bool&) -> Task<void> { co_return; }(ended)));
}

Task<void> wait_for(Wakeup& wakeup, Outcome& outcome) {
  outcome = co_await wakeup.wait();
}
Task<void> set_and_reset(Wakeup& wakeup) {
  TaskScope scope(co_await boost::asio::this_coro::executor);
  Outcome first = Outcome::late, second = Outcome::late;
  scope.spawn("first", wait_for(wakeup, first));
  scope.spawn("second", wait_for(wakeup, second));
  Loop::current()->post([&wakeup] {
    wakeup.set();
    wakeup.reset();
  });
  co_await scope.idle();
  CHECK(first == Outcome::in_time);
  CHECK(second == Outcome::in_time);
}

TEST_CASE("a wakeup that is reset at once has woken its waiters, not cancelled them") {
  LoopPool loops(1);
  Wakeup wakeup(loops.at(0).executor());
  loops.start();
  testing::run_on(loops.at(0), set_and_reset(wakeup));
}

TEST_CASE("a wakeup survives a waiter that is destroyed with its loop") {
  std::optional<LoopPool> loops(std::in_place, 1);
  std::optional<Wakeup> wakeup(loops->at(0).executor());
  std::optional<TaskScope> scope(loops->at(0).executor());
  Outcome outcome = Outcome::late;
  loops->start();
  loops->at(0).post([&] { scope->spawn("wait", wait_for(*wakeup, outcome)); });
  testing::run_on(loops->at(0), []() -> Task<void> { co_return; }());
  loops.reset();
  CHECK(outcome == Outcome::late);
  wakeup.reset();
}

Task<int> mail(Mailbox<int>& box) {
  CHECK(box.try_push(1));
  CHECK(box.try_push(2));
  CHECK_FALSE(box.try_push(3));
  box.close();
  CHECK_FALSE(box.try_push(4));
  int sum = 0;
  while (const auto item = co_await box.pop()) {
    sum += *item;
  }
  co_return sum;
}

TEST_CASE("a closed mailbox still delivers what it holds") {
  LoopPool loops(1);
  loops.start();
  Mailbox<int> box(loops.at(0).executor(), 2);
  CHECK(testing::run_on(loops.at(0), mail(box)) == 3);
}

Task<bool> works_elsewhere(Offload& offload) {
  const auto here = std::this_thread::get_id();
  const auto there = co_await offload.run([] { return std::this_thread::get_id(); });
  co_return here != there&& here == std::this_thread::get_id();
}

TEST_CASE("offloaded work runs elsewhere and returns here; what it throws arrives") {
  Offload offload(1);
  CHECK(run(works_elsewhere(offload)));
  const auto thrower = [](Offload& pool) -> Task<int> {
    co_return co_await pool.run([]() -> int { throw std::runtime_error("x"); });
  };
  CHECK_THROWS_AS(run(thrower(offload)), std::runtime_error);
}

Task<void> publish_and_check(LoopPool& loops, Snapshot<int>& snapshot) {
  const auto read = [](Snapshot<int>& from) -> Task<int> { co_return *from.read(); };
  co_await snapshot.publish(std::make_shared<const int>(2));
  for (std::size_t i = 0; i < loops.size(); ++i) {
    CHECK(co_await on_loop(loops.at(i), read(snapshot)) == 2);
  }
  CHECK(snapshot.generation() == 2);
  CHECK(*snapshot.latest() == 2);
}

TEST_CASE("a published snapshot is on every loop when publish returns") {
  LoopPool loops(3);
  Snapshot<int> snapshot(loops, std::make_shared<const int>(1));
  loops.start();
  testing::run_on(loops.at(1), publish_and_check(loops, snapshot));
}

Task<void> enter(AsyncMutex& mutex, Wakeup& go, std::string& log, char name) {
  const AsyncMutex::Guard guard = co_await mutex.lock();
  log += name;
  co_await go.wait();
  log += name;
}

Task<void> queue_up(const boost::asio::any_io_executor& executor, std::string& log) {
  AsyncMutex mutex(executor);
  Wakeup go(executor);
  TaskScope scope(executor);
  for (const char name : {'a', 'b', 'c'}) {
    scope.spawn("enter", enter(mutex, go, log, name));
  }
  boost::asio::post(executor, [&go] { go.set(); });
  co_await scope.idle();
}

TEST_CASE("a section that suspends is entered by one at a time, in order") {
  LoopPool loops(1);
  loops.start();
  std::string log;
  testing::run_on(loops.at(0), queue_up(loops.at(0).executor(), log));
  CHECK(log == "aabbcc");
}

Task<void> wait_elsewhere(Loop& there, Outcome& outcome) {
  outcome = co_await on_loop(there, sleep_until(MonoTime::max()));
}

Task<void> cancel_a_hop(LoopPool& loops, Outcome& outcome) {
  TaskScope scope(loops.at(0).executor());
  scope.spawn("hop", wait_elsewhere(loops.at(1), outcome));
  boost::asio::post(co_await boost::asio::this_coro::executor, [&scope] { scope.cancel(); });
  co_await scope.idle();
}

TEST_CASE("a cancellation reaches a task on another loop, also when the task ends meanwhile") {
  LoopPool loops(2);
  loops.start();
  for (int i = 0; i < 200; ++i) {
    Outcome outcome = Outcome::in_time;
    testing::run_on(loops.at(0), cancel_a_hop(loops, outcome));
    CHECK(outcome == Outcome::cancelled);
  }
}

Task<void> hop_late(Loop& there, Wakeup& go, Outcome& outcome) {
  co_await go.wait();  // ends by the cancellation
  outcome = co_await on_loop(there, sleep_until(MonoTime::max()));
}

Task<void> cancel_before_a_hop(LoopPool& loops, Outcome& outcome) {
  Wakeup go(loops.at(0).executor());
  TaskScope scope(loops.at(0).executor());
  scope.spawn("hop", hop_late(loops.at(1), go, outcome));
  boost::asio::post(co_await boost::asio::this_coro::executor, [&scope] { scope.cancel(); });
  co_await scope.idle();
}

TEST_CASE("a task that hops after its cancellation is cancelled over there too") {
  LoopPool loops(2);
  loops.start();
  Outcome outcome = Outcome::in_time;
  testing::run_on(loops.at(0), cancel_before_a_hop(loops, outcome));
  CHECK(outcome == Outcome::cancelled);
}

TEST_CASE("cancel tokens call each listener once, unless it left") {
  CancelToken token;
  int first = 0, second = 0, late = 0;
  const auto keep = token.subscribe([&] { ++first; });
  {
    const auto leave = token.subscribe([&] { ++second; });
  }
  token.request();
  token.request();
  const auto after = token.subscribe([&] { ++late; });
  CHECK(first == 1);
  CHECK(second == 0);
  CHECK(late == 1);
}

}  // namespace
}  // namespace preloop::core
