#pragma once
#include "core/loop.h"
#include "core/task.h"
#include "core/task_scope.h"

#include <functional>
#include <string>
#include <vector>

namespace preloop::app {

/// The server's regular chores: each runs every so often on one loop, one after the other, and is
/// tried again next time when it fails. No call waits for them.
class Housekeeping {
 public:
  using Chore = std::function<core::Task<core::Status>()>;
  explicit Housekeeping(core::Loop& loop);

  /// Before start.
  void every(core::milliseconds period, std::string name, Chore chore);
  void start();
  core::Task<void> stop();

 private:
  struct Entry {
    core::milliseconds period;
    std::string name;
    Chore chore;
    core::MonoTime due;
  };
  core::Task<void> work();
  core::Loop& loop_;
  core::TaskScope scope_;
  std::vector<Entry> entries_;
};

}  // namespace preloop::app
