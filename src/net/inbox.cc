#include "net/inbox.h"

#include <utility>

namespace preloop::net {

Inbox::Inbox(ByteStream& stream,
             const boost::asio::any_io_executor& executor,
             std::move_only_function<void()> on_end)
    : stream_(stream), arrived_(executor), room_(executor), on_end_(std::move(on_end)) {}

core::Task<void> Inbox::run() {
  while (true) {
    if (full()) {
      if (!co_await room_.wait()) {
        break;
      }
      continue;
    }
    const auto got = co_await stream_.append_some(buffer_, k_most_waiting);
    if (!got || *got == 0) {
      break;
    }
    arrived_.notify();
  }
  ended_ = true;
  arrived_.notify();
  if (on_end_) {
    on_end_();
  }
}

void Inbox::consume(std::size_t size) {
  const bool was_full = full();
  used_ += size;
  if (used_ == buffer_.size()) {
    buffer_.clear();
    used_ = 0;
  } else if (used_ > buffer_.size() / 2) {
    buffer_.erase(0, used_);
    used_ = 0;
  }
  if (was_full && !full()) {
    room_.notify();
  }
}

void Inbox::release() {
  if (buffer_.empty()) {
    std::string().swap(buffer_);
  }
}

}  // namespace preloop::net
