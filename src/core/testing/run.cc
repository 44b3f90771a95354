#include "core/testing/run.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace preloop::core::testing::detail {

namespace {
Task<void> without_throwing(Task<void> task) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}
}  // namespace

void start(Loop& loop, Task<void> task, std::move_only_function<void(std::exception_ptr)> done) {
  boost::asio::co_spawn(loop.executor(), without_throwing(std::move(task)), std::move(done));
}

}  // namespace preloop::core::testing::detail
