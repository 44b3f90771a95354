#include "net/resolve.h"

#include "core/task_scope.h"
#include "core/testing/run.h"

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <latch>

namespace preloop::net {
namespace {

using namespace std::chrono_literals;
using core::Code;
using core::Task;

core::MonoTime soon(core::milliseconds in) {
  return std::chrono::steady_clock::now() + in;
}
const Addresses k_somewhere{boost::asio::ip::make_address("192.0.2.1")};

Task<void> ask(Resolver& resolver, int& answers) {
  const auto answer = co_await resolver.resolve("name", soon(10s));
  answers += answer && *answer == k_somewhere ? 1 : 0;
}

Task<void> ask_often(Resolver& resolver, std::latch& go) {
  core::TaskScope scope(co_await boost::asio::this_coro::executor);
  int answers = 0;
  for (int i = 0; i < 10; ++i) {
    scope.spawn("ask", ask(resolver, answers));
  }
  core::Loop::current()->post([&go] { go.count_down(); });
  co_await scope.idle();
  CHECK(answers == 10);
  co_await ask(resolver, answers);
  CHECK(answers == 11);
}

TEST_CASE("a name is looked up once for all who ask, and kept") {
  std::atomic<int> lookups = 0;
  std::latch go(1);
  Resolver resolver([&](const std::string&) -> core::Result<Addresses> {
    go.wait();
    ++lookups;
    return k_somewhere;
  });
  core::testing::run(ask_often(resolver, go));
  CHECK(lookups == 1);
}

Task<void> ask_failing(Resolver& resolver) {
  for (int i = 0; i < 3; ++i) {
    const auto answer = co_await resolver.resolve("name", soon(10s));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().message == "no such name");
  }
}

TEST_CASE("a failure is kept, too") {
  std::atomic<int> lookups = 0;
  Resolver resolver([&](const std::string&) -> core::Result<Addresses> {
    ++lookups;
    return core::fail(Code::unavailable, "no such name");
  });
  core::testing::run(ask_failing(resolver));
  CHECK(lookups == 1);
}

Task<void> ask_past_the_slow_one(Resolver& resolver, std::latch& go) {
  CHECK((co_await resolver.resolve("slow", soon(5ms))).error().code == Code::deadline_exceeded);
  CHECK(co_await resolver.resolve("fast", soon(10s)));
  CHECK(co_await resolver.resolve("127.0.0.1", soon(10s)));
  CHECK((co_await resolver.resolve("::1", soon(10s)))->front().is_v6());
  go.count_down();
  CHECK(co_await resolver.resolve("slow", soon(10s)));
}

TEST_CASE("a slow name delays no other, and its waiter gives up in time") {
  std::latch go(1);
  Resolver resolver([&](const std::string& host) -> core::Result<Addresses> {
    if (host == "slow") {
      go.wait();
    }
    return k_somewhere;
  });
  core::testing::run(ask_past_the_slow_one(resolver, go));
}

TEST_CASE("the operating system knows localhost, and no such name") {
  const auto local = Resolver::system_lookup("localhost");
  REQUIRE(local);
  CHECK(local->front().is_loopback());
  CHECK(Resolver::system_lookup("no-such-name.invalid").error().code == Code::unavailable);
}

}  // namespace
}  // namespace preloop::net
