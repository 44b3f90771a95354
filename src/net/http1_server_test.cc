#include "net/http1_server.h"

#include "core/testing/run.h"
#include "core/wakeup.h"
#include "net/http1_parser.h"
#include "net/testing/memory_stream.h"
#include "net/testing/raw_client.h"

#include <doctest/doctest.h>

namespace preloop::net {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using core::Task;
using testing::RawAnswer;
using testing::RawClient;

/// Answers by path; remembers what it saw.
class TestHandler final : public HttpHandler {
 public:
  explicit TestHandler(core::Loop& loop) : waiting(loop.executor()), vanished(loop.executor()) {}

  Task<void> handle(Request& request,
                    Responder& responder,
                    const core::CallContext& context) override {
    ++calls;
    last = request;
    request_id = context.request_id;
    peer = context.peer;
    traceparent = context.traceparent;
    if (request.path == "/echo") {
      (void)co_await responder.send(Response::text(200, std::move(request.body)));
    } else if (request.path == "/stream") {
      co_await stream(responder);
    } else if (request.path == "/held") {
      core::CancelToken cancelled = context.cancelled;
      const auto listening = cancelled.subscribe([this] { vanished.set(); });
      waiting.set();
      (void)co_await vanished.wait();
      late_status = co_await responder.send(Response::text(200, "late"));
    } else if (request.path == "/headers") {
      Response response = Response::json(201, "{}");
      response.headers.add("X-Bad", "a\r\nX-Evil: 1");
      response.headers.add("X Bad", "a");
      response.headers.add("content-length", "99");
      response.headers.add("cache-control", "max-age=60");
      (void)co_await responder.send(std::move(response));
    } else if (request.path == "/empty") {
      Response response;
      response.status = 204;
      (void)co_await responder.send(std::move(response));
    } else if (request.path == "/throws") {
      throw std::runtime_error("a bug");
    } else if (request.path == "/half") {
      (void)co_await responder.start_stream(Response{});
      (void)co_await responder.write("half");
    } else if (request.path == "/flood") {
      (void)co_await responder.start_stream(Response{});
      const std::string much(1 << 20, 'x');
      while (late_status) {
        late_status = co_await responder.write(much);
      }
    }
  }

  std::size_t max_body(std::string_view path) const override {
    return path == "/small" ? 10 : HttpHandler::max_body(path);
  }

  static Task<void> stream(Responder& responder) {
    Response head;
    head.headers.add("Content-Type", "text/event-stream");
    CHECK_FALSE(co_await responder.write("too early"));
    CHECK(co_await responder.start_stream(std::move(head)));
    CHECK(responder.started());
    CHECK_FALSE(co_await responder.send(Response{}));
    (void)co_await responder.write("one,");
    (void)co_await responder.write("");
    (void)co_await responder.write(std::string(50'000, 'x'));
    CHECK(co_await responder.finish());
    CHECK_FALSE(co_await responder.write("too late"));
  }

  int calls = 0;
  Request last;
  std::string request_id, peer, traceparent;
  core::Wakeup waiting;
  core::Wakeup vanished;
  core::Status late_status;
};

/// One loop, one handler, any number of connections in memory.
class Fixture {
 public:
  Fixture() {
    limits.max_header_bytes = 2048;
    limits.max_body_bytes = 100'000;
    loops_.start();
  }

  /// `script` plays the client against a fresh connection.
  void play(Task<void> (*script)(Fixture&, RawClient&)) {
    core::testing::run_on(loops_.at(0), connect_and_play(script));
  }
  /// The answer to `request`, after which the server must close.
  RawAnswer refused(const std::string& request) {
    return core::testing::run_on(loops_.at(0), send_refused(request));
  }

  ServerLimits limits;
  AddressBlocks trusted = *AddressBlocks::parse({"127.0.0.0/8"});

 private:
  core::LoopPool loops_{1};

 public:
  TestHandler handler{loops_.at(0)};
  std::atomic<std::uint64_t> requests{0};
  std::shared_ptr<Http1Connection> connection;

 private:
  Task<void> connect_and_play(Task<void> (*script)(Fixture&, RawClient&)) {
    Http1Shared shared{.loop = loops_.at(0),
                       .handler = handler,
                       .limits = limits,
                       .trusted_proxies = trusted,
                       .requests_total = requests,
                       .id_state = 1};
    auto [ours, theirs] = testing::make_memory_pair(loops_.at(0).executor());
    connection = Http1Connection::create(std::move(theirs), shared);
    shared.scope.spawn("test", connection->serve());
    {
      RawClient client(std::move(ours));
      co_await script(*this, client);
    }
    co_await shared.scope.idle();
    connection.reset();
  }

  Task<RawAnswer> send_refused(std::string request) {
    RawAnswer out;
    refused_request_ = std::move(request);
    refused_answer_ = &out;
    co_await connect_and_play([](Fixture& self, RawClient& client) -> Task<void> {
      co_await client.send(self.refused_request_);
      *self.refused_answer_ = co_await client.receive();
      client.stream().close();
    });
    co_return out;
  }
  std::string refused_request_;
  RawAnswer* refused_answer_ = nullptr;
};

TEST_CASE_FIXTURE(Fixture,
                  "requests on one connection are answered in order, also when pipelined") {
  play([](Fixture& self, RawClient& client) -> Task<void> {
    co_await client.send(
        "\r\nPOST /echo?a=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none"
        "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2;ext=1\r\ntw\r\n1\r\no\r\n0\r\nTrailer: x\r\n\r\n"
        "HEAD /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nfour"
        "GET /empty HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const RawAnswer first = co_await client.receive();
    CHECK(first.status == 200);
    CHECK(first.body == "one");
    CHECK(first.headers.get("content-length") == "3");
    CHECK(first.headers.get("x-content-type-options") == "nosniff");
    CHECK(first.headers.get("cache-control") == "no-store");
    CHECK(first.headers.get("date")->size() == 29);
    CHECK(first.headers.get("x-request-id")->size() == 16);
    CHECK_FALSE(first.headers.get("connection"));
    const RawAnswer second = co_await client.receive();
    CHECK(second.body.empty());
    CHECK(second.headers.get("x-request-id") != first.headers.get("x-request-id"));
    CHECK((co_await client.receive()).body == "two");
    const RawAnswer head = co_await client.receive(RawClient::Method::head);
    CHECK(head.headers.get("content-length") == "4");
    const RawAnswer empty = co_await client.receive();
    CHECK(empty.status == 204);
    CHECK_FALSE(empty.headers.get("content-length"));
    const RawAnswer last = co_await client.receive();
    CHECK(last.headers.get("connection") == "close");
    CHECK((co_await client.receive_all()).empty());
    CHECK(self.handler.calls == 6);
    CHECK(self.requests == 6);
  });
}

TEST_CASE_FIXTURE(Fixture, "a request in single bytes") {
  play([](Fixture& self, RawClient& client) -> Task<void> {
    const std::string request =
        "POST /echo?q=%20 HTTP/1.1\r\nHost: h\r\nX-A:  b \r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n00\r\n\r\n";
    for (const char c : request) {
      co_await client.send({&c, 1});
    }
    CHECK((co_await client.receive()).body == "hello");
    CHECK(self.handler.last.query == "q=%20");
    CHECK(self.handler.last.target == "/echo?q=%20");
    CHECK(self.handler.last.headers.get("x-a") == "b");
  });
}

TEST_CASE_FIXTURE(Fixture, "requests that two parsers could read differently are refused") {
  const std::string start = "POST /echo HTTP/1.1\r\n";
  const std::string host = start + "Host: h\r\n";
  const struct {
    int status;
    std::string request;
  } cases[] = {
      {400, "\0"s + std::string(100, 'x') + "\r\n\r\n"},
      {400, "GET\r\n\r\n"},
      {400, "GET /echo\r\n\r\n"},
      {505, "GET /echo HTTP/2.0\r\nHost: h\r\n\r\n"},
      {505, "GET /echo HTTP/1.2\r\nHost: h\r\n\r\n"},
      {505, "GET /echo http/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET  /echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, " GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "G@T /echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /echo HTTP/1.1\nHost: h\n\n"},
      {400, "GET /echo HTTP/1.1\r\nHost: h\n\r\n"},
      {400, host + "A: b\r\n folded\r\n\r\n"},
      {400, host + "A: b\r\n\tfolded\r\n\r\n"},
      {400, host + " A: b\r\n\r\n"},
      {400, host + "A: b\0c\r\n\r\n"s},
      {400, host + "A: b\rC: d\r\n\r\n"},
      {400, host + "A : b\r\n\r\n"},
      {400, host + "A\r\n\r\n"},
      {400, host + ": b\r\n\r\n"},
      {400, host + "A: b\x01\r\n\r\n"},
      {400, start + "\r\n"},
      {400, host + "Host: h\r\n\r\n"},
      {400, host + "host: other\r\n\r\n"},
      {400, start + "Host: user@h\r\n\r\n"},
      {400, start + "Host: a b\r\n\r\n"},
      {400, start + "Host: h/x\r\n\r\n"},
      {400, host + "Authorization: a\r\nAuthorization: b\r\n\r\n"},
      {400, host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"},
      {400, host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
      {400, host + "Content-Length: 3, 3\r\n\r\nabc"},
      {400, host + "Content-Length: +3\r\n\r\nabc"},
      {400, host + "Content-Length: -3\r\n\r\nabc"},
      {400, host + "Content-Length: 0x3\r\n\r\nabc"},
      {400, host + "Content-Length: \r\n\r\nabc"},
      {400, host + "Content-Length: 99999999999999999999\r\n\r\nabc"},
      {400, host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
      {501, host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {501, host + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
      {501, host + "Transfer-Encoding: identity\r\n\r\nGET / HTTP/1.1\r\n\r\n"},
      {501, host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {400, host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
      {400, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\n\r\n-1\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n"},
      {400, host + "Transfer-Encoding: chunked\r\n\r\n3;" + std::string(5000, 'x')},
      {413, host + "Transfer-Encoding: chunked\r\n\r\n186a1\r\n"},
      {413, host + "Content-Length: 100001\r\n\r\n"},
      {413, "POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n"},
      {413,
       "POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
       "8\r\n12345678\r\n3\r\n"},
      {415, host + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"},
      {417, host + "Expect: a-miracle\r\nContent-Length: 3\r\n\r\nabc"},
      {431, host + "A: " + std::string(3000, 'x') + "\r\n\r\n"},
      {431, "GET /" + std::string(3000, 'x')},
      {400, "GET /../echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /a/%2e%2e/echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /echo%00 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /a%2fb HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://evil/echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://h@evil/echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET ftp://h/echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET echo HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"},
  };
  for (const auto& [status, request] : cases) {
    CAPTURE(request);
    const RawAnswer answer = refused(request);
    CHECK(answer.status == status);
    CHECK(answer.headers.get("connection") == "close");
    CHECK(answer.headers.get("content-type") == "application/problem+json");
  }
  CHECK(handler.calls == 0);
}

TEST_CASE_FIXTURE(Fixture, "more than 128 fields are refused") {
  limits.max_header_bytes = 32 * 1024;
  std::string request = "GET /echo HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 128; ++i) {
    request += "A: b\r\n";
  }
  CHECK(refused(request + "\r\n").status == 431);
}

TEST_CASE_FIXTURE(Fixture, "absolute targets of this host, and HTTP/1.0") {
  play([](Fixture& self, RawClient& client) -> Task<void> {
    co_await client.send("GET HTTP://H/echo?x HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK((co_await client.receive()).status == 200);
    CHECK(self.handler.last.target == "/echo?x");
    co_await client.send("GET /stream HTTP/1.0\r\n\r\n");
    const RawAnswer answer = co_await client.receive();
    CHECK(answer.headers.get("connection") == "close");
    CHECK_FALSE(answer.headers.get("transfer-encoding"));
    CHECK(answer.body.size() == 50'004);
  });
}

TEST_CASE("regression: an empty chunked body that comes byte by byte") {
  constexpr std::string_view k_head =
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  constexpr std::string_view k_body = "0\r\n\r\n";
  RequestParser parser;
  Request request;
  REQUIRE(!parser.parse_head(k_head, request));
  std::string body;
  std::size_t from = 0;
  for (std::size_t to = 1; to <= k_body.size(); ++to) {
    CHECK(!parser.done());
    std::string_view piece = k_body.substr(from, to - from);
    const std::size_t before = piece.size();
    REQUIRE(!parser.parse_body(piece, body, 100));
    from += before - piece.size();
  }
  CHECK(parser.done());
  CHECK(body.empty());
}

TEST_CASE_FIXTURE(Fixture, "large bodies arrive in pieces and leave chunked") {
  play([](Fixture&, RawClient& client) -> Task<void> {
    co_await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 10; ++i) {
      co_await client.send("2710\r\n" + std::string(10'000, 'a') + "\r\n");
    }
    co_await client.send("0\r\n\r\n");
    CHECK((co_await client.receive()).body.size() == 100'000);
    co_await client.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    const RawAnswer answer = co_await client.receive();
    CHECK(answer.headers.get("transfer-encoding") == "chunked");
    CHECK(answer.body.starts_with("one,xxx"));
    CHECK(answer.body.size() == 50'004);
  });
}

TEST_CASE_FIXTURE(Fixture, "100-continue is sent when it is awaited") {
  play([](Fixture&, RawClient& client) -> Task<void> {
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    co_await client.send(head);
    CHECK((co_await client.receive()).status == 100);
    co_await client.send("abc" + head + "def");
    CHECK((co_await client.receive()).body == "abc");
    CHECK((co_await client.receive()).body == "def");
  });
}

TEST_CASE_FIXTURE(Fixture, "a slow request is ended by 408, an idle connection silently") {
  limits.header_timeout = 20ms;
  limits.body_timeout = 20ms;
  limits.min_body_rate = 1'000'000;
  limits.idle_timeout = 20ms;
  CHECK(refused("GET /echo HTTP/1.1\r\nHost").status == 408);
  CHECK(refused("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc").status == 408);
  CHECK(refused("").status == 0);
  CHECK(handler.calls == 0);
  play([](Fixture&, RawClient& client) -> Task<void> {
    co_await client.send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK((co_await client.receive()).status == 200);
    CHECK((co_await client.receive_all()).empty());
  });
}

TEST_CASE_FIXTURE(Fixture, "a client that drips bytes does not extend the limit for its head") {
  limits.header_timeout = 30ms;
  play([](Fixture& self, RawClient& client) -> Task<void> {
    co_await client.send("GET /echo HTTP/1.1\r\nX: ");
    for (int i = 0; i < 1000 && co_await core::sleep_until(std::chrono::steady_clock::now() +
                                                           1ms) == core::Outcome::late;
         ++i) {
      if (!co_await client.stream().write_all("x")) {
        break;
      }
      if (self.requests > 0) {
        break;
      }
    }
    CHECK((co_await client.receive()).status == 408);
  });
}

TEST_CASE_FIXTURE(Fixture, "a client that does not read is cut off") {
  limits.write_stall_timeout = 20ms;
  play([](Fixture& self, RawClient& client) -> Task<void> {
    co_await client.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
    while (self.handler.late_status) {
      (void)co_await core::sleep_until(std::chrono::steady_clock::now() + 1ms);
    }
    CHECK(self.handler.late_status.error().code == core::Code::unavailable);
  });
}

TEST_CASE_FIXTURE(Fixture, "a vanished client cancels its request at once") {
  play([](Fixture& self, RawClient& client) -> Task<void> {
    co_await client.send("POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    CHECK(co_await self.handler.waiting.wait() == core::Outcome::in_time);
    client.stream().close();
    CHECK(co_await self.handler.vanished.wait() == core::Outcome::in_time);
  });
  CHECK_FALSE(handler.late_status);
}

TEST_CASE_FIXTURE(Fixture, "what is pipelined while a handler runs is kept") {
  play([](Fixture& self, RawClient& client) -> Task<void> {
    co_await client.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(co_await self.handler.waiting.wait() == core::Outcome::in_time);
    co_await client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n" +
                         std::string(50'000, 'x'));
    self.handler.vanished.set();
    CHECK((co_await client.receive()).body == "late");
    CHECK((co_await client.receive()).body.size() == 50'000);
  });
}

TEST_CASE_FIXTURE(Fixture, "draining lets the running answer out, then closes") {
  play([](Fixture& self, RawClient& client) -> Task<void> {
    co_await client.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(co_await self.handler.waiting.wait() == core::Outcome::in_time);
    self.connection->drain();
    self.handler.vanished.set();
    CHECK((co_await client.receive()).body == "late");
    CHECK((co_await client.receive_all()).empty());
  });
  play([](Fixture& self, RawClient& client) -> Task<void> {
    self.connection->drain();
    CHECK((co_await client.receive_all()).empty());
  });
}

TEST_CASE_FIXTURE(Fixture, "handlers cannot break the framing, and always answer") {
  play([](Fixture&, RawClient& client) -> Task<void> {
    co_await client.send(
        "GET /headers HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /throws HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /half HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    const RawAnswer answer = co_await client.receive();
    CHECK(answer.status == 201);
    CHECK(answer.body == "{}");
    CHECK_FALSE(answer.headers.get("x-evil"));
    CHECK_FALSE(answer.headers.get("x-bad"));
    CHECK(answer.headers.get("cache-control") == "max-age=60");
    CHECK(answer.headers.count("content-length") == 1);
    CHECK((co_await client.receive()).status == 500);
    CHECK((co_await client.receive()).status == 500);
    const std::string half = co_await client.receive_all();
    CHECK(half.ends_with("4\r\nhalf\r\n"));
  });
}

TEST_CASE_FIXTURE(Fixture, "the context carries who asks and the trace") {
  play([](Fixture& self, RawClient& client) -> Task<void> {
    const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    co_await client.send("GET /echo HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n" +
                         ("X-Forwarded-For: 127.0.0.2\r\ntraceparent: " + trace + "\r\n\r\n"));
    const RawAnswer answer = co_await client.receive();
    CHECK(self.handler.peer == "1.2.3.4");
    CHECK(self.handler.traceparent == trace);
    CHECK(answer.headers.get("x-request-id") == self.handler.request_id);
    co_await client.send("GET /echo HTTP/1.1\r\nHost: h\r\ntraceparent: 00-zz\r\n\r\n");
    (void)co_await client.receive();
    CHECK(self.handler.traceparent.empty());
    CHECK(self.handler.peer == "127.0.0.1");
  });
}

}  // namespace
}  // namespace preloop::net
