// Resources and prompts, and what clients are told of them, with and without sessions.
#include "mcp/endpoint.h"
#include "mcp/rpc_codec.h"
#include "mcp/subscriptions.h"
#include "mcp/testing/endpoint_client.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using testing::Client;
using testing::EndpointWorld;
using testing::error_code;
using testing::json;

std::string request(std::string_view method, std::string_view params) {
  return make_request("1", method, params);
}

TEST_CASE("resources and prompts have the names of the path, and reach their server by its own") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  CHECK(client.post(request("resources/list", "{}")).body.contains(R"("uri":"bank+test://a")"));
  CHECK(client.post(request("prompts/list", "{}")).body.contains(R"("name":"bank__greet")"));
  CHECK(client.post(request("resources/templates/list", "{}"))
            .body.contains(R"("resourceTemplates":[])"));
  CHECK(client.post(request("resources/read", R"({"uri":"bank+test://b"})")).status == 200);
  CHECK(client.post(request("prompts/get", R"({"name":"bank__greet"})")).status == 200);
  REQUIRE(world.upstream.seen().size() == 2);
  CHECK(world.upstream.seen()[0] == R"({"uri":"test://b"})");
  CHECK(world.upstream.seen()[1] == R"({"name":"greet"})");
  Client own(world);
  own.path = "/mcp/v1/servers/bank";
  own.initialize();
  CHECK(own.post(request("resources/list", "{}")).body.contains(R"("uri":"test://a")"));
  CHECK(own.post(request("resources/read", R"({"uri":"bank+test://b"})")).status == 200);
  CHECK(world.upstream.seen().back() == R"({"uri":"bank+test://b"})");
}

TEST_CASE("what names no server here is an error of its revision and reaches nobody") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  const auto missing = client.post(request("resources/read", R"({"uri":"test://a"})"));
  CHECK(error_code(missing.body) == k_resource_not_found);
  CHECK(missing.body.contains(R"("data":{"uri":"test://a"})"));
  CHECK(error_code(client.post(request("prompts/get", R"({"name":"greet"})")).body) ==
        k_invalid_params);
  CHECK(error_code(client.post(request("resources/read", "{}")).body) == k_invalid_params);
  CHECK(error_code(client.post(request("tools/call", R"({"name":"bank__resources:read"})")).body) ==
        k_invalid_params);
  CHECK(world.upstream.seen().empty());
}

TEST_CASE("who subscribed hears of a resource until he takes it back, and nobody else does") {
  EndpointWorld world;
  Client listening(world, 1), asking(world), other(world);
  listening.initialize();
  asking.session = listening.session;
  other.initialize();
  listening.send("GET");
  other.send("GET");
  REQUIRE(listening.until("text/event-stream"));
  REQUIRE(other.until("text/event-stream"));
  const std::string what = R"({"uri":"bank+test://a"})";
  CHECK(asking.post(request("resources/subscribe", what)).body.contains("result"));
  world.endpoint->resource_updated(world.server(), "test://other");
  world.endpoint->resource_updated(world.server(), "test://a");
  REQUIRE(listening.until(R"("uri":"bank+test://a")"));
  CHECK_FALSE(listening.received().contains("test://other"));
  world.settle();
  CHECK_FALSE(other.received().contains("resources/updated"));
  CHECK(asking.post(request("resources/unsubscribe", what)).body.contains("result"));
  world.endpoint->resource_updated(world.server(), "test://a");
  world.settle();
  const std::string heard = listening.received();
  CHECK(heard.find("resources/updated") == heard.rfind("resources/updated"));
}

TEST_CASE("a session has a bounded number of subscriptions") {
  EndpointWorld world;
  Client client(world);
  client.initialize();
  const auto subscribe = [&](std::size_t i) {
    return client.post(
        request("resources/subscribe", R"({"uri":"bank+test://)" + std::to_string(i) + R"("})"));
  };
  for (std::size_t i = 0; i < Subscriptions::k_max; ++i) {
    REQUIRE(error_code(subscribe(i).body) == 0);
  }
  CHECK(error_code(subscribe(Subscriptions::k_max).body) == k_internal_error);
  CHECK(error_code(subscribe(0).body) == 0);
}

}  // namespace
}  // namespace preloop::mcp
