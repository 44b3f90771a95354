#include "mcp/restart_policy.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using core::milliseconds;
constexpr core::MonoTime k_start{core::seconds(1'000)};

TEST_CASE("restarts wait twice as long each time, with jitter, up to a limit") {
  Backoff backoff;
  core::MonoTime now = k_start;
  const std::int64_t expected[] = {500, 1'000, 2'000, 4'000, 8'000, 16'000, 30'000};
  for (const std::int64_t plain : expected) {
    backoff.started(now);
    const milliseconds least = Backoff(backoff).failed(now, 0);
    const milliseconds most =
        Backoff(backoff).failed(now, static_cast<std::uint32_t>(plain / 2 - 1));
    CHECK(least.count() == plain - plain / 4);
    CHECK(most.count() == plain + plain / 4 - 1);
    now += backoff.failed(now, 12'345'678);
  }
  CHECK_FALSE(backoff.breaker_open());
  CHECK(backoff.failed(now, 0) == milliseconds(225'000));
  CHECK(backoff.breaker_open());
}

TEST_CASE("a long healthy run, or a person, forgets old failures") {
  Backoff backoff;
  for (int i = 0; i < 20; ++i) {
    backoff.started(k_start);
    (void)backoff.failed(k_start, 0);
  }
  CHECK(backoff.breaker_open());
  backoff.started(k_start);
  CHECK(backoff.failed(k_start + core::seconds(61), 0) == milliseconds(375));
  CHECK(backoff.failures() == 1);
  (void)backoff.failed(k_start, 0);
  backoff.reset();
  CHECK(backoff.failed(k_start, 0) == milliseconds(375));
}

TEST_CASE("a storm of changes is one listing each spacing") {
  Debounce debounce(milliseconds(100), milliseconds(2'000));
  CHECK_FALSE(debounce.due());
  debounce.note(k_start);
  debounce.note(k_start + milliseconds(50));
  CHECK(debounce.due() == k_start + milliseconds(100));
  const core::MonoTime first = k_start + milliseconds(100);
  debounce.begin(first);
  CHECK_FALSE(debounce.due());
  for (int i = 0; i < 1'000; ++i) {
    debounce.note(first + milliseconds(i));
  }
  CHECK(debounce.due() == first + milliseconds(2'000));
}

TEST_CASE("log lines have a budget") {
  LogBudget budget(2);
  CHECK(budget.take(k_start));
  CHECK(budget.take(k_start));
  CHECK_FALSE(budget.take(k_start));
  CHECK_FALSE(budget.take(k_start + core::seconds(59)));
  CHECK(budget.take(k_start + core::seconds(60)));
  CHECK(budget.suppressed() == 2);
  CHECK(budget.take(k_start + core::seconds(61)));
  CHECK(budget.suppressed() == 0);
}

}  // namespace
}  // namespace preloop::mcp
