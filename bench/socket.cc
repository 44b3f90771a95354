#include "socket.h"

#include "options.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string_view>
#include <utility>

namespace preloop::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

void send_at_once(int descriptor) {
  const int yes = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

int new_socket(int flags) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (descriptor < 0) {
    die(fmt::format("no socket: {}", std::strerror(errno)));
  }
  return descriptor;
}

}  // namespace

Socket::Socket(Socket&& other) noexcept {
  *this = std::move(other);
}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(buffer_, other.buffer_);
  std::swap(used_, other.used_);
  return *this;
}

Socket Socket::connect(std::uint16_t port) {
  Socket socket(new_socket(0));
  if (::connect(socket.descriptor_, generic(loopback(port)), sizeof(sockaddr_in)) != 0) {
    die(fmt::format("cannot connect to port {}: {}", port, std::strerror(errno)));
  }
  send_at_once(socket.descriptor_);
  return socket;
}

Socket Socket::listen(std::uint16_t port) {
  Socket socket(new_socket(SOCK_NONBLOCK));
  const int yes = 1;
  setsockopt(socket.descriptor_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (::bind(socket.descriptor_, generic(loopback(port)), sizeof(sockaddr_in)) != 0 ||
      ::listen(socket.descriptor_, SOMAXCONN) != 0) {
    die(fmt::format("cannot listen on port {}: {}", port, std::strerror(errno)));
  }
  return socket;
}

std::uint16_t Socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void Socket::close() {
  if (descriptor_ >= 0) {
    ::close(std::exchange(descriptor_, -1));
  }
}

Socket Socket::accept() const {
  const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    send_at_once(descriptor);
  }
  return Socket(descriptor);
}

bool Socket::receive() {
  char piece[16 * 1024];
  const ssize_t count = ::recv(descriptor_, piece, sizeof(piece), MSG_DONTWAIT);
  if (count > 0) {
    buffer_.append(piece, static_cast<std::size_t>(count));
    return true;
  }
  return count < 0 && (errno == EAGAIN || errno == EINTR);
}

void Socket::consume(std::size_t bytes) {
  used_ += bytes;
  if (used_ == buffer_.size()) {
    buffer_.clear();
    used_ = 0;
  }
}

bool Socket::send(std::string_view bytes) {
  return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(bytes.size());
}

Poller::Poller() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {
  if (descriptor_ < 0) {
    die(fmt::format("no epoll: {}", std::strerror(errno)));
  }
}

Poller::~Poller() {
  ::close(descriptor_);
}

void Poller::add(const Socket& socket, std::uint32_t tag) {
  epoll_event event{.events = EPOLLIN, .data = {.u32 = tag}};
  if (epoll_ctl(descriptor_, EPOLL_CTL_ADD, socket.descriptor(), &event) != 0) {
    die(fmt::format("epoll: {}", std::strerror(errno)));
  }
}

int Poller::wait_tags(std::int64_t nanoseconds) {
  epoll_event events[k_batch];
  timespec limit{.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
  // Milliseconds, which epoll_wait counts in, are too coarse for an arrival every 50 µs.
  const int count =
      epoll_pwait2(descriptor_, events, k_batch, nanoseconds < 0 ? nullptr : &limit, nullptr);
  for (int i = 0; i < count; ++i) {
    tags_[i] = events[i].data.u32;
  }
  return count;
}

}  // namespace preloop::bench
