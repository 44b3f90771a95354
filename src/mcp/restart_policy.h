#pragma once
#include "core/clock.h"

#include <cstdint>
#include <optional>

namespace preloop::mcp {

struct BackoffSettings {
  core::milliseconds first{500};
  core::milliseconds longest{30'000};
  int breaker_failures = 8;
  core::milliseconds breaker_delay{300'000};
  core::milliseconds healthy{60'000};
};

/// When to start an upstream again that failed, without I/O: twice as long each time, with a
/// quarter of jitter, and after `breaker_failures` in a row only every `breaker_delay`. A run of
/// `healthy` and longer forgets what was before.
class Backoff {
 public:
  explicit Backoff(BackoffSettings settings = {}) : settings_(settings) {}

  void started(core::MonoTime now) { started_ = now; }
  /// The wait before the next start. `random` is any number, for the jitter.
  core::milliseconds failed(core::MonoTime now, std::uint32_t random);
  /// A person asked: begin anew.
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }
  bool breaker_open() const { return failures_ >= settings_.breaker_failures; }

 private:
  BackoffSettings settings_;
  int failures_ = 0;
  core::MonoTime started_;
};

/// When to list tools again after the server said they changed: soon, but a storm of such messages
/// is one listing each `spacing`. Without I/O.
class Debounce {
 public:
  Debounce(core::milliseconds delay, core::milliseconds spacing)
      : delay_(delay), spacing_(spacing) {}

  void note(core::MonoTime now);
  /// When the listing is due; nullopt: nothing changed.
  std::optional<core::MonoTime> due() const { return due_; }
  /// A listing begins now; what is noted from here on counts as new.
  void begin(core::MonoTime now);

 private:
  core::milliseconds delay_;
  core::milliseconds spacing_;
  std::optional<core::MonoTime> due_;
  std::optional<core::MonoTime> last_;
};

/// At most `lines` log lines a minute about one server, which may make as many as it likes.
class LogBudget {
 public:
  explicit LogBudget(int lines) : lines_(lines) {}

  /// May this one be written? `suppressed` is then how many were not since the last.
  bool take(core::MonoTime now);
  std::uint64_t suppressed() const { return suppressed_before_; }

 private:
  int lines_;
  int left_ = 0;
  core::MonoTime window_end_ = core::MonoTime::min();
  std::uint64_t suppressed_ = 0;
  std::uint64_t suppressed_before_ = 0;
};

}  // namespace preloop::mcp
