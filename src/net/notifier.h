#pragma once
#include "core/task.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>

namespace preloop::net {

/// Wakes the one coroutine that waits for it. Much cheaper than core::Wakeup (no timer, no list),
/// for the two tasks of a connection. One loop.
///
/// Cancellation: the wait returns. Lifetimes: outlives its waiter.
class Notifier {
 public:
  explicit Notifier(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// Remembered until the next wait.
  void notify();
  /// True when notified, false when the task is cancelled.
  core::Task<bool> wait();

 private:
  void resume();

  boost::asio::any_io_executor executor_;
  bool set_ = false;
  std::move_only_function<void()> waiter_;
};

}  // namespace preloop::net
