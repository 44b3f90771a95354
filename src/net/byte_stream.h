#pragma once
#include "core/result.h"
#include "core/task.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace preloop::net {

/// A connected two-way stream of bytes: TCP (tcp.h), TLS over it (tls.h), or two ends in memory for
/// tests (memory_stream.h). Protocol code sees only this, so it compiles in a second, is tested
/// without sockets and runs over TLS unchanged.
///
/// Threading: one loop. At most one read and one write are in flight at a time.
/// Cancellation: cancelling a pending operation leaves the stream usable only for close().
/// Lifetimes: a pending operation borrows its buffer and the stream; await it before destroying.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// At least one byte, or 0 at the orderly end of the stream. `unavailable` when the peer is gone,
  /// `cancelled` when asked to stop.
  virtual core::Task<core::Result<std::size_t>> read_some(std::span<char> buffer) = 0;
  /// The same, added to `to`, at most `most` bytes. For who may wait long: TCP keeps no buffer
  /// meanwhile. `to` is not touched before something has come.
  virtual core::Task<core::Result<std::size_t>> append_some(std::string& to, std::size_t most);
  /// All of `bytes`, or an error after which an unknown part may have been sent.
  virtual core::Task<core::Status> write_all(std::string_view bytes) = 0;
  /// Head and body in one call, so that they share a packet. The default writes one, then the
  /// other.
  virtual core::Task<core::Status> write_all(std::string_view first, std::string_view second);
  /// Ends the sending side and releases the socket; idempotent; pending operations end. Never
  /// suspends for the peer.
  virtual void close() = 0;
  /// "address:port" of the other end, for logs and rate limits; never trusted.
  virtual std::string peer() const = 0;
};

using ByteStreamPtr = std::unique_ptr<ByteStream>;

}  // namespace preloop::net
