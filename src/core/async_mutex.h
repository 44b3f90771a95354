#pragma once
#include "core/task.h"
#include "core/wakeup.h"

#include <memory>
#include <utility>

namespace preloop::core {

/// Lets one coroutine of a loop at a time through a section that suspends, in the order they asked:
/// read, decide, commit, publish. Only for changes; nothing on the path of a call waits for it.
class AsyncMutex {
 public:
  explicit AsyncMutex(const boost::asio::any_io_executor& executor)
      : executor_(executor), tail_(nullptr) {}

  /// Releases when it goes; the next in line runs soon after.
  class Guard {
   public:
    Guard(Guard&&) noexcept = default;
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (done_) {
        done_->set();
      }
    }

   private:
    friend class AsyncMutex;
    explicit Guard(std::shared_ptr<Wakeup> done) : done_(std::move(done)) {}
    std::shared_ptr<Wakeup> done_;
  };

  /// On the owning loop. A cancelled waiter still gets its turn; it should then return.
  Task<Guard> lock() {
    auto mine = std::make_shared<Wakeup>(executor_);
    const std::shared_ptr<Wakeup> before = std::exchange(tail_, mine);
    Guard guard(std::move(mine));
    while (before && !before->is_set()) {
      if (co_await before->wait() == Outcome::cancelled) {
        co_await keep_waiting();
      }
    }
    co_return guard;
  }

 private:
  static Task<void> keep_waiting();

  boost::asio::any_io_executor executor_;
  std::shared_ptr<Wakeup> tail_;
};

}  // namespace preloop::core
