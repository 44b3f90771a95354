#include "net/local_socket.h"

#include "core/log.h"
#include "core/loop_call.h"
#include "core/task_scope.h"
#include "core/wakeup.h"
#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace preloop::net {
namespace asio = boost::asio;
using asio::local::stream_protocol;
using core::Code;
using core::fail;

namespace {

constexpr auto k_await = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t k_max_path = 107;

class LocalStream final : public ByteStream {
 public:
  explicit LocalStream(stream_protocol::socket socket) : socket_(std::move(socket)) {}
  ~LocalStream() override { close(); }

  core::Task<core::Result<std::size_t>> read_some(std::span<char> buffer) override {
    const auto [error, size] =
        co_await socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), k_await);
    if (error && error != asio::error::eof) {
      co_return std::unexpected(socket_error("reading", error));
    }
    co_return size;
  }
  core::Task<core::Status> write_all(std::string_view bytes) override {
    const auto [error, size] =
        co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), k_await);
    if (error) {
      co_return std::unexpected(socket_error("writing", error));
    }
    co_return core::Status();
  }
  void close() override {
    boost::system::error_code ignored;
    socket_.shutdown(stream_protocol::socket::shutdown_send, ignored);
    socket_.close(ignored);
  }
  std::string peer() const override { return "local"; }

 private:
  stream_protocol::socket socket_;
};

bool is_same_user(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == ::geteuid() || peer.uid == 0);
}

class Listener final : public LocalListener {
 public:
  Listener(core::Loop& loop, std::string path, stream_protocol::acceptor acceptor, Serve serve)
      : loop_(loop),
        path_(std::move(path)),
        acceptor_(std::move(acceptor)),
        serve_(std::move(serve)),
        scope_(loop.executor()) {}

  void start() override {
    loop_.post([this] { scope_.spawn("local listener", accept_all()); });
  }
  core::Task<void> stop() override { return core::on_loop(loop_, do_stop()); }

 private:
  core::Task<void> accept_all() {
    while (!co_await core::is_cancelled()) {
      auto [error, socket] = co_await acceptor_.async_accept(k_await);
      if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
        co_return;
      }
      if (error) {
        core::log::warn("local socket: accepting failed", {{"error", error.message()}});
        co_await core::sleep_until(std::chrono::steady_clock::now() + core::milliseconds(100));
        continue;
      }
      if (!is_same_user(socket.native_handle())) {
        core::log::warn("local socket: refused another user", {{"path", path_}});
        continue;
      }
      scope_.spawn("local connection", serve_(std::make_unique<LocalStream>(std::move(socket))));
    }
  }
  core::Task<void> do_stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    ::unlink(path_.c_str());
    co_await scope_.stop();
  }

  core::Loop& loop_;
  std::string path_;
  stream_protocol::acceptor acceptor_;
  Serve serve_;
  core::TaskScope scope_;
};

}  // namespace

core::Result<std::unique_ptr<LocalListener>> LocalListener::create(core::Loop& loop,
                                                                   const std::string& path,
                                                                   Serve serve) {
  if (path.size() > k_max_path) {
    return fail(Code::invalid_argument,
                "the path of the socket '" + path +
                    "' is longer than 107 bytes; choose a shorter "
                    "--data-dir");
  }
  const stream_protocol::endpoint endpoint(path);
  boost::system::error_code error;
  stream_protocol::socket probe(loop.executor());
  probe.connect(endpoint, error);
  if (!error) {
    return fail(Code::failed_precondition, "another process listens on " + path);
  }
  ::unlink(path.c_str());
  stream_protocol::acceptor acceptor(loop.executor());
  const mode_t before = ::umask(0177);
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor.bind(endpoint, error);
  }
  ::umask(before);
  if (!error) {
    acceptor.listen(16, error);
  }
  if (error) {
    return fail(Code::unavailable, "cannot listen on " + path + ": " + error.message());
  }
  return std::make_unique<Listener>(loop, path, std::move(acceptor), std::move(serve));
}

core::Task<core::Result<ByteStreamPtr>> connect_local(std::string path) {
  if (path.size() > k_max_path) {
    co_return fail(Code::invalid_argument, "the path of the socket is too long");
  }
  stream_protocol::socket socket(co_await asio::this_coro::executor);
  const auto [error] = co_await socket.async_connect(stream_protocol::endpoint(path), k_await);
  if (error) {
    co_return fail(Code::not_found, "nobody listens on " + path);
  }
  co_return std::make_unique<LocalStream>(std::move(socket));
}

}  // namespace preloop::net
