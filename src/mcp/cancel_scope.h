#pragma once
#include "core/task.h"

#include <boost/asio/cancellation_signal.hpp>

namespace preloop::mcp {

/// Runs one task that somebody beside its caller may have to cancel: a listener of a CancelToken, a
/// timer. One loop; used once.
class CancelScope {
 public:
  /// Awaits `task`, which must not throw. Cancellation of the caller reaches it too.
  core::Task<void> run(core::Task<void> task);
  /// Before, while or after `run`; may be repeated, because a cancellation that arrives while the
  /// task awaits nothing reaches only its next question (`core::is_cancelled`).
  void cancel();
  bool cancelled() const { return cancelled_; }

 private:
  boost::asio::cancellation_signal signal_;
  bool cancelled_ = false;
};

}  // namespace preloop::mcp
