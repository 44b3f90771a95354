#include "net/inbox.h"

#include <algorithm>
#include <memory>

namespace preloop::net {
namespace {
constexpr std::size_t k_small_read = 4 * 1024;
}  // namespace

Inbox::Inbox(ByteStream& stream,
             const boost::asio::any_io_executor& executor,
             std::move_only_function<void()> on_end)
    : stream_(stream), arrived_(executor), room_(executor), on_end_(std::move(on_end)) {}

core::Task<void> Inbox::run() {
  std::size_t size = 0;
  std::unique_ptr<char[]> chunk;
  while (true) {
    if (full()) {
      if (!co_await room_.wait()) {
        break;
      }
      continue;
    }
    const std::size_t wanted = expected_ > k_small_read ? k_most_waiting : k_small_read;
    if (wanted != size) {
      chunk = std::make_unique_for_overwrite<char[]>(wanted);
      size = wanted;
    }
    const auto got = co_await stream_.read_some({chunk.get(), size});
    if (!got || *got == 0) {
      break;
    }
    buffer_.append(chunk.get(), *got);
    expected_ -= std::min(expected_, *got);
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
  if (buffer_.empty() && buffer_.capacity() > k_small_read) {
    buffer_.shrink_to_fit();
  }
}

}  // namespace preloop::net
