#include "net/http_server.h"

#include "core/task_scope.h"
#include "core/testing/run.h"
#include "core/wakeup.h"
#include "net/tcp.h"
#include "net/testing/certificate.h"
#include "net/testing/raw_client.h"
#include "net/tls.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <set>

namespace preloop::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using core::Task;
using testing::RawClient;

core::MonoTime soon(core::milliseconds in) {
  return std::chrono::steady_clock::now() + in;
}

/// "/" says which loop serves it; "/held" answers when released or cancelled.
class TestHandler final : public HttpHandler {
 public:
  explicit TestHandler(core::LoopPool& loops)
      : loops_(loops), held(loops.at(0).executor()), release(loops.at(0).executor()) {}

  Task<void> handle(Request& request,
                    Responder& responder,
                    const core::CallContext& context) override {
    if (request.path == "/held") {
      core::CancelToken cancelled = context.cancelled;
      const auto listening = cancelled.subscribe([this] { ++cancellations; });
      held.set();
      (void)co_await release.wait();
    }
    (void)co_await responder.send(
        Response::text(200, std::to_string(core::Loop::current()->index())));
  }

  core::LoopPool& loops_;
  core::Wakeup held;
  core::Wakeup release;
  std::atomic<int> cancellations = 0;
};

struct Fixture {
  explicit Fixture(std::size_t size = 1) : loops(size), handler(loops) { loops.start(); }

  void listen() {
    auto made = HttpServer::create(options, loops, handler);
    REQUIRE(made);
    server = std::move(*made);
    server->start();
  }
  void stop() { core::testing::run_on(loops.at(0), server->stop(soon(5s))); }
  template <class T>
  T run(Task<T> task) {
    return core::testing::run_on(loops.at(0), std::move(task));
  }

  HttpServer::Options options{
      .address = {"127.0.0.1", 0}, .limits = {}, .tls = {}, .trusted_proxies = {}};
  core::LoopPool loops;
  TestHandler handler;
  std::unique_ptr<HttpServer> server;
};

Task<tcp::socket> dial(std::uint16_t port) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port),
                                asio::use_awaitable);
  co_return socket;
}
Task<RawClient> connect(std::uint16_t port) {
  co_return RawClient(make_tcp_stream(co_await dial(port)));
}

constexpr std::string_view k_get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

Task<std::set<std::string>> loops_of(std::uint16_t port, int connections) {
  std::set<std::string> out;
  for (int i = 0; i < connections; ++i) {
    RawClient client = co_await connect(port);
    co_await client.send(k_get);
    const auto first = co_await client.receive();
    co_await client.send(k_get);
    const auto second = co_await client.receive();
    CHECK(first.status == 200);
    CHECK(first.body == second.body);  // a connection stays with its loop
    out.insert(first.body);
  }
  co_return out;
}

TEST_CASE("connections go round the loops and stay there") {
  Fixture fixture(3);
  fixture.listen();
  CHECK(fixture.run(loops_of(fixture.server->port(), 3)).size() == 3);
  CHECK(fixture.server->stats().connections_total == 3);
  CHECK(fixture.server->stats().requests_total == 6);
  fixture.stop();
  CHECK(fixture.server->stats().connections_open == 0);
}

Task<int> status_after_half_close(HttpServer& server) {
  tcp::socket socket = co_await dial(server.port());
  asio::write(socket, asio::buffer(k_get));
  socket.shutdown(tcp::socket::shutdown_send);
  server.start();  // request and end lie there when it looks
  RawClient client(make_tcp_stream(std::move(socket)));
  co_return (co_await client.receive()).status;
}

TEST_CASE("regression: a request is answered although the client sends no more") {
  Fixture fixture;
  auto made = HttpServer::create(fixture.options, fixture.loops, fixture.handler);
  REQUIRE(made);
  fixture.server = std::move(*made);
  CHECK(fixture.run(status_after_half_close(*fixture.server)) == 200);
  fixture.stop();
}

TEST_CASE("a taken port is named") {
  Fixture fixture;
  fixture.listen();
  fixture.options.address.port = fixture.server->port();
  const auto second = HttpServer::create(fixture.options, fixture.loops, fixture.handler);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == core::Code::failed_precondition);
  CHECK(second.error().message.find(std::to_string(fixture.server->port())) != std::string::npos);
  fixture.stop();
}

Task<void> beyond_the_cap(Fixture& fixture) {
  RawClient first = co_await connect(fixture.server->port());
  co_await first.send(k_get);
  CHECK((co_await first.receive()).status == 200);
  RawClient second = co_await connect(fixture.server->port());
  co_await second.send(k_get);
  const auto answer = co_await second.receive();
  CHECK(answer.status == 503);
  CHECK(answer.headers.get("retry-after") == "1");
  CHECK((co_await second.receive_all()).empty());
  co_await first.send(k_get);
  CHECK((co_await first.receive()).status == 200);
}

TEST_CASE("connections beyond the cap get 503") {
  Fixture fixture;
  fixture.options.limits.max_connections = 1;
  fixture.listen();
  fixture.run(beyond_the_cap(fixture));
  CHECK(fixture.server->stats().connections_refused == 1);
  fixture.stop();
}

Task<void> drain(Fixture& fixture, core::milliseconds patience) {
  RawClient idle = co_await connect(fixture.server->port());
  co_await idle.send(k_get);
  (void)co_await idle.receive();
  RawClient busy = co_await connect(fixture.server->port());
  co_await busy.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
  (void)co_await fixture.handler.held.wait();
  core::TaskScope scope(co_await asio::this_coro::executor);
  scope.spawn("stop", fixture.server->stop(soon(patience)));
  CHECK((co_await idle.receive_all()).empty());
  if (patience > 1s) {
    fixture.handler.release.set();
    const auto answer = co_await busy.receive();
    CHECK(answer.status == 200);
  }
  CHECK((co_await busy.receive_all()).empty());
  co_await scope.idle();
}

TEST_CASE("stopping drains, then cancels what is left") {
  {
    Fixture patient;
    patient.listen();
    patient.run(drain(patient, 60s));
    CHECK(patient.handler.cancellations == 0);
  }
  Fixture impatient;
  impatient.listen();
  impatient.run(drain(impatient, 10ms));
  CHECK(impatient.handler.cancellations == 1);
}

Task<core::Result<ByteStreamPtr>> dial_tls(std::uint16_t port,
                                           const std::string& ca_file,
                                           std::string host) {
  const auto context = TlsContext::for_client(ca_file);
  REQUIRE(context);
  co_return co_await tls_connect(co_await dial(port), *context, std::move(host));
}

Task<void> over_tls(Fixture& fixture, const testing::Certificate& certificate) {
  const std::uint16_t port = fixture.server->port();
  auto stream = co_await dial_tls(port, certificate.certificate_file(), "localhost");
  REQUIRE(stream);
  RawClient client(std::move(*stream));
  for (int i = 0; i < 3; ++i) {
    co_await client.send(k_get);
    CHECK((co_await client.receive()).status == 200);
  }
  CHECK(co_await dial_tls(port, certificate.certificate_file(), "127.0.0.1"));
  const auto wrong_name = co_await dial_tls(port, certificate.certificate_file(), "evil.example");
  REQUIRE_FALSE(wrong_name);
  CHECK(wrong_name.error().message.find("not trusted") != std::string::npos);
  CHECK_FALSE(co_await dial_tls(port, "", "localhost"));
  RawClient plain = co_await connect(port);
  co_await plain.send(k_get);
  CHECK((co_await plain.receive()).status == 0);
}

Task<bool> is_trusted(std::uint16_t port, const testing::Certificate& certificate) {
  co_return (co_await dial_tls(port, certificate.certificate_file(), "localhost")).has_value();
}

TEST_CASE("TLS: served, verified by name and chain, renewed while running") {
  Fixture fixture;
  testing::Certificate old_one("localhost");
  testing::Certificate new_one("localhost");
  fixture.options.tls = TlsFiles{old_one.certificate_file(), old_one.key_file()};
  fixture.listen();
  fixture.run(over_tls(fixture, old_one));

  testing::Certificate::copy(new_one, old_one);
  CHECK(fixture.server->reload_tls());
  CHECK(fixture.run(is_trusted(fixture.server->port(), new_one)));
  old_one.damage();
  CHECK_FALSE(fixture.server->reload_tls());
  CHECK(fixture.run(is_trusted(fixture.server->port(), new_one)));
  fixture.stop();
}

Task<void> silent_tls_client(Fixture& fixture) {
  tcp::socket socket = co_await dial(fixture.server->port());
  char byte = 0;
  const auto [error, size] =
      co_await socket.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::use_awaitable));
  CHECK(error);
}

TEST_CASE("a client that never shakes hands is closed") {
  Fixture fixture;
  const testing::Certificate certificate("localhost");
  fixture.options.tls = TlsFiles{certificate.certificate_file(), certificate.key_file()};
  fixture.options.limits.header_timeout = 20ms;
  fixture.listen();
  fixture.run(silent_tls_client(fixture));
  fixture.stop();
}

}  // namespace
}  // namespace preloop::net
