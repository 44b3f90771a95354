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
using testing::json;
using testing::tool_call;

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
    const auto answer = client.post(tool_call("bank__pay", R"({"amount": 1.50})", R"("x\u0041")"));
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
  CHECK(one.post(tool_call("get_balance")).body.contains(R"("name":"get_balance")"));
  CHECK(error_code(one.post(tool_call("bank__pay")).body) == k_invalid_params);
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
  CHECK(error_code(client.post(R"({"jsonrpc":"2.0","id":1,"method":"resources/nothing"})").body) ==
        k_method_not_found);
  CHECK(error_code(client.post(R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})").body) ==
        k_invalid_params);
  CHECK(error_code(client.post(tool_call("bank__pay", "[]")).body) == k_invalid_params);
  CHECK(error_code(client.post(tool_call("nothing")).body) == k_invalid_params);
  CHECK(json(client.post(tool_call("bank__fails")).body).root()["error"]["data"]["a"].as_double() ==
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

TEST_CASE("initialize with a revision that has no sessions gets the latest that has") {
  EndpointWorld world;
  Client client(world);
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
  const auto answer = client.post("[" + tool_call("bank__pay", R"({"amount":1})", "1") + "," +
                                  tool_call("bank__pay", R"({"amount":5000})", "2") +
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

TEST_CASE("a large body is parsed off the loop, a too large one not at all") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  const std::string memo(200'000, 'm');
  const auto answer =
      client.post(tool_call("bank__pay", R"({"amount":1,"memo":")" + memo + R"("})"));
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
