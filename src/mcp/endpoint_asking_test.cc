// What a server asks of a client while it executes its call.
#include "mcp/endpoint.h"
#include "mcp/testing/endpoint_client.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using testing::Client;
using testing::EndpointWorld;
using testing::k_end_of_stream;
using testing::tool_call;

constexpr std::string_view k_revision = "2025-11-25";
constexpr std::string_view k_forms = R"({"elicitation":{}})";
constexpr std::string_view k_accepts =
    R"({"jsonrpc":"2.0","id":"preloop-1","result":{"action":"accept","content":{}}})";

TEST_CASE("a client is asked on its call's stream, and its answer reaches the server") {
  EndpointWorld world;
  world.publish_tools({"asks"});
  Client client(world), answers(world, 1);
  client.initialize(k_revision, k_forms);
  answers.session = client.session;
  client.send("POST", tool_call("bank__asks"));
  REQUIRE(client.until(R"("id":"preloop-1","method":"elicitation/create")"));
  CHECK(client.received().contains(R"("message":"Sure?")"));
  CHECK(answers.post(k_accepts).status == 202);
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains(R"("answer":{"action":"accept","content":{}})"));
}

TEST_CASE("a client that said nothing of forms is asked for none") {
  EndpointWorld world;
  world.publish_tools({"asks"});
  Client client(world);
  for (const std::string_view can :
       {R"({})", R"({"sampling":{}})", R"({"elicitation":{"url":{}}})"}) {
    client.initialize(k_revision, can);
    const auto answer = client.post(tool_call("bank__asks"));
    CHECK_FALSE(answer.body.contains("elicitation/create"));
    CHECK(answer.body.contains("cannot show people forms"));
  }
}

TEST_CASE("only the session that was asked can answer, and only once") {
  EndpointWorld world;
  world.publish_tools({"asks"});
  Client client(world), other(world, 1), answers(world, 1);
  client.initialize(k_revision, k_forms);
  other.initialize(k_revision, k_forms);
  answers.session = client.session;
  client.send("POST", tool_call("bank__asks"));
  REQUIRE(client.until("elicitation/create"));
  CHECK(other.post(k_accepts).status == 202);
  CHECK(answers.post(R"({"jsonrpc":"2.0","id":"preloop-2","result":{}})").status == 202);
  world.settle();
  CHECK_FALSE(client.received().contains(R"("answer")"));
  CHECK(answers.post(R"({"jsonrpc":"2.0","id":"preloop-1","error":{"code":-1,"message":"no"}})")
            .status == 202);
  CHECK(answers.post(k_accepts).status == 202);
  REQUIRE(client.until(k_end_of_stream));
  CHECK(client.received().contains(R"("answer":{"code":-1,"message":"no"})"));
}

TEST_CASE("a client that leaves has answered: the server is told and does not wait") {
  EndpointWorld world;
  world.publish_tools({"asks"});
  Client client(world);
  client.initialize(k_revision, k_forms);
  client.send("POST", tool_call("bank__asks"));
  REQUIRE(client.until("elicitation/create"));
  client.close();
  while (world.endpoint->counters().calls_in_flight != 0) {
    world.settle();
  }
  CHECK(world.endpoint->counters().calls_answered == 1);
}

}  // namespace
}  // namespace preloop::mcp
