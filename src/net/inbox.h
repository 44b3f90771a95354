#pragma once
#include "net/byte_stream.h"
#include "net/notifier.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace preloop::net {

/// What a connection has received and not yet used. One task (`run`) keeps one read pending as long
/// as less than 64 KiB wait, so that the end of the stream is seen at once also while nobody needs
/// bytes; another one takes them. Both on one loop.
class Inbox {
 public:
  /// `stream` outlives it. `on_end` is called once, when the other side has closed or failed.
  Inbox(ByteStream& stream,
        const boost::asio::any_io_executor& executor,
        std::move_only_function<void()> on_end);

  /// Reads until the stream ends. Whoever owns the Inbox spawns it once and keeps it alive.
  core::Task<void> run();

  /// The view lives until the next suspension or consume().
  std::string_view bytes() const { return std::string_view(buffer_).substr(used_); }
  void consume(std::size_t size);
  /// Suspends until something has happened: bytes, the end, an interrupt; perhaps without need, so
  /// callers look in a loop. False when the task is cancelled.
  core::Task<bool> wait() { return arrived_.wait(); }
  void interrupt() { arrived_.notify(); }
  bool ended() const { return ended_; }
  /// No more will be read until something is consumed: who needs more must give up.
  bool full() const { return bytes().size() >= k_most_waiting; }
  /// Gives memory back before a long wait.
  void release();

 private:
  static constexpr std::size_t k_most_waiting = 64 * 1024;

  ByteStream& stream_;
  Notifier arrived_;
  Notifier room_;
  std::move_only_function<void()> on_end_;
  std::string buffer_;
  std::size_t used_ = 0;
  bool ended_ = false;
};

}  // namespace preloop::net
