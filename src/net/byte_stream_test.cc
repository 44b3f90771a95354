#include "core/task_scope.h"
#include "core/testing/run.h"
#include "net/tcp.h"
#include "net/testing/memory_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

namespace preloop::net {
namespace {
namespace asio = boost::asio;
using asio::ip::tcp;
using core::Task;

using Pair = std::pair<ByteStreamPtr, ByteStreamPtr>;

Task<Pair> memory_pair() {
  co_return testing::make_memory_pair(co_await asio::this_coro::executor);
}

Task<Pair> tcp_pair() {
  const auto executor = co_await asio::this_coro::executor;
  tcp::acceptor acceptor(executor, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  tcp::socket client(executor);
  client.connect(acceptor.local_endpoint());  // the backlog takes it
  tcp::socket server = co_await acceptor.async_accept(asio::use_awaitable);
  co_return Pair{make_tcp_stream(std::move(client)), make_tcp_stream(std::move(server))};
}

Task<void> send(ByteStream& stream, const std::string& head, const std::string& body) {
  CHECK(co_await stream.write_all(head, body));
  stream.close();
}

Task<void> large_message(Task<Pair> make) {
  Pair pair = co_await std::move(make);
  core::TaskScope scope(co_await asio::this_coro::executor);
  const std::string head = "head:";
  const std::string body(5 << 20, 'x');  // more than any socket buffer holds
  scope.spawn("send", send(*pair.first, head, body));
  std::string got;
  char buffer[10'000];
  while (true) {
    const auto size = co_await pair.second->read_some(buffer);
    REQUIRE(size);
    if (*size == 0) {
      break;
    }
    got.append(buffer, *size);
  }
  CHECK(got.size() == head.size() + body.size());
  CHECK(got.starts_with("head:xxx"));
  co_await scope.idle();
}

TEST_CASE("a stream delivers everything in order, then the end") {
  core::testing::run(large_message(memory_pair()));
  core::testing::run(large_message(tcp_pair()));
}

Task<void> read_until_closed(ByteStream& stream, core::Code& code) {
  char buffer[10];
  const auto size = co_await stream.read_some(buffer);
  code = size ? core::Code::internal : size.error().code;
}

Task<void> close_ends_reads(Task<Pair> make) {
  Pair pair = co_await std::move(make);
  core::TaskScope scope(co_await asio::this_coro::executor);
  auto code = core::Code::internal;
  scope.spawn("read", read_until_closed(*pair.first, code));
  core::Loop::current()->post([&] { pair.first->close(); });
  co_await scope.idle();
  CHECK(code == core::Code::cancelled);
  pair.first->close();
  CHECK_FALSE(co_await pair.first->write_all("x"));
}

TEST_CASE("closing ends a pending read, and is idempotent") {
  core::testing::run(close_ends_reads(memory_pair()));
  core::testing::run(close_ends_reads(tcp_pair()));
}

}  // namespace
}  // namespace preloop::net
