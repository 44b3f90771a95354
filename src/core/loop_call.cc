#include "core/loop_call.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace preloop::core::detail {
namespace asio = boost::asio;

namespace {
Task<void> without_throwing(Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}
}  // namespace

Task<void> hop(Loop& target, Task<void> task) {
  co_await asio::co_spawn(
      target.executor(), without_throwing(std::move(task)), asio::use_awaitable);
}

}  // namespace preloop::core::detail
