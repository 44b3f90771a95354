#include "core/async_mutex.h"

#include <boost/asio/this_coro.hpp>

namespace preloop::core {

Task<void> AsyncMutex::keep_waiting() {
  co_await boost::asio::this_coro::reset_cancellation_state();
}

}  // namespace preloop::core
