#pragma once
#include "core/clock.h"

#include <atomic>

namespace preloop::core::testing {

/// A clock that moves only when a test moves it. Starts at 2026-01-01T00:00:00Z. Thread-safe.
class FakeClock final : public Clock {
 public:
  WallTime wall() const override { return from_micros(wall_); }
  MonoTime mono() const override { return MonoTime{microseconds{mono_.load()}}; }
  void advance(microseconds by) {
    wall_ += by.count();
    mono_ += by.count();
  }
  /// The wall clock alone, as an administrator or NTP would.
  void jump_wall(microseconds by) { wall_ += by.count(); }

 private:
  std::atomic<std::int64_t> wall_ = 1'767'225'600'000'000;
  std::atomic<std::int64_t> mono_ = 1'000'000'000;
};

}  // namespace preloop::core::testing
