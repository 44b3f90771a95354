#include "core/loop_call.h"

#include "core/wakeup.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>

namespace preloop::core::detail {
namespace asio = boost::asio;

namespace {
Task<void> without_throwing(Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}
}  // namespace

// Not co_spawn with use_awaitable: Boost 1.81 then posts a bare pointer to its cancellation signal
// to the other loop, and this loop may free it first. Our signal is shared by everybody who may
// still reach it, and is emitted on the loop that runs the task.
Task<void> hop(Loop& target, Task<void> task) {
  const bool already_cancelled = co_await is_cancelled();
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      [&target, already_cancelled](auto handler, Task<void> work) {
        const auto signal = std::make_shared<asio::cancellation_signal>();
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
          slot.assign([signal, &target](asio::cancellation_type type) {
            target.post([signal, type] { signal->emit(type); });
          });
        }
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        asio::co_spawn(target.executor(),
                       without_throwing(std::move(work)),
                       asio::bind_cancellation_slot(
                           signal->slot(),
                           [signal, handler = std::move(handler), guard = std::move(guard)](
                               std::exception_ptr thrown) mutable {
                             const auto home = guard.get_executor();
                             asio::post(home,
                                        [handler = std::move(handler),
                                         guard = std::move(guard),
                                         thrown]() mutable { std::move(handler)(thrown); });
                           }));
        if (already_cancelled) {
          target.post([signal] { signal->emit(asio::cancellation_type::terminal); });
        }
      },
      asio::use_awaitable,
      std::move(task));
}

}  // namespace preloop::core::detail
