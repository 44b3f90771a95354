#include "app/blocking.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <future>

namespace preloop::app::detail {

namespace {
core::Task<void> without_throwing(core::Task<void> task) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}
}  // namespace

void run_to_end(core::Loop& loop, core::Task<void> task) {
  std::promise<void> done;
  auto waited = done.get_future();
  boost::asio::co_spawn(
      loop.executor(), without_throwing(std::move(task)), [&done](std::exception_ptr thrown) {
        if (thrown) {
          done.set_exception(thrown);
        } else {
          done.set_value();
        }
      });
  waited.get();
}

}  // namespace preloop::app::detail
