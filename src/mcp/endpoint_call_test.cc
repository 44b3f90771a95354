#include "mcp/endpoint.h"
#include "mcp/rpc_codec.h"
#include "mcp/testing/endpoint_client.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::EndpointWorld;
using testing::error_code;
using testing::k_end_of_stream;
using testing::tool_call;

TEST_CASE("a held call opens a stream at once, counts progress and is answered when decided") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  client.send("POST", tool_call("bank__pay", R"({"amount":500})", "5", R"("tok")"));
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
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains(R"({"jsonrpc":"2.0","id":5,"result":{"content":[])"));
  CHECK(world.upstream.seen().size() == 1);
  CHECK(world.state(id) == approvals::State::succeeded);
  // The connection goes on, and the result was delivered: the same call is a new question.
  client.send("POST", tool_call("bank__pay", R"({"amount":500})", "6"));
  REQUIRE(client.until("data: "));
  CHECK(world.pending() != id);
}

TEST_CASE("a declined call says so; without a token the stream is kept alive by comments") {
  EndpointWorld world;
  Client client(world, 1);
  client.initialize("2025-06-18");
  client.send("POST", tool_call("bank__pay", R"({"amount":500})"));
  REQUIRE(client.until("text/event-stream"));
  world.clock.advance(15s);
  world.sweep();
  REQUIRE(client.until(": alive\n\n"));
  CHECK_FALSE(client.received().contains("data:"));
  world.decide(world.pending(), approvals::Decision::decline);
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains("Declined by a person."));
  CHECK(client.received().contains("looks fine"));
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
    client.send("POST", tool_call("bank__pay", R"({"amount":500})", "1", "7"));
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
  const auto answer = again.post(tool_call("bank__pay", R"({"amount":500})"));
  CHECK(answer.body.contains(R"("content":[])"));
  CHECK(world.upstream.seen().size() == 1);
  CHECK(world.state(id) == approvals::State::succeeded);
}

TEST_CASE("an upstream's progress reaches its caller, and cancelling reaches the upstream") {
  EndpointWorld world;
  Client client(world), other(world, 1);
  client.initialize();
  other.session = client.session;
  client.send("POST", tool_call("bank__slow", "{}", "9", R"("p1")"));
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
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains("It may have been executed"));
  cancel("9");  // late
  CHECK(client.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 200);
}

TEST_CASE("cancelling a held call ends the wait and leaves the question") {
  EndpointWorld world;
  Client client(world), other(world, 1);
  client.initialize();
  other.session = client.session;
  client.send("POST", tool_call("bank__pay", R"({"amount":500})", R"("a")", "1"));
  REQUIRE(client.until("Waiting"));
  CHECK(other.post(make_notification("notifications/cancelled", R"({"requestId":"a"})")).status ==
        202);
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains(R"("preloop/outcome":"pending")"));
  CHECK(world.state(world.pending()) == approvals::State::pending);
}

TEST_CASE("a long silent call becomes a stream after ten seconds") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  client.send("POST", tool_call("bank__slow"));
  while (world.upstream.seen().empty()) {
    world.settle();
  }
  world.clock.advance(9s);
  world.sweep();
  world.clock.advance(1s);
  world.sweep();
  REQUIRE(client.until("text/event-stream"));
  world.upstream.release();
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains(R"("content":[])"));
}

TEST_CASE("a call that runs goes on without its client, whose new stream gets the result") {
  EndpointWorld world;
  Client owner(world);
  owner.initialize();
  {
    Client client(world, 1);
    client.session = owner.session;
    client.send("POST", tool_call("bank__slow", "{}", "3", "1"));
    REQUIRE(client.until(R"("progress":1)"));
    client.close();
    world.upstream.release();
  }
  owner.send("GET", "", "Last-Event-ID: 1-0\r\n");
  REQUIRE(owner.until(k_end_of_stream));
  CHECK(owner.received().contains("id: 1-1"));
  CHECK(owner.received().contains(R"({"jsonrpc":"2.0","id":3,"result":{"content":[])"));
  owner.send("GET", "", "Last-Event-ID: nonsense\r\n");
  CHECK(owner.receive().status == 400);
}

TEST_CASE("a stream taken up again waits for the end of its call") {
  EndpointWorld world;
  Client owner(world), client(world, 1);
  owner.initialize();
  client.session = owner.session;
  client.send("POST", tool_call("bank__slow", "{}", "3", "1"));
  REQUIRE(client.until(R"("progress":1)"));
  client.close();
  owner.send("GET", "", "Last-Event-ID: 1-0\r\n");
  REQUIRE(owner.until(R"("progress":1)"));
  world.upstream.release();
  REQUIRE(owner.until(k_end_of_stream));
  CHECK(owner.received().contains(R"({"jsonrpc":"2.0","id":3,"result":{"content":[])"));
}

TEST_CASE("the sweep runs by itself on every loop") {
  EndpointWorld world;
  world.run(world.endpoint->start());
  Client client(world, 1);
  client.initialize();
  client.send("POST", tool_call("bank__pay", R"({"amount":500})", "5", "1"));
  REQUIRE(client.until(R"("progress":0.0001)"));
  world.clock.advance(10s);
  CHECK(client.until(R"("progress":0.0002)"));
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
  caller.send("POST", tool_call("bank__pay", R"({"amount":500})", "1", "1"));
  REQUIRE(caller.until("Waiting"));
  world.revoke_agent_key();
  REQUIRE(caller.until(k_end_of_stream));
  REQUIRE(listener.until("0\r\n\r\n"));
  world.settle();
  CHECK(world.endpoint->session_count() == 1);
  CHECK(caller.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 401);
  CHECK(other.post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status == 200);
}

TEST_CASE("revocation reaches a call that runs: its upstream is told to stop") {
  EndpointWorld world;
  Client caller(world, 1);
  caller.initialize();
  caller.send("POST", tool_call("bank__slow", "{}", "1", "1"));
  REQUIRE(caller.until(R"("progress":1)"));
  world.revoke_agent_key();
  REQUIRE(caller.until(k_end_of_stream));
  CHECK(caller.received().contains("It may have been executed"));
}

TEST_CASE("draining: pending answers, streams end with retry, nothing new begins") {
  EndpointWorld world;
  Client held(world), listener(world, 1), running(world), fresh(world);
  held.initialize();
  listener.session = running.session = fresh.session = held.session;
  held.send("POST", tool_call("bank__pay", R"({"amount":500})", "1", "1"));
  REQUIRE(held.until("Waiting"));
  listener.send("GET");
  REQUIRE(listener.until("data: "));
  running.send("POST", tool_call("bank__slow", "{}", "2", "2"));
  REQUIRE(running.until(R"("progress":1)"));
  world.endpoint->drain();
  REQUIRE(held.until(k_end_of_stream));
  CHECK(held.received().contains(R"("preloop/outcome":"pending")"));
  REQUIRE(listener.until("retry: "));
  const auto refused = fresh.post(tool_call("bank__get_balance"));
  CHECK(refused.status == 503);
  CHECK(refused.headers.get("retry-after"));
  CHECK(error_code(refused.body) == k_internal_error);
  world.upstream.release();
  REQUIRE(running.until(k_end_of_stream));
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
  one.send("POST", tool_call("bank__slow", "{}", "1", "1"));
  REQUIRE(one.until(R"("progress":1)"));
  two.send("POST", tool_call("bank__slow", "{}", "1", "1"));
  REQUIRE(two.until(R"("progress":1)"));
  const auto refused = three.post(tool_call("bank__get_balance"));
  CHECK(error_code(refused.body) == k_internal_error);
  CHECK(refused.body.contains("Nothing was executed"));
  CHECK(world.endpoint->counters().calls_over_limit == 1);
  world.upstream.release();
  REQUIRE(one.until(k_end_of_stream));
  REQUIRE(two.until(k_end_of_stream));
  CHECK(three.post(tool_call("bank__get_balance")).body.contains(R"("content":[])"));
}

}  // namespace
}  // namespace preloop::mcp
