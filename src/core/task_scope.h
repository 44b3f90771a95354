#pragma once
#include "core/task.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace preloop::core {

/// Owns spawned tasks: a gate ("stop new ones, know when the running ones are done") plus
/// cancellation plus the one place where an exception, which is a bug, is caught and logged.
/// Belongs to one loop; every member is called there.
///
/// Tasks run with `throw_if_cancelled(false)`: a cancelled wait returns, it does not throw.
/// Lifetimes: destroy only after `stop()` has returned; what a task borrows must live until then.
class TaskScope {
 public:
  explicit TaskScope(const boost::asio::any_io_executor& executor);
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  /// Starts `task` soon on the loop; `name` (static text) appears in the log if it throws. After
  /// stop() the task is destroyed unrun and the answer is false.
  bool spawn(std::string_view name, Task<void> task);
  std::size_t running() const;
  /// Cancels every task and refuses new ones; returns at once.
  void cancel();
  /// cancel(), then waits until every task has ended.
  Task<void> stop();
  /// Waits until none runs, without cancelling; new tasks are still taken.
  Task<void> idle();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace preloop::core
