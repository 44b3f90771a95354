#include "mcp/endpoint.h"
#include "mcp/rpc_codec.h"
#include "mcp/stateless.h"
#include "mcp/testing/endpoint_client.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::EndpointWorld;
using testing::error_code;
using testing::json;
using testing::k_end_of_stream;

/// A client that never initializes.
struct Stateless : Client {
  explicit Stateless(EndpointWorld& world, std::size_t loop = 0) : Client(world, loop) {
    version = "2026-07-28";
  }
  static std::string body(std::string_view method, std::string_view more, std::string_view token) {
    std::string meta = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                       R"("io.modelcontextprotocol/clientCapabilities":{})";
    if (!token.empty()) {
      meta += R"(,"progressToken":)" + std::string(token);
    }
    return R"({"jsonrpc":"2.0","id":"q","method":")" + std::string(method) +
           R"(","params":{"_meta":{)" + meta + "}" + std::string(more) + "}}";
  }
  net::testing::RawAnswer ask(std::string_view method, std::string_view more = "") {
    return post(body(method, more, ""), "Mcp-Method: " + std::string(method) + "\r\n");
  }
  void call(std::string_view tool, std::string_view arguments = "{}", std::string_view token = "") {
    send("POST",
         body("tools/call",
              R"(,"name":")" + std::string(tool) + R"(","arguments":)" + std::string(arguments),
              token),
         "Mcp-Method: tools/call\r\nMcp-Name: " + std::string(tool) + "\r\n");
  }
  void listen(std::string_view wanted) {
    send("POST",
         body("subscriptions/listen", R"(,"notifications":)" + std::string(wanted), ""),
         "Mcp-Method: subscriptions/listen\r\n");
  }
};

TEST_CASE("without a session: discover, list, call") {
  EndpointWorld world;
  Stateless client(world, 1);
  const auto discovered = client.ask("server/discover");
  CHECK(discovered.status == 200);
  CHECK(json(discovered.body).root()["result"]["supportedVersions"].at(0).as_string() ==
        "2026-07-28");
  const auto listed = json(client.ask("tools/list").body);
  const core::Json result = listed.root()["result"];
  CHECK(result["tools"].size() == 4);
  CHECK(result["cacheScope"].as_string() == "private");
  client.call("bank__pay", R"({"amount": 50.0})");
  const auto answer = client.receive();
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.headers.get("mcp-session-id"));
  CHECK(json(answer.body).root()["result"]["resultType"].as_string() == "complete");
  REQUIRE(world.upstream.seen().size() == 1);
  CHECK(world.upstream.seen().front().contains(R"("arguments":{"amount": 50.0})"));
  CHECK_FALSE(world.upstream.seen().front().contains("io.modelcontextprotocol"));
  CHECK(world.endpoint->session_count() == 0);
  // Denied, and unknown.
  client.call("bank__pay", R"({"amount":5000})");
  const auto denied = json(client.receive().body);
  CHECK(denied.root()["result"]["isError"].as_bool() == true);
  CHECK(denied.root()["result"]["resultType"].as_string() == "complete");
  client.call("bank__nothing");
  CHECK(error_code(client.receive().body) == k_invalid_params);
  CHECK(world.upstream.seen().size() == 1);
}

TEST_CASE("a body that says something else than its headers reaches no upstream") {
  EndpointWorld world;
  Stateless client(world);
  const auto cheap = client.post(
      Stateless::body("tools/call", R"(,"name":"bank__pay","arguments":{"amount":1})", ""),
      "Mcp-Method: tools/call\r\nMcp-Name: bank__get_balance\r\n");
  CHECK(cheap.status == 400);
  CHECK(error_code(cheap.body) == -32020);
  CHECK(world.upstream.seen().empty());
  CHECK(client.ask("ping").status == 404);
  CHECK(client.ask("resources/subscribe").status == 404);
  const auto batch =
      client.post("[" + Stateless::body("tools/list", "", "") + "]", "Mcp-Method: tools/list\r\n");
  CHECK(batch.status == 400);
  CHECK(client.post(R"({"jsonrpc":"2.0","method":"notifications/anything"})").status == 202);
  client.send("GET");
  const auto get = client.receive();
  CHECK(get.status == 405);
  CHECK(get.headers.get("allow") == "POST");
  client.send("DELETE");
  CHECK(client.receive().status == 405);
}

TEST_CASE("a held call without a session: a stream without ids, then the answer") {
  EndpointWorld world;
  Stateless client(world);
  client.call("bank__pay", R"({"amount":500})", R"("tok")");
  REQUIRE(client.until("Waiting for approval"));
  CHECK_FALSE(client.received().contains("id: "));
  world.clock.advance(10s);
  world.sweep();
  REQUIRE(client.until(R"("progress":0.0002)"));
  world.decide(world.pending(), approvals::Decision::approve);
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains(R"("id":"q","result":{"resultType":"complete","content")"));
  CHECK(world.upstream.seen().size() == 1);
}

TEST_CASE("hanging up cancels: a held call is not executed, a running one is stopped") {
  EndpointWorld world;
  core::ApprovalId id;
  {
    Stateless client(world, 1);
    client.call("bank__pay", R"({"amount":500})", "1");
    REQUIRE(client.until("Waiting"));
    id = world.pending();
    client.close();
  }
  world.settle();
  world.decide(id, approvals::Decision::approve);
  world.settle();
  CHECK(world.upstream.seen().empty());
  // Made again, the identical call finds its approval.
  Stateless again(world);
  again.call("bank__pay", R"({"amount":500})");
  CHECK(again.receive().status == 200);
  CHECK(world.upstream.seen().size() == 1);
  {
    Stateless client(world);
    client.call("bank__slow", "{}", "1");
    REQUIRE(client.until(R"("progress":1)"));
    client.close();
  }
  // The upstream's call ended with its cancellation: nobody released it.
  while (world.endpoint->counters().calls_in_flight != 0) {
    world.settle();
  }
}

TEST_CASE("revocation reaches requests without a session") {
  EndpointWorld world;
  Stateless held(world, 1), listener(world);
  held.call("bank__pay", R"({"amount":500})", "1");
  REQUIRE(held.until("Waiting"));
  listener.listen(R"({"toolsListChanged":true})");
  REQUIRE(listener.until("acknowledged"));
  world.revoke_agent_key();
  REQUIRE(held.until(k_end_of_stream));
  REQUIRE(listener.until(k_end_of_stream));
  CHECK(held.ask("tools/list").status == 401);
}

TEST_CASE("a subscription hears what it asked for, and nothing else") {
  EndpointWorld world;
  Stateless tools(world, 1), nothing(world);
  tools.listen(R"({"toolsListChanged":true,"resourcesListChanged":true})");
  REQUIRE(
      tools.until(R"("notifications":{"toolsListChanged":true,"resourcesListChanged":true}}})"));
  nothing.listen("{}");
  REQUIRE(nothing.until("acknowledged"));
  world.publish_tools({"pay", "more"});
  world.sweep();
  REQUIRE(tools.until("notifications/tools/list_changed"));
  REQUIRE(tools.until(R"("io.modelcontextprotocol/subscriptionId":"q")"));
  CHECK_FALSE(nothing.received().contains("list_changed"));
  world.endpoint->drain();
  REQUIRE(tools.until(R"("id":"q","result":{"resultType":"complete")"));
  REQUIRE(tools.until(k_end_of_stream));
  Stateless bad(world);
  CHECK(bad.ask("tools/list").status == 503);
}

TEST_CASE("a subscription hears of the resources that were granted") {
  EndpointWorld world;
  Stateless client(world, 1);
  client.listen(R"({"resourceSubscriptions":["bank+test://a","nobody+test://a"]})");
  REQUIRE(client.until(R"("notifications":{"resourceSubscriptions":["bank+test://a"]}}})"));
  REQUIRE(world.upstream.seen().size() == 1);
  CHECK(world.upstream.seen().front() == R"({"uri":"test://a"})");
  world.endpoint->resource_updated(world.server(), "test://a");
  REQUIRE(client.until("notifications/resources/updated"));
  REQUIRE(client.until(R"("uri":"bank+test://a")"));
}

TEST_CASE("a client is told which ability it lacked for what the server asked") {
  EndpointWorld world;
  world.publish_tools({"asks"});
  Stateless client(world);
  client.call("bank__asks");
  const auto answer = client.receive();
  CHECK(answer.status == 400);
  CHECK(error_code(answer.body) == k_missing_capability);
  CHECK(answer.body.contains(R"("requiredCapabilities":{"elicitation":{"form":{}}})"));
}

TEST_CASE("an agent's calls are counted together, with and without sessions") {
  EndpointWorld world({.max_calls_per_agent = 1});
  Client with(world, 1);
  with.initialize();
  with.send("POST", testing::tool_call("bank__slow", "{}", "1", "1"));
  REQUIRE(with.until(R"("progress":1)"));
  Stateless without(world);
  without.call("bank__pay", R"({"amount":1})");
  CHECK(without.receive().body.contains("which is the limit"));
  world.upstream.release();
  REQUIRE(with.until(k_end_of_stream));
}

}  // namespace
}  // namespace preloop::mcp
