#pragma once
#include "core/task.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace preloop::core {

/// A few threads for work that blocks or burns CPU (SQLite reads, Argon2, big documents). Made by
/// `app`; thread-safe.
///
/// Cancellation: none. `run` returns when the work has ended; bound the work itself. Lifetimes: the
/// work takes owned values only, because the waiter may be destroyed first.
class Offload {
 public:
  explicit Offload(std::size_t threads);
  ~Offload();  ///< Joins; queued work is dropped.
  Offload(const Offload&) = delete;
  Offload& operator=(const Offload&) = delete;

  /// Runs `work()` on the pool and returns its value on the caller's loop.
  template <class F>
  Task<std::invoke_result_t<F&>> run(F work) {
    using T = std::invoke_result_t<F&>;
    if constexpr (std::is_void_v<T>) {
      co_await run_erased(std::move(work));
    } else {
      auto value = std::make_shared<std::optional<T>>();
      co_await run_erased([value, work = std::move(work)]() mutable { value->emplace(work()); });
      co_return std::move(**value);
    }
  }

 private:
  Task<void> run_erased(std::move_only_function<void()> work);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preloop::core
