#pragma once
#include "core/loop.h"
#include "core/loop_call.h"
#include "core/task.h"

#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace preloop::app {

namespace detail {
/// Starts `task` on `loop` and blocks until it has ended; rethrows what it threw.
void run_to_end(core::Loop& loop, core::Task<void> task);
}  // namespace detail

/// Runs a task on a loop and waits for it: for main, which is on no loop. Never call it on one.
template <class T>
T run_blocking(core::Loop& loop, core::Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    detail::run_to_end(loop, std::move(task));
  } else {
    std::optional<T> out;
    detail::run_to_end(loop, core::detail::store_value<T>(std::move(task), out));
    return std::move(*out);
  }
}

}  // namespace preloop::app
