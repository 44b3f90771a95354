#include "net/phase_timer.h"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace preloop::net {

using core::MonoTime;

struct PhaseTimer::State {
  State(const boost::asio::any_io_executor& executor, std::move_only_function<void()> callback)
      : timer(executor), expired(std::move(callback)) {}
  boost::asio::steady_timer timer;
  MonoTime deadline = MonoTime::max();
  MonoTime armed = MonoTime::max();  ///< when the timer will fire
  std::move_only_function<void()> expired;
};

PhaseTimer::PhaseTimer(const boost::asio::any_io_executor& executor,
                       std::move_only_function<void()> expired)
    : state_(std::make_shared<State>(executor, std::move(expired))) {}

PhaseTimer::~PhaseTimer() {
  state_->timer.cancel();
}

void PhaseTimer::set(core::milliseconds from_now) {
  set_until(std::chrono::steady_clock::now() + from_now);
}

void PhaseTimer::set_until(MonoTime deadline) {
  state_->deadline = deadline;
  if (deadline < state_->armed) {
    arm(state_);
  }
}

void PhaseTimer::arm(const std::shared_ptr<State>& state) {
  state->armed = state->deadline;
  state->timer.expires_at(state->deadline);
  state->timer.async_wait([weak = std::weak_ptr(state)](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) {
      return;  // moved, or gone
    }
    self->armed = MonoTime::max();
    if (self->deadline <= std::chrono::steady_clock::now()) {
      self->deadline = MonoTime::max();
      self->expired();
    } else if (self->deadline != MonoTime::max()) {
      arm(self);
    }
  });
}

}  // namespace preloop::net
