#pragma once
#include "core/clock.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

namespace preloop::core {

namespace detail {
struct CancelState {
  bool requested = false;
  std::uint64_t last_number = 0;
  std::list<std::pair<std::uint64_t, std::move_only_function<void()>>> listeners;
};
}  // namespace detail

/// "The caller is gone", seen by whoever works for it. One loop. Copies share the state.
class CancelToken {
 public:
  CancelToken() : state_(std::make_shared<detail::CancelState>()) {}

  bool requested() const { return state_->requested; }
  /// Calls every listener once, in order of subscription. Idempotent.
  void request() {
    if (!std::exchange(state_->requested, true)) {
      for (auto listeners = std::exchange(state_->listeners, {}); auto& listener : listeners) {
        listener.second();
      }
    }
  }

  /// Unsubscribes when it goes.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Subscription&& other) noexcept = default;
    Subscription& operator=(Subscription&& other) noexcept {
      release();
      state_ = std::exchange(other.state_, nullptr);
      number_ = other.number_;
      return *this;
    }
    ~Subscription() { release(); }

   private:
    friend class CancelToken;
    void release() {
      if (state_) {
        state_->listeners.remove_if([this](const auto& entry) { return entry.first == number_; });
        state_.reset();
      }
    }
    std::shared_ptr<detail::CancelState> state_;
    std::uint64_t number_ = 0;
  };

  /// `listener` runs at once when the caller is gone already; it must not suspend.
  [[nodiscard]] Subscription subscribe(std::move_only_function<void()> listener) const {
    Subscription subscription;
    if (state_->requested) {
      listener();
      return subscription;
    }
    subscription.state_ = state_;
    subscription.number_ = ++state_->last_number;
    state_->listeners.emplace_back(subscription.number_, std::move(listener));
    return subscription;
  }

 private:
  std::shared_ptr<detail::CancelState> state_;
};

/// What travels with a request through every layer; the Principal is a separate argument.
struct CallContext {
  MonoTime deadline = MonoTime::max();
  std::string request_id;   ///< ours, 16 hex digits, in every log line of the request
  std::string traceparent;  ///< W3C trace context as received, empty when none
  std::string peer;         ///< address of the client behind trusted proxies
  CancelToken cancelled;
};

}  // namespace preloop::core
