#include "mcp/endpoint.h"

#include "mcp/rpc_codec.h"
#include "mcp/testing/endpoint_world.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::EndpointWorld;
using testing::error_code;

std::string call(std::string_view tool,
                 std::string_view arguments = "{}",
                 std::string_view id = "1",
                 std::string_view token = "") {
  std::string params =
      R"({"name":")" + std::string(tool) + R"(","arguments":)" + std::string(arguments);
  if (!token.empty()) {
    params += R"(,"_meta":{"progressToken":)" + std::string(token) + "}";
  }
  return make_request(id, "tools/call", params + "}");
}

core::JsonDocument json(std::string text) {
  auto document = core::JsonDocument::parse(text);
  REQUIRE_MESSAGE(document, text);
  return std::move(*document);
}

TEST_CASE("initialize, list, call: the usual way, on every revision and both paths") {
  EndpointWorld world;
  for (const std::string_view revision : {"2025-03-26", "2025-06-18", "2025-11-25"}) {
    Client client(world);
    client.path = "/mcp";
    client.initialize(revision);
    CHECK(client.session.size() == 43);
    client.path = "/mcp/v1";
    client.version = revision;
    const auto list = json(client.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})").body);
    REQUIRE(list.root()["result"]["tools"].size() == 4);
    CHECK(list.root()["result"]["tools"].at(0)["name"].as_string() == "bank__pay");
    const auto answer = client.post(call("bank__pay", R"({"amount": 1.50})", R"("x\u0041")"));
    CHECK(answer.status == 200);
    CHECK(answer.headers.get("content-type") == "application/json");
    CHECK(
        answer.body ==
        R"({"jsonrpc":"2.0","id":"x\u0041","result":{"content":[], "echo": {"name":"pay","arguments":{"amount": 1.50}}}})");
  }
  Client one(world, 1);
  one.path = "/mcp/v1/servers/bank";
  one.initialize();
  const auto list = json(one.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})").body);
  CHECK(list.root()["result"]["tools"].at(0)["name"].as_string() == "pay");
  CHECK(one.post(call("get_balance")).body.contains(R"("name":"get_balance")"));
  CHECK(error_code(one.post(call("bank__pay")).body) == k_invalid_params);
  CHECK(world.endpoint->counters().calls_answered == 4);
  CHECK(world.endpoint->counters().calls_unknown_tool == 1);
  CHECK(world.endpoint->counters().calls_in_flight == 0);
  CHECK(world.endpoint->session_count() == 4);
  CHECK(world.touches == 5);
}

TEST_CASE("only an agent's key opens the door, and nothing points to OAuth") {
  EndpointWorld world;
  Client client(world);
  for (const std::string& key : {std::string(), std::string("pla_wrong"), world.agent_key + "x"}) {
    client.key = key;
    for (const std::string_view method : {"POST", "GET", "DELETE"}) {
      client.send(method, method == "POST" ? "{}" : "");
      const auto answer = client.receive();
      CHECK(answer.status == 401);
      CHECK(answer.headers.get("www-authenticate") == "Bearer");
      CHECK(error_code(answer.body) == k_invalid_request);
    }
  }
  client.key = world.operator_key;
  const auto answer = client.post("{}");
  CHECK(answer.status == 403);
  CHECK(answer.body.contains("operator key"));
  CHECK(world.endpoint->counters().unauthenticated == 9);
}

TEST_CASE("what is not right about a request is answered clearly and costs no session") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  CHECK(json(client.post(ping).body).root()["result"].is_object());
  CHECK(error_code(client.post("{").body) == k_parse_error);
  CHECK(client.post("{").status == 400);
  CHECK(error_code(client.post(R"({"id":1})").body) == k_invalid_request);
  CHECK(client.post("[" + ping + "]").status == 400);
  CHECK(error_code(client.post(R"({"jsonrpc":"2.0","id":1,"method":"resources/list"})").body) ==
        k_method_not_found);
  CHECK(error_code(client.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})").body) ==
        k_invalid_params);
  CHECK(error_code(client.post(call("bank__pay", "[]")).body) == k_invalid_params);
  CHECK(error_code(client.post(call("nothing")).body) == k_invalid_params);
  CHECK(json(client.post(call("bank__fails")).body).root()["error"]["data"]["a"].as_double() ==
        1.0);
  CHECK(client.post(ping, "Content-Type: text/plain\r\n").status == 415);
  const auto level = [&client](std::string_view name) {
    return error_code(
        client
            .post(make_request(
                "1", "logging/setLevel", R"({"level":")" + std::string(name) + R"("})"))
            .body);
  };
  CHECK(level("warning") == 0);
  CHECK(level("loud") == k_invalid_params);
  client.accept = "application/json";
  CHECK(client.post(ping).status == 406);
  client.accept = "*/*";
  CHECK(client.post(ping).status == 200);
  client.version = "2026-07-28";
  CHECK(client.post(ping).status == 400);
  client.version.clear();
  CHECK(client.post(R"({"jsonrpc":"2.0","method":"notifications/anything"})").status == 202);
  CHECK(client.post(R"({"jsonrpc":"2.0","id":1,"result":{}})").status == 202);
  client.send("PUT");
  const auto put = client.receive();
  CHECK(put.status == 405);
  CHECK(put.headers.get("allow") == "POST, GET, DELETE");
  client.path = "/mcp/v1/servers/nothing";
  CHECK(client.post(ping).status == 404);
}

TEST_CASE("a probe of a later revision gets what makes clients initialize") {
  EndpointWorld world;
  Client client(world);
  client.version = "2026-07-28";
  const auto answer =
      client.post(R"({"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":{}}})",
                  "Mcp-Method: server/discover\r\n");
  CHECK(answer.status == 400);
  CHECK(error_code(answer.body) == k_method_not_found);
  client.version.clear();
  client.initialize("2026-07-28");
  CHECK(client.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 200);
}

TEST_CASE("a session is of one key and one path, and ends with DELETE") {
  EndpointWorld world;
  Client client(world), other(world, 1);
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  CHECK(client.post(ping).status == 400);
  client.initialize();
  other.session = client.session;
  CHECK(other.post(ping).status == 200);  // the same key, another loop
  other.key = world.second_key;
  CHECK(other.post(ping).status == 404);
  other.send("DELETE");
  CHECK(other.receive().status == 404);
  other.send("GET");
  CHECK(other.receive().status == 404);
  other.key = world.agent_key;
  other.path = "/mcp/v1/servers/bank";
  CHECK(other.post(ping).status == 404);
  other.path = "/mcp/v1";
  CHECK(client.post(ping).status == 200);
  client.send("DELETE");
  CHECK(client.receive().status == 204);
  world.settle();
  CHECK(client.post(ping).status == 404);
  CHECK(other.post(ping).status == 404);
  CHECK(world.endpoint->session_count() == 0);
  other.session = std::string(10'000, 'x');
  CHECK(other.post(ping).status == 404);
}

TEST_CASE("idle sessions expire; a listening client is not idle") {
  EndpointWorld world;
  Client idle(world), listening(world), stream(world, 1);
  idle.initialize();
  listening.initialize();
  stream.session = listening.session;
  stream.send("GET");
  REQUIRE(stream.until("id: "));
  world.clock.advance(29min);
  world.sweep();
  world.settle();
  CHECK(world.endpoint->session_count() == 2);
  world.clock.advance(1min);
  world.sweep();
  world.settle();
  CHECK(world.endpoint->session_count() == 1);
  CHECK(idle.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 404);
  CHECK(listening.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 200);
}

TEST_CASE("2025-03-26 batches: every member is governed and answered") {
  EndpointWorld world;
  Client client(world);
  client.initialize("2025-03-26");
  const auto answer = client.post("[" + call("bank__pay", R"({"amount":1})", "1") + "," +
                                  call("bank__pay", R"({"amount":5000})", "2") +
                                  R"(,{"jsonrpc":"2.0","method":"notifications/x"},{"id":3},)"
                                  R"({"jsonrpc":"2.0","id":4,"method":"initialize"}])");
  CHECK(answer.status == 200);
  const auto answers = json(answer.body);
  REQUIRE(answers.root().size() == 4);
  CHECK_FALSE(answers.root().at(0)["result"]["isError"].exists());
  CHECK(answers.root().at(1)["result"]["isError"].as_bool() == true);
  CHECK(answers.root().at(1)["result"]["_meta"]["preloop/decision"].as_string() == "deny");
  CHECK(answers.root().at(2)["error"]["code"].as_int() == k_invalid_request);
  CHECK(answers.root().at(2)["id"].as_int() == 3);
  CHECK(answers.root().at(3)["error"]["code"].as_int() == k_invalid_request);
  CHECK(world.upstream.seen().size() == 1);
  CHECK(client.post(R"([{"jsonrpc":"2.0","method":"notifications/initialized"}])").status == 202);
}

TEST_CASE("a held call opens a stream at once, counts progress and is answered when decided") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  client.send("POST", call("bank__pay", R"({"amount":500})", "5", R"("tok")"));
  REQUIRE(client.until(R"("progress":0.0001)"));
  CHECK(client.received().contains("200 OK"));
  CHECK(client.received().contains("X-Accel-Buffering: no"));
  CHECK(client.received().contains("id: 1-0\ndata: \n"));
  CHECK(client.received().contains(R"("progressToken":"tok")"));
  CHECK(client.received().contains("Waiting for approval by anyone with the role approver"));
  world.clock.advance(10s);
  world.sweep();
  REQUIRE(client.until(R"("progress":0.0002)"));
  CHECK(client.received().contains("(290 s left)"));
  CHECK(world.upstream.seen().empty());
  const auto id = world.pending();
  world.decide(id, approvals::Decision::approve);
  REQUIRE(client.until("\r\n0\r\n\r\n"));
  CHECK(client.received().contains(R"({"jsonrpc":"2.0","id":5,"result":{"content":[])"));
  CHECK(world.upstream.seen().size() == 1);
  CHECK(world.state(id) == approvals::State::succeeded);
  // The connection goes on, and the result was delivered: the same call is a new question.
  client.send("POST", call("bank__pay", R"({"amount":500})", "6"));
  REQUIRE(client.until("data: "));
  CHECK(world.pending() != id);
}

TEST_CASE("a declined call says so; without a token the stream is kept alive by comments") {
  EndpointWorld world;
  Client client(world, 1);
  client.initialize("2025-06-18");
  client.send("POST", call("bank__pay", R"({"amount":500})"));
  REQUIRE(client.until("text/event-stream"));
  world.clock.advance(15s);
  world.sweep();
  REQUIRE(client.until(": alive\n\n"));
  CHECK_FALSE(client.received().contains("data:"));
  world.decide(world.pending(), approvals::Decision::decline);
  REQUIRE(client.until("\r\n0\r\n\r\n"));
  CHECK(client.received().contains("Declined by a person. The reason given: looks fine"));
  CHECK(client.received().contains(R"("isError":true)"));
  CHECK(world.upstream.seen().empty());
  CHECK(world.endpoint->counters().calls_refused == 1);
}

TEST_CASE("a client that disconnects while held leaves the question; a retry attaches to it") {
  EndpointWorld world;
  core::ApprovalId id;
  {
    Client client(world);
    client.initialize();
    client.send("POST", call("bank__pay", R"({"amount":500})", "1", "7"));
    REQUIRE(client.until("Waiting"));
    id = world.pending();
  }  // disconnects and waits until the handler has ended
  CHECK(world.endpoint->counters().calls_in_flight == 0);
  CHECK(world.endpoint->counters().calls_undelivered == 1);
  CHECK(world.state(id) == approvals::State::pending);
  world.decide(id, approvals::Decision::approve);
  CHECK(world.upstream.seen().empty());
  Client again(world, 1);
  again.initialize();
  const auto answer = again.post(call("bank__pay", R"({"amount":500})"));
  CHECK(answer.body.contains(R"("content":[])"));
  CHECK(world.upstream.seen().size() == 1);
  CHECK(world.state(id) == approvals::State::succeeded);
}

TEST_CASE("an upstream's progress reaches its caller, and cancelling reaches the upstream") {
  EndpointWorld world;
  Client client(world), other(world, 1);
  client.initialize();
  other.session = client.session;
  client.send("POST", call("bank__slow", "{}", "9", R"("p1")"));
  REQUIRE(client.until(R"("progressToken":"p1","progress":1,"total":2)"));
  const auto cancel = [&other](std::string_view id) {
    CHECK(other
              .post(make_notification("notifications/cancelled",
                                      R"({"requestId":)" + std::string(id) + "}"))
              .status == 202);
  };
  cancel("0");  // initialize's
  cancel("10");
  cancel(R"("9")");
  world.settle();
  CHECK(world.endpoint->counters().calls_in_flight == 1);
  cancel("9");
  REQUIRE(client.until("\r\n0\r\n\r\n"));
  CHECK(client.received().contains("It may have been executed"));
  cancel("9");  // late
  CHECK(client.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 200);
}

TEST_CASE("cancelling a held call ends the wait and leaves the question") {
  EndpointWorld world;
  Client client(world), other(world, 1);
  client.initialize();
  other.session = client.session;
  client.send("POST", call("bank__pay", R"({"amount":500})", R"("a")", "1"));
  REQUIRE(client.until("Waiting"));
  CHECK(other.post(make_notification("notifications/cancelled", R"({"requestId":"a"})")).status ==
        202);
  REQUIRE(client.until("\r\n0\r\n\r\n"));
  CHECK(client.received().contains(R"("preloop/outcome":"pending")"));
  CHECK(world.state(world.pending()) == approvals::State::pending);
}

TEST_CASE("a long silent call becomes a stream after ten seconds") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  client.send("POST", call("bank__slow"));
  while (world.upstream.seen().empty()) {
    world.settle();
  }
  world.clock.advance(9s);
  world.sweep();
  world.clock.advance(1s);
  world.sweep();
  REQUIRE(client.until("text/event-stream"));
  world.upstream.release();
  REQUIRE(client.until("\r\n0\r\n\r\n"));
  CHECK(client.received().contains(R"("content":[])"));
}

TEST_CASE("a call that runs goes on without its client, whose new stream gets the result") {
  EndpointWorld world;
  Client owner(world);
  owner.initialize();
  {
    Client client(world, 1);
    client.session = owner.session;
    client.send("POST", call("bank__slow", "{}", "3", "1"));
    REQUIRE(client.until(R"("progress":1)"));
    client.close();
    world.upstream.release();
  }
  owner.send("GET", "", "Last-Event-ID: 1-0\r\n");
  REQUIRE(owner.until("\r\n0\r\n\r\n"));
  CHECK(owner.received().contains("id: 1-1"));
  CHECK(owner.received().contains(R"({"jsonrpc":"2.0","id":3,"result":{"content":[])"));
  owner.send("GET", "", "Last-Event-ID: nonsense\r\n");
  CHECK(owner.receive().status == 400);
}

TEST_CASE("the list of tools changes: one listening stream hears of it, once") {
  EndpointWorld world;
  Client client(world), first(world);
  auto speaker = std::make_unique<Client>(world, 1);
  Client& second = *speaker;
  client.initialize();
  first.session = second.session = client.session;
  CHECK(client.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})").status == 200);
  first.send("GET");
  REQUIRE(first.until("data: "));
  second.send("GET");
  REQUIRE(second.until("data: "));
  world.publish_tools({"pay"});
  world.sweep();
  REQUIRE(second.until("notifications/tools/list_changed"));
  world.publish_tools({"pay"});  // other ids, the same list
  world.clock.advance(15s);
  world.sweep();
  REQUIRE(first.until(": alive"));
  REQUIRE(second.until(": alive"));
  CHECK_FALSE(first.received().contains("list_changed"));
  const std::string heard = second.received();
  CHECK(heard.find("list_changed") == heard.rfind("list_changed"));
  // The one that spoke goes; the other takes over.
  speaker.reset();
  world.publish_tools({});
  world.sweep();
  CHECK(first.until("list_changed"));
}

TEST_CASE("a session has few streams") {
  EndpointWorld world;
  std::vector<std::unique_ptr<Client>> clients;
  Client client(world);
  client.initialize();
  for (int i = 0; i < 4; ++i) {
    auto& stream = *clients.emplace_back(std::make_unique<Client>(world));
    stream.session = client.session;
    stream.send("GET");
    REQUIRE(stream.until("data: "));
  }
  client.send("GET");
  CHECK(client.receive().status == 409);
  CHECK(world.endpoint->counters().listeners == 4);
}

TEST_CASE("revocation ends the key's sessions, streams and held calls at once") {
  EndpointWorld world;
  Client caller(world, 1), listener(world), other(world);
  caller.initialize();
  listener.session = caller.session;
  listener.send("GET");
  REQUIRE(listener.until("data: "));
  other.key = world.second_key;
  other.initialize();
  caller.send("POST", call("bank__pay", R"({"amount":500})", "1", "1"));
  REQUIRE(caller.until("Waiting"));
  world.revoke_agent_key();
  REQUIRE(caller.until("\r\n0\r\n\r\n"));
  REQUIRE(listener.until("0\r\n\r\n"));
  world.settle();
  CHECK(world.endpoint->session_count() == 1);
  CHECK(caller.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 401);
  CHECK(other.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 200);
}

TEST_CASE("draining: pending answers, streams end with retry, nothing new begins") {
  EndpointWorld world;
  Client held(world), listener(world, 1), running(world), fresh(world);
  held.initialize();
  listener.session = running.session = fresh.session = held.session;
  held.send("POST", call("bank__pay", R"({"amount":500})", "1", "1"));
  REQUIRE(held.until("Waiting"));
  listener.send("GET");
  REQUIRE(listener.until("data: "));
  running.send("POST", call("bank__slow", "{}", "2", "2"));
  REQUIRE(running.until(R"("progress":1)"));
  world.endpoint->drain();
  REQUIRE(held.until("\r\n0\r\n\r\n"));
  CHECK(held.received().contains(R"("preloop/outcome":"pending")"));
  REQUIRE(listener.until("retry: "));
  const auto refused = fresh.post(call("bank__get_balance"));
  CHECK(refused.status == 503);
  CHECK(refused.headers.get("retry-after"));
  CHECK(error_code(refused.body) == k_internal_error);
  world.upstream.release();
  REQUIRE(running.until("\r\n0\r\n\r\n"));
  CHECK(running.received().contains(R"("content":[])"));
}

TEST_CASE("an agent has a bounded number of calls in flight, over all its keys") {
  McpEndpoint::Options options;
  options.max_calls_per_agent = 2;
  EndpointWorld world(std::move(options));
  Client one(world), two(world, 1), three(world);
  one.initialize();
  two.key = three.key = world.second_key;
  two.initialize();
  three.session = two.session;
  one.send("POST", call("bank__slow", "{}", "1", "1"));
  REQUIRE(one.until(R"("progress":1)"));
  two.send("POST", call("bank__slow", "{}", "1", "1"));
  REQUIRE(two.until(R"("progress":1)"));
  const auto refused = three.post(call("bank__get_balance"));
  CHECK(error_code(refused.body) == k_internal_error);
  CHECK(refused.body.contains("Nothing was executed"));
  CHECK(world.endpoint->counters().calls_over_limit == 1);
  world.upstream.release();
  REQUIRE(one.until("\r\n0\r\n\r\n"));
  REQUIRE(two.until("\r\n0\r\n\r\n"));
  CHECK(three.post(call("bank__get_balance")).body.contains(R"("content":[])"));
}

TEST_CASE("a large body is parsed off the loop, a too large one not at all") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  const std::string memo(200'000, 'm');
  const auto answer = client.post(call("bank__pay", R"({"amount":1,"memo":")" + memo + R"("})"));
  CHECK(answer.status == 200);
  CHECK(answer.body.contains(memo));
  CHECK(client.post(std::string(200'000, '[')).status == 400);
  Client other(world);
  other.session = client.session;
  CHECK(other.post(std::string(k_max_post_body + 1, ' ')).status == 413);
}

TEST_CASE("a request for a task is answered as a plain call: we offer none") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  const auto answer = client.post(make_request(
      "1", "tools/call", R"({"name":"bank__get_balance","task":{"ttl":1000},"arguments":{}})"));
  CHECK(answer.status == 200);
  CHECK_FALSE(world.upstream.seen().front().contains("task"));
}

}  // namespace
}  // namespace preloop::mcp
