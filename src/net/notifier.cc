#include "net/notifier.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace preloop::net {
namespace asio = boost::asio;

void Notifier::notify() {
  set_ = true;
  resume();
}

core::Task<bool> Notifier::wait() {
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) {
    co_return false;
  }
  if (!set_) {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler) {
          auto slot = asio::get_associated_cancellation_slot(handler);
          if (slot.is_connected()) {
            slot.assign([this](asio::cancellation_type) { resume(); });
          }
          waiter_ = [handler = std::move(handler), slot]() mutable {
            slot.clear();
            std::move(handler)();
          };
        },
        asio::use_awaitable);
  }
  co_return std::exchange(set_, false);
}

void Notifier::resume() {
  if (waiter_) {
    // Not directly: the caller's frame would be below whatever the waiter goes on to do.
    asio::post(executor_, std::exchange(waiter_, nullptr));
  }
}

}  // namespace preloop::net
