#pragma once
#include "net/byte_stream.h"
#include "net/http.h"

#include <string>
#include <string_view>

namespace preloop::net::testing {

/// A response as a test sees it; status 0 when the connection ended first.
struct RawAnswer {
  int status = 0;
  Headers headers;
  std::string body;
};

/// One end of a stream, for tests that decide about every byte.
class RawClient {
 public:
  explicit RawClient(ByteStreamPtr stream) : stream_(std::move(stream)) {}

  core::Task<void> send(std::string_view bytes) { (void)co_await stream_->write_all(bytes); }
  /// One response, framing decoded; `Method::head` when it has no body.
  enum class Method : std::uint8_t { head, other };
  core::Task<RawAnswer> receive(Method method = Method::other);
  /// The next request's head, when this is the server's end; empty at the end of the stream.
  core::Task<std::string> receive_head();
  /// Everything until the other side closes, as it came.
  core::Task<std::string> receive_all();
  /// Waits until the received bytes hold `text`; false when the stream ends first.
  core::Task<bool> receive_until(std::string_view text);
  ByteStream& stream() { return *stream_; }

 private:
  core::Task<bool> more();
  ByteStreamPtr stream_;
  std::string buffer_;
};

}  // namespace preloop::net::testing
