#include "net/connector.h"

#include "core/deadline.h"
#include "net/http1_head.h"
#include "net/http1_parser.h"
#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace preloop::net {
namespace asio = boost::asio;
using asio::ip::tcp;
using core::Code;
using core::fail;
using core::Task;

namespace {

constexpr auto k_await = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t k_most_proxy_head = 16 * 1024;

Task<core::Result<tcp::socket>> connect_to(tcp::endpoint endpoint) {
  tcp::socket socket(co_await asio::this_coro::executor);
  const auto [error] = co_await socket.async_connect(endpoint, k_await);
  if (error) {
    co_return std::unexpected(socket_error("connecting to " + to_string(endpoint), error));
  }
  configure_socket(socket);
  co_return socket;
}

/// Asks the proxy behind `socket` for a tunnel (RFC 9110, 9.3.6).
Task<core::Status> open_tunnel(tcp::socket& socket, const Url& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  const std::string to = (v6 ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
  const std::string head = "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n";
  const auto [write_error, sent] = co_await asio::async_write(socket, asio::buffer(head), k_await);
  if (write_error) {
    co_return std::unexpected(socket_error("writing to the proxy", write_error));
  }
  std::string answer;
  HeadScan scan;
  auto state = HeadScan::State::incomplete;
  while (state == HeadScan::State::incomplete && answer.size() < k_most_proxy_head) {
    char chunk[1024];
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(chunk), k_await);
    if (error) {
      co_return std::unexpected(socket_error("reading from the proxy", error));
    }
    answer.append(chunk, size);
    state = scan.scan(answer);
  }
  int status = 0;
  Headers headers;
  ResponseParser parser;
  // The server speaks only after us, so nothing may follow the head.
  if (state != HeadScan::State::complete ||
      !parser.parse_head(std::string_view(answer).substr(0, scan.size()),
                         ResponseParser::Body::none,
                         status,
                         headers)) {
    co_return fail(Code::unavailable, "the proxy's answer makes no sense");
  }
  if (status / 100 != 2 || scan.size() != answer.size()) {
    co_return fail(Code::unavailable,
                   "the proxy refused to connect to " + to + ": status " + std::to_string(status));
  }
  co_return core::Status();
}

}  // namespace

Task<core::Result<tcp::socket>> Connector::dial(const Url& to, core::MonoTime deadline) {
  PRELOOP_CO_TRY(const Addresses addresses, co_await resolver_.resolve(to.host, deadline));
  core::Error last;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // What is left is shared out, so that one dead address does not use it up.
    const auto now = std::chrono::steady_clock::now();
    const auto share = (deadline - now) / static_cast<std::int64_t>(addresses.size() - i);
    auto socket =
        co_await core::with_deadline(connect_to(tcp::endpoint(addresses[i], to.port)), now + share);
    if (socket || socket.error().code == Code::cancelled) {
      co_return socket;
    }
    last = socket.error();
  }
  co_return std::unexpected(std::move(last));
}

Task<core::Result<ByteStreamPtr>> Connector::open(Url url, core::MonoTime deadline) {
  const bool secure = url.scheme == "https";
  if (options_.proxy && options_.proxy->scheme != "http") {
    co_return fail(Code::invalid_argument, "the proxy must be given as http://host:port");
  }
  PRELOOP_CO_TRY(tcp::socket socket,
                 co_await dial(options_.proxy ? *options_.proxy : url, deadline));
  if (!secure) {
    co_return make_tcp_stream(std::move(socket));
  }
  if (options_.proxy) {
    PRELOOP_CO_CHECK(co_await open_tunnel(socket, url));
  }
  if (!tls_) {
    PRELOOP_CO_TRY(tls_, TlsContext::for_client(options_.ca_file));
  }
  co_return co_await tls_connect(std::move(socket), tls_, url.host);
}

Task<core::Result<ByteStreamPtr>> Connector::connect(Url url, core::MonoTime deadline) {
  const auto most = std::chrono::steady_clock::now() + options_.limits.connect_timeout;
  const auto until = std::min(deadline, most);
  auto stream = co_await core::with_deadline(open(std::move(url), until), until);
  if (!stream && stream.error().code == Code::deadline_exceeded && most < deadline) {
    co_return fail(Code::unavailable, "could not connect in time");
  }
  co_return stream;
}

}  // namespace preloop::net
