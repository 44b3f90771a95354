#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <tuple>

namespace preloop::net {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto k_await = asio::as_tuple(asio::use_awaitable);

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(tcp::socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    const auto endpoint = socket_.remote_endpoint(ignored);
    peer_ = ignored ? std::string() : to_string(endpoint);
  }
  ~TcpStream() override { close(); }

  core::Task<core::Result<std::size_t>> read_some(std::span<char> buffer) override {
    const auto [error, size] =
        co_await socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), k_await);
    if (error && error != asio::error::eof) {
      co_return std::unexpected(socket_error("reading", error));
    }
    co_return size;
  }

  core::Task<core::Result<std::size_t>> append_some(std::string& to, std::size_t most) override {
    // Filled and emptied without a suspension in between.
    thread_local std::array<char, 64 * 1024> chunk;
    const auto room = asio::buffer(chunk.data(), std::min(most, chunk.size()));
    boost::system::error_code error = asio::error::would_block;
    std::size_t size = 0;
    if (!drained_) {
      size = socket_.read_some(room, error);
    }
    // The end is told a turn later: who was given the last bytes looks at them first.
    if (error == asio::error::eof) {
      error = asio::error::would_block;
    }
    while (error == asio::error::would_block) {
      std::tie(error) = co_await socket_.async_wait(tcp::socket::wait_read, k_await);
      if (!error) {
        size = socket_.read_some(room, error);
      }
    }
    if (error && error != asio::error::eof) {
      co_return std::unexpected(socket_error("reading", error));
    }
    drained_ = size < room.size();
    to.append(chunk.data(), size);
    co_return size;
  }

  core::Task<core::Status> write_all(std::string_view bytes) override {
    return write_all(bytes, {});
  }

  core::Task<core::Status> write_all(std::string_view first, std::string_view second) override {
    while (!first.empty() || !second.empty()) {
      const std::array<asio::const_buffer, 2> buffers{asio::buffer(first.data(), first.size()),
                                                      asio::buffer(second.data(), second.size())};
      boost::system::error_code error;
      // Nearly always takes everything at once: no suspension, no allocation.
      std::size_t size = socket_.write_some(buffers, error);
      if (error == asio::error::would_block) {
        std::tie(error) = co_await socket_.async_wait(tcp::socket::wait_write, k_await);
        size = 0;
      }
      if (error) {
        co_return std::unexpected(socket_error("writing", error));
      }
      const std::size_t of_first = std::min(size, first.size());
      first.remove_prefix(of_first);
      second.remove_prefix(size - of_first);
    }
    co_return core::Status();
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    socket_.close(ignored);
  }

  std::string peer() const override { return peer_; }

 private:
  tcp::socket socket_;
  std::string peer_;
  /// The last read got less than it asked for, so another one at once would find nothing: what
  /// comes later wakes the wait.
  bool drained_ = false;
};

}  // namespace

void configure_socket(tcp::socket& socket) {
  boost::system::error_code ignored;  // a socket that is gone already says so at the first read
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
}

ByteStreamPtr make_tcp_stream(tcp::socket socket) {
  configure_socket(socket);
  return std::make_unique<TcpStream>(std::move(socket));
}

std::string to_string(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

core::Error socket_error(std::string_view what, const boost::system::error_code& error) {
  const bool aborted =
      error == asio::error::operation_aborted || error == asio::error::bad_descriptor;
  return {aborted ? core::Code::cancelled : core::Code::unavailable,
          std::string(what) + ": " + error.message(),
          {}};
}

}  // namespace preloop::net
