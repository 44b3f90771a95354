#pragma once
#include "core/clock.h"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace preloop::net {

/// The one timer of a connection. Moving the deadline later, which is what nearly every phase of
/// every request does, costs no timer operation: the timer fires at the old time, looks, and goes
/// back to sleep. One loop.
class PhaseTimer {
 public:
  /// `expired` is called on the loop when a deadline has passed; not after destruction.
  PhaseTimer(const boost::asio::any_io_executor& executor, std::move_only_function<void()> expired);
  ~PhaseTimer();
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

  void set(core::milliseconds from_now);
  void set_until(core::MonoTime deadline);
  void clear() { set_until(core::MonoTime::max()); }

 private:
  struct State;
  static void arm(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace preloop::net
