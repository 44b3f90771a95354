#include "store/postgres/socket_wait.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace preloop::store::postgres {
namespace asio = boost::asio;

/// Shared with Asio's handlers, which may run after the connection went.
struct SocketWait::State {
  explicit State(const asio::any_io_executor& executor) : descriptor(executor), ready(executor) {}

  asio::posix::stream_descriptor descriptor;
  core::Wakeup ready;
  std::uint64_t round = 0;  ///< tells a wait's own handlers from late ones of the wait before
};

SocketWait::SocketWait(const asio::any_io_executor& executor)
    : state_(std::make_shared<State>(executor)) {}

SocketWait::~SocketWait() {
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

bool SocketWait::watch(int descriptor) {
  boost::system::error_code error;
  state_->descriptor.close(error);
  const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    return false;
  }
  state_->descriptor.assign(copy, error);
  if (error) {
    close(copy);
  }
  return !error;
}

core::Task<core::Outcome> SocketWait::wait(Interest interest, core::MonoTime deadline) {
  using Descriptor = asio::posix::stream_descriptor;
  const std::shared_ptr<State> state = state_;
  const std::uint64_t round = ++state->round;
  state->ready.reset();
  const auto wake = [state, round](const boost::system::error_code&) {
    if (state->round == round) {
      state->ready.set();
    }
  };
  if (interest != Interest::write) {
    state->descriptor.async_wait(Descriptor::wait_read, wake);
  }
  if (interest != Interest::read) {
    state->descriptor.async_wait(Descriptor::wait_write, wake);
  }
  const core::Outcome outcome = co_await state->ready.wait_until(deadline);
  if (outcome != core::Outcome::in_time || interest == Interest::both) {
    boost::system::error_code ignored;
    state->descriptor.cancel(ignored);
  }
  co_return outcome;
}

}  // namespace preloop::store::postgres
