#pragma once
#include "core/loop.h"
#include "core/loop_call.h"
#include "core/task.h"

#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace preloop::core::testing {

namespace detail {
/// Starts `task` on `loop`; `done` is called there with what it threw.
void start(Loop& loop, Task<void> task, std::move_only_function<void(std::exception_ptr)> done);
}  // namespace detail

/// Runs `task` on `loop` (whose pool has started) and waits for its value; for test code, which
/// is on no loop. What it throws is thrown.
template <class T>
T run_on(Loop& loop, Task<T> task) {
  std::promise<void> promise;
  auto future = promise.get_future();
  const auto finish = [&promise](std::exception_ptr thrown) {
    thrown ? promise.set_exception(thrown) : promise.set_value();
  };
  if constexpr (std::is_void_v<T>) {
    detail::start(loop, std::move(task), finish);
    future.get();
  } else {
    std::optional<T> out;
    detail::start(loop, core::detail::store_value<T>(std::move(task), out), finish);
    future.get();
    return std::move(*out);
  }
}

/// The same on a pool of one loop that lives for this call only.
template <class T>
T run(Task<T> task) {
  LoopPool loops(1);
  loops.start();
  return run_on(loops.at(0), std::move(task));
}

}  // namespace preloop::core::testing
