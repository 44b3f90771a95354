#include "net/http_client.h"

#include "core/deadline.h"
#include "core/task_scope.h"
#include "core/testing/run.h"
#include "core/wakeup.h"
#include "net/http_server.h"
#include "net/tcp.h"
#include "net/testing/certificate.h"
#include "net/testing/script_server.h"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

namespace preloop::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using core::Code;
using core::Task;
using testing::RawClient;
using testing::ScriptServer;

core::MonoTime soon(core::milliseconds in) {
  return std::chrono::steady_clock::now() + in;
}

ClientRequest get(std::uint16_t port, std::string path = "/") {
  ClientRequest request;
  request.url = *Url::parse("http://127.0.0.1:" + std::to_string(port) + path);
  return request;
}
ClientRequest post(std::uint16_t port, std::string body) {
  ClientRequest request = get(port);
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

/// The body, or the error's code in brackets.
Task<std::string> fetch(HttpClient& client,
                        ClientRequest request,
                        core::milliseconds time = 10'000ms) {
  auto response = co_await client.send(std::move(request), soon(time));
  if (!response) {
    co_return "[" + std::string(core::to_string(response.error().code)) + "]";
  }
  auto body = co_await (*response)->read_all(10 << 20);
  co_return body ? std::move(*body)
                 : "[body: " + std::string(core::to_string(body.error().code)) + "]";
}

class EchoHandler final : public HttpHandler {
 public:
  Task<void> handle(Request& request, Responder& responder, const core::CallContext&) override {
    if (request.path == "/stream") {
      (void)co_await responder.start_stream(Response{});
      for (int i = 0; i < 100; ++i) {
        (void)co_await responder.write(std::string(10'000, 'x'));
      }
      (void)co_await responder.finish();
    } else {
      (void)co_await responder.send(
          Response::text(200, request.method + ":" + std::move(request.body)));
    }
  }
};

/// A real server of ours and a client, on one loop.
struct Fixture {
  Fixture() { loops.start(); }
  void listen() {
    auto made = HttpServer::create(server_options, loops, handler);
    REQUIRE(made);
    server = std::move(*made);
    server->start();
  }
  /// Runs `test` on the loop with a client, and stops both.
  void run(Task<void> (*test)(Fixture&, HttpClient&)) {
    core::testing::run_on(loops.at(0), run_and_stop(test));
  }
  Task<void> run_and_stop(Task<void> (*test)(Fixture&, HttpClient&)) {
    const auto client = HttpClient::create(loops.at(0), client_options);
    co_await test(*this, *client);
    co_await client->stop();
    CHECK(co_await fetch(*client, get(1)) == "[unavailable]");
    if (server) {
      co_await server->stop(soon(5s));
    }
  }

  core::LoopPool loops{1};
  HttpServer::Options server_options{
      .address = {"127.0.0.1", 0}, .limits = {}, .tls = {}, .trusted_proxies = {}};
  ClientOptions client_options;
  EchoHandler handler;
  std::unique_ptr<HttpServer> server;
};

TEST_CASE_FIXTURE(Fixture, "requests share a connection") {
  listen();
  run([](Fixture& self, HttpClient& client) -> Task<void> {
    const auto port = self.server->port();
    CHECK(co_await fetch(client, get(port)) == "GET:");
    CHECK(co_await fetch(client, post(port, std::string(200'000, 'y'))) ==
          "POST:" + std::string(200'000, 'y'));
    ClientRequest head = get(port);
    head.method = "HEAD";
    CHECK((co_await fetch(client, std::move(head))).empty());
    CHECK((co_await fetch(client, get(port, "/stream"))).size() == 1'000'000);
    CHECK(self.server->stats().connections_total == 1);
  });
}

TEST_CASE_FIXTURE(Fixture, "a dropped answer closes its connection, a large one is refused") {
  listen();
  run([](Fixture& self, HttpClient& client) -> Task<void> {
    const auto port = self.server->port();
    {
      const auto response = co_await client.send(get(port, "/stream"), soon(10s));
      REQUIRE(response);
      CHECK(!(co_await (*response)->read_some())->empty());
    }
    const auto response = co_await client.send(get(port, "/stream"), soon(10s));
    REQUIRE(response);
    CHECK((co_await (*response)->read_all(100'000)).error().code == Code::resource_exhausted);
    CHECK(co_await fetch(client, get(port)) == "GET:");
    CHECK(self.server->stats().connections_total == 3);
  });
}

Task<void> fetch_into(HttpClient& client, ClientRequest request, std::string& out) {
  out = co_await fetch(client, std::move(request));
}

TEST_CASE_FIXTURE(Fixture,
                  "requests beyond the connections wait in line, beyond the line are refused") {
  client_options.limits.max_connections_per_origin = 1;
  client_options.limits.max_queued_per_origin = 1;
  run([](Fixture& self, HttpClient& client) -> Task<void> {
    core::Wakeup release(self.loops.at(0).executor());
    core::Wakeup asked(self.loops.at(0).executor());
    ScriptServer server(self.loops.at(0), [&](RawClient& peer, int) -> Task<void> {
      while (!(co_await peer.receive_head()).empty()) {
        asked.set();
        (void)co_await release.wait();
        co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
      }
    });
    core::TaskScope scope(self.loops.at(0).executor());
    std::string first, second;
    scope.spawn("first", fetch_into(client, get(server.port()), first));
    (void)co_await asked.wait();
    CHECK(co_await fetch(client, get(server.port()), 5ms) == "[deadline_exceeded]");
    scope.spawn("second", fetch_into(client, get(server.port()), second));
    (void)co_await core::sleep_until(soon(0ms));  // lets it get in line
    CHECK(co_await fetch(client, get(server.port())) == "[resource_exhausted]");
    release.set();
    co_await scope.idle();
    CHECK(first == "hi");
    CHECK(second == "hi");
    CHECK(server.connections() == 1);
    co_await server.stop();
  });
}

TEST_CASE_FIXTURE(Fixture, "a connection closed while idle is not used again") {
  run([](Fixture& self, HttpClient& client) -> Task<void> {
    core::Wakeup client_closed(self.loops.at(0).executor());
    ScriptServer server(self.loops.at(0), [&](RawClient& peer, int number) -> Task<void> {
      (void)co_await peer.receive_head();
      co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(number));
      if (number == 0) {
        co_await peer.send("HTTP/1.1 408 Request Timeout\r\n\r\n");  // as some servers do
        CHECK((co_await peer.receive_all()).empty());
        client_closed.set();
      }
    });
    CHECK(co_await fetch(client, get(server.port())) == "0");
    // Bytes nobody asked for make it unusable at once; POST is not retried, so it must not fail.
    CHECK(co_await fetch(client, post(server.port(), "")) == "1");
    (void)co_await client_closed.wait();
    co_await server.stop();
  });
}

TEST_CASE_FIXTURE(Fixture,
                  "only idempotent requests are retried, and only on a reused connection") {
  run([](Fixture& self, HttpClient& client) -> Task<void> {
    ScriptServer server(self.loops.at(0), [&](RawClient& peer, int number) -> Task<void> {
      (void)co_await peer.receive_head();
      if (number == 3) {
        co_return;
      }
      co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(number));
      (void)co_await peer.receive_head();  // and closes without an answer
    });
    CHECK(co_await fetch(client, get(server.port())) == "0");
    CHECK(co_await fetch(client, get(server.port())) == "1");
    CHECK(co_await fetch(client, post(server.port(), "")) == "[unavailable]");
    CHECK(co_await fetch(client, get(server.port())) == "2");
    CHECK(co_await fetch(client, post(server.port(), "")) == "[unavailable]");
    CHECK(co_await fetch(client, get(server.port())) == "[unavailable]");
    CHECK(server.connections() == 4);
    co_await server.stop();
  });
}

TEST_CASE_FIXTURE(Fixture, "answers of every framing, and nonsense") {
  static constexpr struct {
    std::string_view answer;
    std::string_view body;
  } k_cases[] = {
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
       "abc"},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "[body: unavailable]"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab", "[body: unavailable]"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz", "[body: unavailable]"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
       "[unavailable]"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "[unavailable]"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", "[unavailable]"},
      {"HTTP/1.1 200 OK\nA: b\n\n", "[unavailable]"},
      {"garbage", "[unavailable]"},
      {"garbage\r\n\r\n", "[unavailable]"},
      {"", "[unavailable]"},
  };
  run([](Fixture& self, HttpClient& client) -> Task<void> {
    for (const auto& item : k_cases) {
      ScriptServer server(self.loops.at(0), [&](RawClient& peer, int) -> Task<void> {
        (void)co_await peer.receive_head();
        co_await peer.send(item.answer);
      });
      CAPTURE(item.answer);
      CHECK(co_await fetch(client, get(server.port())) == item.body);
      co_await server.stop();
    }
    ScriptServer endless(self.loops.at(0), [&](RawClient& peer, int) -> Task<void> {
      (void)co_await peer.receive_head();
      co_await peer.send("HTTP/1.1 200 OK\r\n");
      while (co_await peer.stream().write_all("A: " + std::string(10'000, 'x') + "\r\n")) {
      }
    });
    CHECK(co_await fetch(client, get(endless.port())) == "[unavailable]");
    co_await endless.stop();
  });
}

TEST_CASE_FIXTURE(Fixture, "silence ends at the deadline, a closed port at once") {
  run([](Fixture& self, HttpClient& client) -> Task<void> {
    std::uint16_t port = 0;
    {
      ScriptServer silent(self.loops.at(0), [&](RawClient& peer, int) -> Task<void> {
        CHECK((co_await peer.receive_all()).starts_with("GET / HTTP/1.1\r\n"));
      });
      port = silent.port();
      CHECK(co_await fetch(client, get(port), 10ms) == "[deadline_exceeded]");
      // Cancelling the caller closes its connection, too: the script sees the end.
      const auto cancelled =
          co_await core::with_deadline(client.send(get(port), soon(1h)), soon(10ms));
      CHECK_FALSE(cancelled);
      co_await silent.stop();
    }
    CHECK(co_await fetch(client, get(port)) == "[unavailable]");
  });
}

TEST_CASE_FIXTURE(Fixture, "requests that could add lines are refused") {
  run([](Fixture&, HttpClient& client) -> Task<void> {
    ClientRequest request = get(1);
    request.headers.add("A", "b\r\nC: d");
    CHECK(co_await fetch(client, request) == "[invalid_argument]");
    request = get(1);
    request.headers.add("A b", "c");
    CHECK(co_await fetch(client, request) == "[invalid_argument]");
    request = get(1);
    request.method = "GET / HTTP/1.1\r\n";
    CHECK(co_await fetch(client, request) == "[invalid_argument]");
    request = get(1);
    request.url.target = "/ HTTP/1.1\r\nA: b";
    CHECK(co_await fetch(client, request) == "[invalid_argument]");
  });
}

Task<void> relay(ByteStream& from, ByteStream& to) {
  char chunk[4096];
  while (true) {
    const auto size = co_await from.read_some(chunk);
    if (!size || *size == 0 || !co_await to.write_all({chunk, *size})) {
      break;
    }
  }
  to.close();
}

/// A CONNECT proxy as small as can be.
Task<void> proxy(RawClient& client, std::uint16_t port, std::vector<std::string>& heads) {
  heads.push_back(co_await client.receive_head());
  if (!heads.back().starts_with("CONNECT localhost:")) {
    co_await client.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    co_return;
  }
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::socket socket(executor);
  co_await socket.async_connect({asio::ip::make_address("127.0.0.1"), port}, asio::use_awaitable);
  const ByteStreamPtr server = make_tcp_stream(std::move(socket));
  co_await client.send("HTTP/1.1 200 Connection established\r\n\r\n");
  core::TaskScope scope(executor);
  scope.spawn("relay", relay(*server, client.stream()));
  co_await relay(client.stream(), *server);
  co_await scope.idle();
}

TEST_CASE_FIXTURE(Fixture, "https is verified, directly and through a CONNECT proxy") {
  const testing::Certificate certificate("localhost");
  server_options.tls = TlsFiles{certificate.certificate_file(), certificate.key_file()};
  client_options.ca_file = certificate.certificate_file();
  listen();
  run([](Fixture& self, HttpClient& trusting) -> Task<void> {
    const std::string port = std::to_string(self.server->port());
    ClientRequest request;
    request.url = *Url::parse("https://localhost:" + port + "/");
    CHECK(co_await fetch(trusting, request) == "GET:");
    CHECK(co_await fetch(trusting, request) == "GET:");
    CHECK(self.server->stats().connections_total == 1);

    const auto wary = HttpClient::create(self.loops.at(0), {});
    CHECK(co_await fetch(*wary, request) == "[unavailable]");
    co_await wary->stop();

    std::vector<std::string> heads;
    ScriptServer tunnel(self.loops.at(0), [&](RawClient& peer, int) -> Task<void> {
      co_await proxy(peer, self.server->port(), heads);
    });
    ClientOptions options = self.client_options;
    options.proxy = Url::parse("http://127.0.0.1:" + std::to_string(tunnel.port())).value();
    const auto proxied = HttpClient::create(self.loops.at(0), options);
    CHECK(co_await fetch(*proxied, request) == "GET:");
    CHECK(co_await fetch(*proxied, request) == "GET:");
    REQUIRE(heads.size() == 1);
    CHECK(heads[0] ==
          "CONNECT localhost:" + port + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n");
    request.url = *Url::parse("https://elsewhere.example/");
    CHECK(co_await fetch(*proxied, request) == "[unavailable]");
    request.url = *Url::parse("http://elsewhere.example/x?y");
    CHECK(co_await fetch(*proxied, request) == "");
    CHECK(heads.back().starts_with(
        "GET http://elsewhere.example/x?y HTTP/1.1\r\nHost: elsewhere.example\r\n"));
    co_await proxied->stop();
    co_await tunnel.stop();
  });
}

}  // namespace
}  // namespace preloop::net
