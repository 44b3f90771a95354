#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::bench {

/// A non-blocking TCP socket of 127.0.0.1 with its read-ahead. Closes itself.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  /// Waits for the connection, which on this machine takes microseconds.
  static Socket connect(std::uint16_t port);
  /// Port 0 chooses one.
  static Socket listen(std::uint16_t port);

  std::uint16_t port() const;
  int descriptor() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }
  void close();
  /// The next connection of a listening socket; not open when none waits.
  Socket accept() const;

  /// Reads once what is there; false when the peer has gone.
  bool receive();
  std::string_view received() const { return std::string_view(buffer_).substr(used_); }
  void consume(std::size_t bytes);
  /// Messages here are far smaller than a socket's buffer: one that does not fit at once counts as
  /// a lost connection. False when it is lost.
  bool send(std::string_view bytes);

 private:
  int descriptor_ = -1;
  std::string buffer_;
  std::size_t used_ = 0;
};

/// epoll, level-triggered, for reading only.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(const Socket& socket, std::uint32_t tag);
  /// Calls `ready(tag)` for each readable socket. Negative waits without end.
  template <class Ready>
  void wait(std::int64_t nanoseconds, Ready&& ready) {
    const int count = wait_tags(nanoseconds);
    for (int i = 0; i < count; ++i) {
      ready(tags_[i]);
    }
  }

 private:
  static constexpr int k_batch = 64;
  int wait_tags(std::int64_t nanoseconds);

  int descriptor_;
  std::uint32_t tags_[k_batch];
};

}  // namespace preloop::bench
