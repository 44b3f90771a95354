#pragma once
#include "core/task.h"
#include "core/wakeup.h"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace preloop::store::postgres {

/// Waits on the loop until libpq's socket can be read or written. One wait at a time; belongs to
/// the loop of `executor`.
class SocketWait {
 public:
  enum class Interest : std::uint8_t { read, write, both };

  explicit SocketWait(const boost::asio::any_io_executor& executor);
  ~SocketWait();
  SocketWait(const SocketWait&) = delete;
  SocketWait& operator=(const SocketWait&) = delete;

  /// Watches a duplicate of `descriptor` from now on: libpq closes its own when it likes, and the
  /// number may be another connection's by the time Asio forgets it. False when none is left.
  bool watch(int descriptor);
  core::Task<core::Outcome> wait(Interest interest, core::MonoTime deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace preloop::store::postgres
