#include "core/wakeup.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>

namespace preloop::core {
namespace asio = boost::asio;

namespace {
/// One waiting coroutine. Its place in the list is given up also when it is destroyed while it
/// waits, as the end of its loop does.
struct Waiter {
  using List = std::list<Waiter*>;
  Waiter(List& waiters, asio::steady_timer& waiting)
      : timer(waiting), list(waiters), at(list.insert(list.end(), this)) {}
  ~Waiter() { list.erase(at); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  asio::steady_timer& timer;
  bool woken = false;  ///< by set(): the flag itself may be reset before we run
  List& list;
  List::iterator at;
};
}  // namespace

struct Wakeup::State {
  explicit State(const asio::any_io_executor& ex) : executor(ex) {}
  asio::any_io_executor executor;
  bool set = false;
  bool gone = false;
  Waiter::List waiters;

  void wake() {
    for (Waiter* const waiter : waiters) {
      waiter->woken = set;
      waiter->timer.cancel();
    }
  }
};

Wakeup::Wakeup(const asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {}
Wakeup::~Wakeup() {
  if (state_) {
    state_->gone = true;
    state_->wake();
  }
}
Wakeup::Wakeup(Wakeup&&) noexcept = default;
Wakeup& Wakeup::operator=(Wakeup&&) noexcept = default;

void Wakeup::set() {
  state_->set = true;
  state_->wake();
}
void Wakeup::reset() {
  state_->set = false;
}
bool Wakeup::is_set() const {
  return state_->set;
}

Task<Outcome> Wakeup::wait() {
  return wait_until(MonoTime::max());
}

Task<Outcome> Wakeup::wait_until(MonoTime deadline) {
  const std::shared_ptr<State> state = state_;
  if (state->set) {
    co_return Outcome::in_time;
  }
  if (state->gone || co_await is_cancelled()) {
    co_return Outcome::cancelled;
  }
  asio::steady_timer timer(state->executor, deadline);
  const Waiter waiter(state->waiters, timer);
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (waiter.woken || state->set) {
    co_return Outcome::in_time;
  }
  // Woken by neither set() nor a cancellation: the timer itself.
  co_return error || state->gone ? Outcome::cancelled : Outcome::late;
}

Task<Outcome> sleep_until(MonoTime time) {
  if (co_await is_cancelled()) {
    co_return Outcome::cancelled;
  }
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return error ? Outcome::cancelled : Outcome::late;
}

Task<bool> is_cancelled() {
  co_return (co_await asio::this_coro::cancellation_state).cancelled() !=
      asio::cancellation_type::none;
}

}  // namespace preloop::core
