#pragma once
#include "core/loop.h"
#include "core/loop_call.h"
#include "core/task.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace preloop::core {

/// An immutable value that every loop reads without a lock, replaced as a whole: compile, commit,
/// publish. Each loop has its own slot; publishing posts the new value to every loop and returns
/// when all have taken it, so that a change is acknowledged only when nobody reads the old one any
/// more. Generations start at 1 and grow by one.
template <class T>
class Snapshot {
 public:
  struct Version {
    std::uint64_t generation = 0;
    std::shared_ptr<const T> value;
    const T* operator->() const { return value.get(); }
    const T& operator*() const { return *value; }
  };

  /// Before the loops start.
  Snapshot(LoopPool& loops, std::shared_ptr<const T> initial)
      : loops_(loops), latest_{1, std::move(initial)}, slots_(loops.size()) {
    for (Slot& slot : slots_) {
      slot.version = latest_;
    }
  }

  /// The calling loop's value; copy it before suspending. Only on a loop of the pool.
  const Version& read() const { return slots_[Loop::current()->index()].version; }

  /// The newest generation, which a decision compares right before dispatch. Thread-safe.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  /// The newest value, from any thread. Takes a lock: for changes and for the rare second decision.
  Version latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
  }

  /// Replaces the value everywhere. Callers serialise their changes (one writer at a time). From
  /// any loop. Cancellation: none; once begun it completes.
  Task<void> publish(std::shared_ptr<const T> value) {
    Version next;
    {
      const std::lock_guard lock(mutex_);
      latest_ = {latest_.generation + 1, std::move(value)};
      next = latest_;
    }
    generation_.store(next.generation, std::memory_order_release);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      co_await on_loop(loops_.at(i), take(slots_[i], next));
    }
  }

 private:
  struct alignas(64) Slot {
    Version version;
  };
  static Task<void> take(Slot& slot, Version next) {
    slot.version = std::move(next);
    co_return;
  }

  LoopPool& loops_;
  mutable std::mutex mutex_;
  Version latest_;
  std::atomic<std::uint64_t> generation_ = 1;
  std::vector<Slot> slots_;
};

}  // namespace preloop::core
