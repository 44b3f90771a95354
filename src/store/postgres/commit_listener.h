#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace preloop::store::postgres {

/// Whom to tell that events were committed, here or on another node. Thread-safe.
class CommitListener {
 public:
  void set(std::function<void()> listener) {
    auto next = std::make_shared<const std::function<void()>>(std::move(listener));
    const std::lock_guard lock(mutex_);
    listener_ = std::move(next);
  }
  void call() const {
    std::shared_ptr<const std::function<void()>> listener;
    {
      const std::lock_guard lock(mutex_);
      listener = listener_;
    }
    if (listener && *listener) {
      (*listener)();
    }
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const std::function<void()>> listener_;
};

}  // namespace preloop::store::postgres
