#include "mcp/rpc_codec.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

TEST_CASE("requests, notifications and responses are told apart") {
  const auto request = Message::parse(
      R"({"jsonrpc":"2.0","id":"a\u0062","method":"tools/call","params":{"x": 1.50}})");
  REQUIRE(request);
  CHECK(request->kind() == Message::Kind::request);
  CHECK(request->id() == "\"a\\u0062\"");
  CHECK(request->params_text() == R"({"x": 1.50})");
  const auto notification = Message::parse(R"({"jsonrpc":"2.0","method":"\u0070ing"})");
  CHECK(notification->kind() == Message::Kind::notification);
  CHECK(notification->method() == "ping");
  const auto response = Message::parse(R"({"jsonrpc":"2.0","id":7,"result":{ "a":null }})");
  CHECK(response->kind() == Message::Kind::response);
  CHECK(response->result_text() == R"({ "a":null })");
  const auto error =
      Message::parse(R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}})");
  CHECK(error->error()["code"].as_int() == 1);
}

TEST_CASE("messages with two meanings are refused") {
  for (const char* text : {
           "[]",
           "{}",
           "1",
           "{",
           R"({"jsonrpc":"1.0","id":1,"method":"x"})",
           R"({"jsonrpc":"2.0","id":1,"method":"x","result":{}})",
           R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})",
           R"({"jsonrpc":"2.0","id":1})",
           R"({"jsonrpc":"2.0","id":1.5,"method":"x"})",
           R"({"jsonrpc":"2.0","id":null,"method":"x"})",
           R"({"jsonrpc":"2.0","id":{},"method":"x"})",
           R"({"jsonrpc":"2.0","id":1,"method":2})",
           R"({"jsonrpc":"2.0","id":1,"id":2,"method":"x"})",
           R"({"jsonrpc":"2.0","id":1,"method":"x","params":[1]})",
           R"({"jsonrpc":"2.0","result":{}})",
       }) {
    CAPTURE(text);
    CHECK_FALSE(Message::parse(text));
  }
}

TEST_CASE("what is written reads back") {
  const auto request = Message::parse(make_request("7", "tools/call", R"({"name":"x"})"));
  CHECK(request->id() == "7");
  CHECK(request->params()["name"].as_string() == "x");
  CHECK(Message::parse(make_result("\"q\"", "{}"))->id() == "\"q\"");
  CHECK(make_error("", k_parse_error, "bad") ==
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"bad"}})");
  CHECK(make_tool_error("no", R"({"a":1})") ==
        R"({"content":[{"type":"text","text":"no"}],"isError":true,"_meta":{"a":1}})");
  CHECK(is_batch(" [1]"));
  CHECK_FALSE(is_batch("{}"));
}

}  // namespace
}  // namespace preloop::mcp
