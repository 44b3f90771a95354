#pragma once
#include "core/task.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace preloop::store::postgres {

/// Brings one coroutine of any loop back when work it gave to the store's loop has ended. Used
/// once. What `wake` publishes by writing before it is visible after `suspend` returns `woken`.
///
/// Lifetimes: copies share the state; `wake` may come late or never find anybody.
class Waker {
 public:
  enum class Patience : std::uint8_t {
    may_leave,  ///< a cancelled caller returns at once with `left`
    stays,      ///< the caller waits to the end, cancelled or not
  };
  enum class Ended : std::uint8_t { woken, left };

  Waker();
  /// Suspends the caller, then calls `hand_over` once, which passes the work on. After `left` the
  /// caller must not touch what the worker writes.
  core::Task<Ended> suspend(Patience patience, std::move_only_function<void()> hand_over);
  /// Thread-safe; once.
  void wake();
  /// Has the caller left? A hint that lets the worker skip the work. Thread-safe.
  bool left() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace preloop::store::postgres
