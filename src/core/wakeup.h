#pragma once
#include "core/clock.h"
#include "core/task.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace preloop::core {

/// How a wait ended.
enum class Outcome : std::uint8_t { in_time, late, cancelled };

/// A flag that coroutines of one loop wait for; stays set until reset. Not thread-safe: set it on
/// the owning loop (from elsewhere: `loop.post`).
///
/// Cancellation: the wait ends as `cancelled`, also when the task had been cancelled before it
/// began to wait. Lifetimes: waiters outlive the Wakeup safely; its destruction ends them as
/// `cancelled`.
class Wakeup {
 public:
  explicit Wakeup(const boost::asio::any_io_executor& executor);
  ~Wakeup();
  Wakeup(Wakeup&&) noexcept;
  Wakeup& operator=(Wakeup&&) noexcept;

  void set();
  void reset();
  bool is_set() const;
  Task<Outcome> wait();
  Task<Outcome> wait_until(MonoTime deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Suspends until `time`; `late` when it came, `cancelled` when the task was cancelled first.
Task<Outcome> sleep_until(MonoTime time);

/// Has the running task been asked to stop? Loops ask before each round, because a cancellation
/// that arrives while nothing is awaited wakes nobody.
Task<bool> is_cancelled();

}  // namespace preloop::core
