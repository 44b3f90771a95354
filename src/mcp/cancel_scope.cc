#include "mcp/cancel_scope.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace preloop::mcp {
namespace asio = boost::asio;

namespace {

core::Task<void> without_throwing(core::Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

}  // namespace

core::Task<void> CancelScope::run(core::Task<void> task) {
  const asio::cancellation_state caller = co_await asio::this_coro::cancellation_state;
  if (cancelled_ || caller.cancelled() != asio::cancellation_type::none) {
    cancelled_ = true;
    co_return;
  }
  asio::cancellation_slot slot = caller.slot();
  if (slot.is_connected()) {
    slot.assign([this](asio::cancellation_type) { cancel(); });
  }
  co_await asio::co_spawn(co_await asio::this_coro::executor,
                          without_throwing(std::move(task)),
                          asio::bind_cancellation_slot(signal_.slot(), asio::use_awaitable));
  if (slot.is_connected()) {
    slot.clear();
  }
}

void CancelScope::cancel() {
  cancelled_ = true;
  signal_.emit(asio::cancellation_type::terminal);
}

}  // namespace preloop::mcp
