#include "mcp/stateless.h"

#include "mcp/replies.h"
#include "mcp/testing/endpoint_client.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using testing::error_code;
using testing::json;

constexpr std::string_view k_meta =
    R"("io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{})";

Message request(std::string_view method, std::string_view meta, std::string_view more = "") {
  auto message = Message::parse(std::string(R"({"jsonrpc":"2.0","id":"a","method":")") +
                                std::string(method) + R"(","params":{"_meta":{)" +
                                std::string(meta) + "}" + std::string(more) + "}}");
  REQUIRE(message);
  return std::move(*message);
}

net::Headers headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  net::Headers out;
  for (const auto& [name, value] : fields) {
    out.add(name, value);
  }
  return out;
}

/// Status and code of the refusal; zeros when there is none.
std::pair<int, std::int64_t> verdict(const net::Headers& head, const Message& message) {
  const auto refused = check_stateless(head, message);
  if (!refused) {
    return {0, 0};
  }
  CHECK(json(refused->body).root()["id"].as_string() == "a");
  return {refused->status, error_code(refused->body)};
}

TEST_CASE("which messages are of the revision without sessions") {
  const Message list = request("tools/list", k_meta);
  const Message bare = request("tools/list", "");
  CHECK(is_stateless_request({}, list));
  CHECK_FALSE(is_stateless_request({}, bare));
  CHECK(is_stateless_request(headers({{"MCP-Protocol-Version", "2026-07-28"}}), bare));
  CHECK_FALSE(is_stateless_request(headers({{"MCP-Protocol-Version", "2025-11-25"}}), bare));
  CHECK_FALSE(is_stateless_request(headers({{"MCP-Protocol-Version", "2031-01-01"}}), bare));
  CHECK(is_stateless_request({}, request("server/discover", "")));
  CHECK(is_stateless_request({}, request("initialize", k_meta)));
  CHECK_FALSE(is_stateless_request(headers({{"MCP-Protocol-Version", "2026-07-28"}}),
                                   request("initialize", "")));
}

TEST_CASE("what _meta must say") {
  const net::Headers head =
      headers({{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "server/discover"}});
  const auto with = [&](std::string_view meta) {
    return verdict(head, request("server/discover", meta));
  };
  using Wrong = std::pair<int, std::int64_t>;
  CHECK(with(k_meta) == Wrong{0, 0});
  CHECK(with("") == Wrong{400, k_invalid_params});
  CHECK(with(R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")") ==
        Wrong{400, k_invalid_params});
  CHECK(with(R"("io.modelcontextprotocol/clientCapabilities":{})") == Wrong{400, k_invalid_params});
  CHECK(with(R"("io.modelcontextprotocol/protocolVersion":1,
                "io.modelcontextprotocol/clientCapabilities":{})") == Wrong{400, k_invalid_params});
  CHECK(with(R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",
                "io.modelcontextprotocol/clientCapabilities":[])") == Wrong{400, k_invalid_params});
}

TEST_CASE("a version nobody speaks is answered with those that we do") {
  const Message message = request("server/discover",
                                  R"("io.modelcontextprotocol/protocolVersion":"2031-01-01",
                                     "io.modelcontextprotocol/clientCapabilities":{})");
  const auto refused = check_stateless(
      headers({{"MCP-Protocol-Version", "2031-01-01"}, {"Mcp-Method", "server/discover"}}),
      message);
  REQUIRE(refused);
  CHECK(refused->status == 400);
  const auto body = json(refused->body);
  const core::Json error = body.root()["error"];
  CHECK(error["code"].as_int() == k_unsupported_version);
  CHECK(error["data"]["supported"].at(0).as_string() == "2026-07-28");
  CHECK(error["data"]["requested"].as_string() == "2031-01-01");
}

TEST_CASE("headers repeat the body or the request is refused") {
  using Wrong = std::pair<int, std::int64_t>;
  const Wrong mismatch{400, k_header_mismatch};
  const Message call = request("tools/call", k_meta, R"(,"name":"pay")");
  const auto with = [&](std::string_view method, std::string_view name) {
    return verdict(
        headers(
            {{"MCP-Protocol-Version", "2026-07-28"}, {"mcp-METHOD", method}, {"Mcp-Name", name}}),
        call);
  };
  CHECK(with("tools/call", "pay") == Wrong{0, 0});
  CHECK(with("tools/call", "=?base64?cGF5?=") == Wrong{0, 0});
  CHECK(with("tools/list", "pay") == mismatch);
  CHECK(with("TOOLS/CALL", "pay") == mismatch);
  CHECK(with("tools/call", "get_balance") == mismatch);
  CHECK(with("tools/call", "=?base64?cGF5") == mismatch);
  CHECK(with("tools/call", "=?base64?!!!!?=") == mismatch);
  CHECK(verdict(headers({{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", "tools/call"}}),
                call) == mismatch);
  CHECK(verdict(headers({{"Mcp-Method", "tools/call"}, {"Mcp-Name", "pay"}}), call) == mismatch);
  CHECK(verdict(headers({{"MCP-Protocol-Version", "2025-11-25"},
                         {"Mcp-Method", "tools/call"},
                         {"Mcp-Name", "pay"}}),
                call) == mismatch);
  // One that a proxy reads and another that we would.
  CHECK(verdict(headers({{"MCP-Protocol-Version", "2026-07-28"},
                         {"Mcp-Method", "tools/call"},
                         {"Mcp-Name", "pay"},
                         {"Mcp-Name", "get_balance"}}),
                call) == mismatch);
}

TEST_CASE("methods that this revision took back do not exist") {
  for (const std::string_view method : {"initialize", "ping", "logging/setLevel", "no/such"}) {
    CAPTURE(method);
    CHECK(verdict(headers({{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}}),
                  request(method, k_meta)) ==
          std::pair<int, std::int64_t>{404, k_method_not_found});
  }
}

TEST_CASE("who asks, and whether it wants log messages") {
  const Message plain = request("tools/list", k_meta);
  CHECK(stateless_client(plain.params()) == "unknown");
  CHECK(stateless_log_level(plain.params()) == k_no_log);
  const Message full =
      request("tools/list",
              std::string(k_meta) +
                  R"(,"io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},
                                       "io.modelcontextprotocol/logLevel":"warning")");
  CHECK(stateless_client(full.params()) == "c 1");
  CHECK(stateless_log_level(full.params()) == 3);
  CHECK_FALSE(passes_log_level(
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"emergency"}})",
      k_no_log));
}

TEST_CASE("what only this revision has stays here; every other byte passes") {
  const Message call = request("tools/call",
                               std::string(k_meta) + R"(,"progressToken": "t","x": 1.0)",
                               R"(,"name":"pay","arguments":{"amount": 50.0})");
  CHECK(session_params(call.params(), call.params_text()) ==
        R"({"_meta":{"progressToken":"t","x":1.0},"name":"pay","arguments":{"amount": 50.0}})");
  const Message bare = request("tools/call", k_meta, R"(,"name":"pay")");
  CHECK(session_params(bare.params(), bare.params_text()) == R"({"name":"pay"})");
}

TEST_CASE("what is told of lists") {
  const auto discovered = json(discover_result("1.2.3"));
  const core::Json result = discovered.root();
  CHECK(result["resultType"].as_string() == "complete");
  CHECK(result["supportedVersions"].at(0).as_string() == "2026-07-28");
  CHECK(result["capabilities"]["tools"]["listChanged"].as_bool() == true);
  CHECK(result["ttlMs"].as_int() == 0);
  CHECK(result["cacheScope"].as_string() == "private");
  CHECK(result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"].as_string() == "1.2.3");
  CHECK(json(listed_result("{}", "1")).root()["ttlMs"].as_int() == 0);
}

TEST_CASE("a subscription is told what was accepted, and by its id which it is") {
  const auto wanted =
      json(R"({"notifications":{"toolsListChanged":true,"promptsListChanged":true}})");
  CHECK(read_wanted(wanted.root())->tools);
  CHECK_FALSE(read_wanted(json(R"({"notifications":{}})").root())->tools);
  CHECK_FALSE(read_wanted(json("{}").root()));
  CHECK(subscription_acknowledged("7", {.tools = true}) ==
        R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":)"
        R"({"_meta":{"io.modelcontextprotocol/subscriptionId":7},)"
        R"("notifications":{"toolsListChanged":true}}})");
  CHECK(
      json(subscription_acknowledged("7", {})).root()["params"]["notifications"].members().empty());
  CHECK(subscription_ended(R"("x")") ==
        R"({"jsonrpc":"2.0","id":"x","result":{"resultType":"complete",)"
        R"("_meta":{"io.modelcontextprotocol/subscriptionId":"x"}}})");
}

}  // namespace
}  // namespace preloop::mcp
