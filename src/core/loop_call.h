#pragma once
#include "core/loop.h"
#include "core/task.h"

#include <optional>
#include <type_traits>
#include <utility>

namespace preloop::core {

namespace detail {
/// Runs `task` on `target`, resumes the caller on its own loop. What it throws is thrown on.
Task<void> hop(Loop& target, Task<void> task);

template <class T>
Task<void> store_value(Task<T> task, std::optional<T>& out) {
  out.emplace(co_await std::move(task));
}
}  // namespace detail

/// Awaits `task` on the loop that owns what it touches, and comes back: the one way for a coroutine
/// to cross loops. Directly, without a hop, when the caller is on `target` already. Costs 4-10 µs.
///
/// Cancellation: forwarded to the task. Lifetimes: the task is awaited, so it may borrow from its
/// caller, but what it borrows must not be touched by the caller's loop meanwhile.
template <class T>
Task<T> on_loop(Loop& target, Task<T> task) {
  if (target.is_current()) {
    co_return co_await std::move(task);
  }
  if constexpr (std::is_void_v<T>) {
    co_await detail::hop(target, std::move(task));
  } else {
    std::optional<T> out;
    co_await detail::hop(target, detail::store_value<T>(std::move(task), out));
    co_return std::move(*out);
  }
}

}  // namespace preloop::core
