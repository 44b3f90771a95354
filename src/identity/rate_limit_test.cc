#include "identity/rate_limit.h"

#include "core/testing/fake_clock.h"

#include <doctest/doctest.h>

namespace preloop::identity {
namespace {

using core::Code;
using core::testing::FakeClock;
using namespace std::chrono_literals;

TEST_CASE("addresses are grouped into networks") {
  CHECK(network_of("192.0.2.77") == "192.0.2.0/24");
  CHECK(network_of("192.0.2.77:4711") == "192.0.2.0/24");
  CHECK(network_of("::ffff:192.0.2.1") == "192.0.2.0/24");
  CHECK(network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(network_of("[2001:db8:1:2::9]:443") == "2001:db8:1:2::/64");
  CHECK(network_of("fe80::1%eth0") == "fe80::/64");
  CHECK(network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1"));
  CHECK(network_of("") == "");
  CHECK(network_of(std::string(100'000, 'x')).size() <= 128);
}

TEST_CASE("a bucket empties, refills, and belongs to its key") {
  FakeClock clock;
  RateLimiter limiter({.burst = 3, .refill = 1000ms});
  for (int i = 0; i < 3; ++i) {
    CHECK(limiter.take("a", clock.mono()).has_value());
  }
  const auto refused = limiter.take("a", clock.mono());
  CHECK(refused.error().code == Code::resource_exhausted);
  CHECK(refused.error().details.at(0).message == "1");
  CHECK(limiter.take("b", clock.mono()).has_value());
  clock.advance(1s);
  CHECK(limiter.take("a", clock.mono()).has_value());
  CHECK(!limiter.take("a", clock.mono()));
  clock.advance(1h);
  for (int i = 0; i < 3; ++i) {
    CHECK(limiter.take("a", clock.mono()).has_value());
  }
  CHECK(!limiter.take("a", clock.mono()));
}

TEST_CASE("a limiter's memory is bounded") {
  FakeClock clock;
  RateLimiter limiter({});
  LockOut lock;
  for (std::size_t i = 0; i < RateLimiter::k_max_entries + 10; ++i) {
    CHECK(limiter.take(std::to_string(i), clock.mono()).has_value());
    CHECK(lock.admit("ana", std::to_string(i), clock.mono()).has_value());
    clock.advance(1us);
  }
  CHECK(limiter.size() == RateLimiter::k_max_entries);
  CHECK(lock.size() == LockOut::k_max_entries);
}

int free_attempts(LockOut& lock, const char* network, const FakeClock& clock) {
  int count = 0;
  while (count < 100 && lock.admit("ana", network, clock.mono())) {
    ++count;
  }
  return count;
}

TEST_CASE("guessing locks the guesser's network, not the account") {
  FakeClock clock;
  LockOut lock;
  CHECK(free_attempts(lock, "192.0.2.0/24", clock) == LockOut::k_free_failures);
  CHECK(lock.admit("ana", "198.51.100.0/24", clock.mono()).has_value());
  CHECK(lock.admit("bo", "192.0.2.0/24", clock.mono()).has_value());
  CHECK(lock.admit("ana", "192.0.2.0/24", clock.mono()).error().code == Code::resource_exhausted);
}

TEST_CASE("the lock doubles from one minute to fifteen and is forgotten after a quiet hour") {
  FakeClock clock;
  LockOut lock;
  free_attempts(lock, "n", clock);
  for (const auto wait : {60s, 120s, 240s, 480s, 900s, 900s}) {
    clock.advance(wait - 1s);
    CHECK(!lock.admit("ana", "n", clock.mono()));
    clock.advance(1s);
    CHECK(free_attempts(lock, "n", clock) == 1);
  }
  clock.advance(1h + 1s);
  CHECK(free_attempts(lock, "n", clock) == LockOut::k_free_failures);
}

TEST_CASE("a right password forgets the failures and an unchecked attempt is none") {
  FakeClock clock;
  LockOut lock;
  free_attempts(lock, "n", clock);
  lock.succeeded("ana", "n");
  CHECK(free_attempts(lock, "n", clock) == LockOut::k_free_failures);
  lock.undo("ana", "n");
  CHECK(free_attempts(lock, "n", clock) == 1);
  lock.undo("nobody", "n");
  CHECK(lock.size() == 1);
}

}  // namespace
}  // namespace preloop::identity
