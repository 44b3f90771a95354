#include "net/testing/memory_stream.h"

#include "core/wakeup.h"

#include <algorithm>
#include <memory>

namespace preloop::net::testing {
namespace {

using core::Code;
using core::fail;

/// One direction.
struct Pipe {
  Pipe(const boost::asio::any_io_executor& executor, std::size_t size)
      : capacity(size), readable(executor), writable(executor) {}
  std::size_t capacity;
  std::string bytes;
  bool writer_closed = false;
  bool reader_closed = false;
  // Each has one waiter, which alone resets it.
  core::Wakeup readable;
  core::Wakeup writable;

  void wake() {
    readable.set();
    writable.set();
  }
  static core::Task<bool> wait(core::Wakeup& wakeup) {
    wakeup.reset();
    co_return co_await wakeup.wait() != core::Outcome::cancelled;
  }
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~MemoryStream() override { close(); }

  core::Task<core::Result<std::size_t>> read_some(std::span<char> buffer) override {
    const std::shared_ptr<Pipe> pipe = in_;
    while (pipe->bytes.empty() && !pipe->writer_closed && !pipe->reader_closed) {
      if (!co_await Pipe::wait(pipe->readable)) {
        co_return fail(Code::cancelled, "reading was cancelled");
      }
    }
    if (pipe->reader_closed) {
      co_return fail(Code::cancelled, "the stream is closed");
    }
    const std::size_t size = std::min(buffer.size(), pipe->bytes.size());
    std::copy_n(pipe->bytes.begin(), size, buffer.begin());
    pipe->bytes.erase(0, size);
    pipe->wake();
    co_return size;
  }

  core::Task<core::Status> write_all(std::string_view bytes) override {
    const std::shared_ptr<Pipe> pipe = out_;
    while (!bytes.empty()) {
      if (pipe->reader_closed || pipe->writer_closed) {
        co_return fail(Code::unavailable, "the other end is closed");
      }
      const std::size_t room = pipe->capacity - std::min(pipe->capacity, pipe->bytes.size());
      const std::string_view part = bytes.substr(0, room);
      pipe->bytes += part;
      bytes.remove_prefix(part.size());
      pipe->wake();
      if (!bytes.empty() && !co_await Pipe::wait(pipe->writable)) {
        co_return fail(Code::cancelled, "writing was cancelled");
      }
    }
    co_return core::Status();
  }

  void close() override {
    out_->writer_closed = true;
    in_->reader_closed = true;
    out_->wake();
    in_->wake();
  }

  std::string peer() const override { return "127.0.0.1:1"; }

 private:
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
};

}  // namespace

std::pair<ByteStreamPtr, ByteStreamPtr> make_memory_pair(
    const boost::asio::any_io_executor& executor, std::size_t capacity) {
  auto there = std::make_shared<Pipe>(executor, capacity);
  auto back = std::make_shared<Pipe>(executor, capacity);
  auto first = std::make_unique<MemoryStream>(back, there);
  auto second = std::make_unique<MemoryStream>(there, back);
  return {std::move(first), std::move(second)};
}

}  // namespace preloop::net::testing
