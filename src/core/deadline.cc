#include "core/deadline.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace preloop::core {
namespace asio = boost::asio;

namespace {
/// The operator runs its sides as coroutines of their own, so they are roots, too.
Task<void> without_throwing(Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}
}  // namespace

Task<Outcome> run_until(Task<void> task, MonoTime deadline) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  const auto first = co_await (without_throwing(std::move(task)) ||
                               timer.async_wait(asio::as_tuple(asio::use_awaitable)));
  // An outer cancellation ends both sides, whichever is listed first.
  if (co_await is_cancelled()) {
    co_return Outcome::cancelled;
  }
  co_return first.index() == 0 ? Outcome::in_time : Outcome::late;
}

}  // namespace preloop::core
