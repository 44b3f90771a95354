#include "mcp/http_upstream.h"

#include "core/json.h"
#include "core/json_writer.h"
#include "core/task_scope.h"
#include "core/testing/run.h"
#include "core/wakeup.h"
#include "net/http_server.h"
#include "net/sse.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using core::Code;
using core::Task;
using Clock = std::chrono::steady_clock;
using net::Response;

std::string text_result(std::string_view id, std::string_view text) {
  return make_result(id, make_tool_error(text));
}
std::string sse(std::string data, std::optional<std::string> id = std::nullopt) {
  std::string out;
  net::write_sse(out, {.type = "", .data = std::move(data), .id = std::move(id), .retry_ms = 10});
  return out;
}

/// A streamable HTTP server that does as the tool's name says.
class Rogue final : public net::HttpHandler {
 public:
  explicit Rogue(core::Loop& loop) : pushed(loop.executor()), hanging(loop.executor()) {}

  Task<void> handle(net::Request& request,
                    net::Responder& responder,
                    const core::CallContext& context) override {
    log.push_back(request.method);
    authorization = request.headers.get("Authorization").value_or("");
    if (request.method == "DELETE") {
      (void)co_await responder.send(Response::text(204, ""));
    } else if (request.method == "GET") {
      co_await get(request, responder, context);
    } else {
      co_await post(request, responder, context);
    }
  }

  std::vector<std::string> log;
  std::string authorization;
  std::string session;
  std::string revision_seen;
  std::string cancelled;
  std::string last_reply;
  int initialized = 0;
  int executed = 0;
  int refuse_with = 404;  ///< an unknown session
  bool sessions = true;
  bool offers_get = true;
  std::string push;  ///< what the next event of the GET stream says
  core::Wakeup pushed;
  core::Wakeup hanging;  ///< a call of "hang" has arrived

 private:
  bool in_session(const net::Request& request) const {
    return request.headers.get("Mcp-Session-Id").value_or("") == session;
  }

  Task<void> get(net::Request& request,
                 net::Responder& responder,
                 const core::CallContext& context) {
    if (!offers_get) {
      co_return (void) co_await responder.send(Response::text(405, ""));
    }
    if (!in_session(request)) {
      co_return (void) co_await responder.send(Response::text(refuse_with, "no session"));
    }
    Response head;
    head.headers.add("Content-Type", "text/event-stream");
    (void)co_await responder.start_stream(head);
    if (request.headers.get("Last-Event-ID") == "7") {
      (void)co_await responder.write(sse(text_result(resumed_id_, "resumed"), "8"));
      co_return (void) co_await responder.finish();
    }
    const auto gone = context.cancelled.subscribe([this] { pushed.set(); });
    while (!context.cancelled.requested()) {
      if (!push.empty()) {
        (void)co_await responder.write(sse(std::exchange(push, {})));
      }
      pushed.reset();
      co_await pushed.wait();
    }
  }

  Task<void> post(net::Request& request,
                  net::Responder& responder,
                  const core::CallContext& context) {
    const auto message = Message::parse(request.body);
    REQUIRE(message);
    if (message->method() == "initialize") {
      ++initialized;
      Response hello = Response::json(
          200,
          make_result(message->id(),
                      R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}}})"));
      if (sessions) {
        session = fmt::format("session-{}", initialized);
        hello.headers.add("Mcp-Session-Id", session);
      }
      co_return (void) co_await responder.send(std::move(hello));
    }
    revision_seen = request.headers.get("MCP-Protocol-Version").value_or("");
    if (!in_session(request)) {
      co_return (void) co_await responder.send(Response::text(refuse_with, "Unknown Session"));
    }
    if (message->kind() != Message::Kind::request) {
      if (message->method() == "notifications/cancelled") {
        cancelled +=
            std::string(core::raw_member(message->params_text(), "requestId").value_or("")) + ",";
        hanging.set();
      } else if (message->kind() == Message::Kind::response) {
        last_reply = message->text();
        pushed.set();
      }
      co_return (void) co_await responder.send(Response::text(202, ""));
    }
    ++executed;
    co_await call(*message, responder, context);
  }

  Task<void> call(const Message& message,
                  net::Responder& responder,
                  const core::CallContext& context) {
    const std::string id(message.id());
    const std::string tool(message.params()["name"].as_string().value_or(""));
    if (tool == "echo") {
      co_return (void) co_await responder.send(
          Response::json(200, text_result(id, message.params_text())));
    }
    if (tool == "hang") {
      hanging.set();
      core::Wakeup gone(co_await boost_executor());
      const auto subscription = context.cancelled.subscribe([&gone] { gone.set(); });
      co_await gone.wait();
      co_return;
    }
    if (tool.starts_with("status-")) {
      Response response = Response::text(std::stoi(tool.substr(7)), "as you wish");
      response.headers.add("Location", "http://127.0.0.1:1/");
      co_return (void) co_await responder.send(std::move(response));
    }
    if (tool == "rpc-error") {
      co_return (void) co_await responder.send(
          Response::json(400, make_error(id, -32602, "bad arguments")));
    }
    if (tool == "broken") {
      co_return (void) co_await responder.send(Response::json(200, "{\"result\":\"\xff\"}"));
    }
    if (tool == "other-id") {
      co_return (void) co_await responder.send(Response::json(200, text_result("4711", "x")));
    }
    if (tool == "huge") {
      co_return (void) co_await responder.send(
          Response::json(200, text_result(id, std::string(17 << 20, 'x'))));
    }
    Response head;
    head.headers.add("Content-Type", "text/event-stream; charset=utf-8");
    (void)co_await responder.start_stream(head);
    if (tool == "progress") {
      for (int i = 1; i <= 3; ++i) {
        (void)co_await responder.write(
            sse(make_notification("notifications/progress",
                                  fmt::format(R"({{"progressToken":{},"progress":{}}})", id, i))));
      }
      (void)co_await responder.write(
          sse(make_notification("notifications/message", R"({"level":"info","data":"x"})")));
    } else if (tool == "break-off") {
      resumed_id_ = id;
      (void)co_await responder.write(sse("", "7"));
      co_return (void) co_await responder.finish();
    } else if (tool == "cut") {
      (void)co_await responder.write(": hello\n\n");
      co_return (void) co_await responder.finish();
    } else if (tool == "ask") {
      (void)co_await responder.write(sse(make_request("\"q\"", "roots/list", {})));
      while (last_reply.empty()) {
        pushed.reset();
        co_await pushed.wait();
      }
    }
    (void)co_await responder.write(sse(text_result(id, "streamed")));
    (void)co_await responder.finish();
  }

  static Task<boost::asio::any_io_executor> boost_executor() {
    co_return core::Loop::current()->executor();
  }

  std::string resumed_id_;
};

class Events final : public SessionEvents {
 public:
  explicit Events(core::Loop& loop) : something(loop.executor()) {}
  void resource_updated(std::string) override {}
  void list_changed() override {
    ++changes;
    something.set();
  }
  void ended(std::string reason) override {
    why = std::move(reason);
    something.set();
  }
  int changes = 0;
  std::string why;
  core::Wakeup something;
};

struct Peer {
  Peer(core::LoopPool& loops, core::Offload& its_offload)
      : loop(loops.at(0)),
        offload(its_offload),
        rogue(loop),
        events(loop),
        client(net::HttpClient::create(loop, {})) {
    auto made = net::HttpServer::create({.address = {"127.0.0.1", 0}}, loops, rogue);
    REQUIRE(made);
    server = std::move(*made);
    server->start();
  }
  void connect(Listening listening) {
    HttpTarget target;
    target.url = *net::Url::parse(fmt::format("http://127.0.0.1:{}/mcp", server->port()));
    target.headers.add("Authorization", "Bearer t");
    session = make_http_upstream(loop, *client, offload, "rogue", target, listening, events);
  }
  core::Loop& loop;
  core::Offload& offload;
  Rogue rogue;
  Events events;
  std::unique_ptr<net::HttpServer> server;
  std::unique_ptr<net::HttpClient> client;
  std::unique_ptr<UpstreamSession> session;
};

UpstreamCall tool_call(std::string_view tool) {
  UpstreamCall call;
  call.params = fmt::format(R"({{"name":"{}"}})", tool);
  return call;
}

std::string text_of(const core::Result<firewall::UpstreamAnswer>& answer) {
  if (!answer) {
    return fmt::format("{}: {}", core::to_string(answer.error().code), answer.error().message);
  }
  if (!answer->error.empty()) {
    return "error " + answer->error;
  }
  const auto document = core::JsonDocument::parse(answer->result);
  REQUIRE(document);
  return std::string(document->root()["content"].at(0)["text"].as_string().value_or("?"));
}

Task<std::string> ask(Peer& peer, std::string tool) {
  const auto answer = co_await peer.session->call(tool_call(tool));
  co_return text_of(answer);
}
Task<void> ask_into(Peer& peer, std::string tool, std::string* out) {
  *out = co_await ask(peer, std::move(tool));
}
Task<void> call_into(Peer& peer, UpstreamCall call, std::string* out) {
  *out = text_of(co_await peer.session->call(std::move(call)));
}

Task<void> run_all(Peer& peer, Task<void> (*body)(Peer&)) {
  co_await body(peer);
  if (peer.session) {
    co_await peer.session->stop(1s);
  }
  co_await peer.client->stop();
  co_await peer.server->stop(Clock::now());
}

void with_server(Task<void> (*body)(Peer&)) {
  core::LoopPool loops(1);
  core::Offload offload(1);
  loops.start();
  Peer peer(loops, offload);
  core::testing::run_on(loops.at(0), run_all(peer, body));
}

TEST_CASE("the first call opens the session, later ones keep it, stop ends it") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    CHECK(co_await ask(peer, "echo") == R"({"_meta":{"progressToken":3},"name":"echo"})");
    CHECK(co_await ask(peer, "echo") == R"({"_meta":{"progressToken":4},"name":"echo"})");
    CHECK(peer.rogue.initialized == 1);
    CHECK(peer.rogue.revision_seen == "2025-06-18");
    CHECK(peer.rogue.authorization == "Bearer t");
    net::Headers headers;
    headers.add("Authorization", "Bearer u");
    peer.session->use_headers(headers);
    co_await ask(peer, "echo");
    CHECK(peer.rogue.authorization == "Bearer u");
    co_await peer.session->stop(1s);
    CHECK(peer.rogue.log.back() == "DELETE");
    CHECK(co_await ask(peer, "echo") == "unavailable: the server's connection is being stopped");
  });
}

TEST_CASE("a server without sessions gets none, and no DELETE") {
  with_server([](Peer& peer) -> Task<void> {
    peer.rogue.sessions = false;
    peer.connect(Listening::no);
    CHECK((co_await ask(peer, "echo")).starts_with("{"));
    co_await peer.session->stop(1s);
    CHECK(peer.rogue.log.back() == "POST");
  });
}

TEST_CASE("a forgotten session is begun again unseen, and its call sent once more, once") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    co_await ask(peer, "echo");
    for (const int status : {404, 400}) {
      peer.rogue.refuse_with = status;
      peer.rogue.session = "forgotten";
      const int before = peer.rogue.executed;
      CHECK((co_await ask(peer, "echo")).starts_with("{"));
      CHECK(peer.rogue.executed == before + 1);
      CHECK(peer.events.changes > 0);
    }
    CHECK(peer.rogue.initialized == 3);
    // Many calls that find it out together begin one new session.
    peer.rogue.session = "forgotten";
    core::TaskScope scope(peer.loop.executor());
    std::string texts[5];
    for (std::string& text : texts) {
      scope.spawn("call", ask_into(peer, "echo", &text));
    }
    co_await scope.idle();
    CHECK(peer.rogue.initialized == 4);
    for (const std::string& text : texts) {
      CHECK(text.starts_with("{"));
    }
  });
}

TEST_CASE("an event stream brings progress, log messages and the answer") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    std::vector<std::string> seen;
    UpstreamCall call;
    call.params = R"({"name":"progress","_meta":{"progressToken":"mine"}})";
    call.on_notification = [&seen](std::string_view text) { seen.emplace_back(text); };
    CHECK(text_of(co_await peer.session->call(std::move(call))) == "streamed");
    REQUIRE(seen.size() == 4);
    CHECK(seen[0].find(R"("progressToken":"mine")") != std::string::npos);
    CHECK(seen[3].find("notifications/message") != std::string::npos);
    CHECK(co_await ask(peer, "stream") == "streamed");
  });
}

TEST_CASE("a stream that breaks off is resumed when it can be") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    CHECK(co_await ask(peer, "break-off") == "resumed");
    CHECK(co_await ask(peer, "cut") ==
          "internal: the server's answer ended before it was complete");
    peer.rogue.offers_get = false;
    CHECK((co_await ask(peer, "break-off")).starts_with("internal: "));
  });
}

TEST_CASE("a question on a call's stream that nobody takes is refused") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    CHECK(co_await ask(peer, "ask") == "streamed");
    CHECK(peer.rogue.last_reply.find(R"("id":"q","error":{"code":-32603)") != std::string::npos);
  });
}

TEST_CASE("refusals are told from failures") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    CHECK(co_await ask(peer, "status-401") ==
          "unavailable: the server answered HTTP 401: check its credential");
    CHECK(co_await ask(peer, "status-429") == "unavailable: the server answered HTTP 429");
    CHECK((co_await ask(peer, "status-307"))
              .starts_with("unavailable: the server answered HTTP 307: r"));
    CHECK(co_await ask(peer, "status-500") == "internal: the server answered HTTP 500");
    CHECK(co_await ask(peer, "status-503") == "internal: the server answered HTTP 503");
    CHECK(co_await ask(peer, "status-202") ==
          "internal: the server answered HTTP 202 without a JSON-RPC answer");
    CHECK(co_await ask(peer, "rpc-error") == R"(error {"code":-32602,"message":"bad arguments"})");
    CHECK((co_await ask(peer, "broken")).starts_with("internal: the answer was lost"));
    CHECK((co_await ask(peer, "other-id")).starts_with("internal: "));
    CHECK((co_await ask(peer, "huge"))
              .starts_with("internal: the answer was lost: the answer is larger"));
    CHECK(peer.rogue.initialized == 1);
  });
}

TEST_CASE("a call is given up by its idle limit or its caller, and the server is told") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    UpstreamCall call = tool_call("hang");
    call.idle_limit = 50ms;
    CHECK(text_of(co_await peer.session->call(std::move(call))) ==
          "deadline_exceeded: the server gave no sign of life in time");
    peer.rogue.hanging.reset();
    while (peer.rogue.cancelled != "3,") {
      co_await peer.rogue.hanging.wait();
      peer.rogue.hanging.reset();
    }
    // By its token, and by its task.
    core::TaskScope scope(peer.loop.executor());
    std::string text;
    call = tool_call("hang");
    core::CancelToken token = call.cancelled;
    scope.spawn("call", call_into(peer, std::move(call), &text));
    co_await peer.rogue.hanging.wait();
    peer.rogue.hanging.reset();
    token.request();
    co_await scope.idle();
    CHECK(text == "cancelled: the caller went away");
    while (peer.rogue.cancelled != "3,4,") {
      co_await peer.rogue.hanging.wait();
      peer.rogue.hanging.reset();
    }
    scope.spawn("call", ask_into(peer, "hang", &text));
    co_await peer.rogue.hanging.wait();
    text.clear();
    co_await scope.stop();
    CHECK(text == "cancelled: the caller went away");
    // A caller that is gone already sends nothing.
    const int before = peer.rogue.executed;
    call = tool_call("echo");
    call.cancelled.request();
    CHECK(text_of(co_await peer.session->call(std::move(call))).starts_with("cancelled"));
    CHECK(peer.rogue.executed == before);
  });
}

TEST_CASE("stopping ends calls in flight as unknown") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    core::TaskScope scope(peer.loop.executor());
    std::string text;
    scope.spawn("call", ask_into(peer, "hang", &text));
    co_await peer.rogue.hanging.wait();
    co_await peer.session->stop(1s);
    co_await scope.idle();
    CHECK(text == "internal: the server's connection is being stopped");
  });
}

TEST_CASE("a server that cannot be reached has executed nothing") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::no);
    co_await ask(peer, "echo");
    co_await peer.server->stop(Clock::now());
    CHECK((co_await ask(peer, "echo")).starts_with("unavailable: "));
  });
}

TEST_CASE("the event stream of the server tells that tools changed") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::yes);
    REQUIRE(co_await peer.session->open(Clock::now() + 20s));
    peer.rogue.push = make_notification("notifications/tools/list_changed", {});
    peer.rogue.pushed.set();
    CHECK(co_await peer.events.something.wait_until(Clock::now() + 20s) == core::Outcome::in_time);
    CHECK(peer.events.changes == 1);
    CHECK(peer.events.why.empty());
  });
}

TEST_CASE("a server that goes away is noticed by its event stream") {
  with_server([](Peer& peer) -> Task<void> {
    peer.connect(Listening::yes);
    REQUIRE(co_await peer.session->open(Clock::now() + 20s));
    co_await ask(peer, "echo");
    co_await peer.server->stop(Clock::now());
    CHECK(co_await peer.events.something.wait_until(Clock::now() + 30s) == core::Outcome::in_time);
    CHECK(peer.events.why.starts_with("the server cannot be reached: "));
  });
}

TEST_CASE("a server without an event stream is as good") {
  with_server([](Peer& peer) -> Task<void> {
    peer.rogue.offers_get = false;
    peer.connect(Listening::yes);
    REQUIRE(co_await peer.session->open(Clock::now() + 20s));
    CHECK((co_await ask(peer, "echo")).starts_with("{"));
    CHECK(peer.events.why.empty());
  });
}

}  // namespace
}  // namespace preloop::mcp
