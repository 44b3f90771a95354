#include "mcp/post_body.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

/// "status code" of a refusal, or "ok N".
std::string outcome(std::string text) {
  const auto body = read_post_body(std::move(text));
  if (body) {
    return "ok " + std::to_string(body->members.size());
  }
  const auto error = core::JsonDocument::parse(body.error().body);
  return std::to_string(body.error().status) + " " +
         std::to_string(*error->root()["error"]["code"].as_int()) + " " +
         error->root()["id"].dump();
}

TEST_CASE("what is no JSON is a parse error, what is no message an invalid request") {
  CHECK(outcome(R"({"jsonrpc":"2.0","id":1,"method":"ping"})") == "ok 1");
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  for (const std::string& text :
       {std::string(),
        std::string("{"),
        std::string("\xef\xbb\xbf{}"),
        std::string(R"({"jsonrpc":"2.0","id":1,"method":"a","method":"b"})"),
        std::string("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}"),
        std::string(R"({"jsonrpc":"2.0","id":1,"method":"a"} x)"),
        R"({"jsonrpc":"2.0","id":1,"method":"a","params":{"a":)" + deep + "}}",
        "[" + deep + "]"}) {
    CHECK_MESSAGE(outcome(text) == "400 -32700 null", text);
  }
  CHECK(outcome("1") == "400 -32600 null");
  CHECK(outcome("{}") == "400 -32600 null");
  CHECK(outcome(R"({"id":"a","method":"ping"})") == R"(400 -32600 "a")");
  CHECK(outcome(R"({"jsonrpc":"2.0","id":null,"method":"ping"})") == "400 -32600 null");
  CHECK(outcome(R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})") == "400 -32600 null");
  CHECK(outcome(R"({"jsonrpc":"2.0","id":4,"method":"ping","params":[]})") == "400 -32600 4");
  CHECK(outcome(R"({"jsonrpc":"2.0","id":4,"method":"ping","result":{}})") == "400 -32600 4");
}

TEST_CASE("a batch is read member by member, within bounds") {
  CHECK(outcome("[]") == "400 -32600 null");
  const auto body = read_post_body(
      R"( [{"jsonrpc":"2.0","id":1,"method":"ping"},{"id":"x"},3,{"jsonrpc":"2.0","method":"n"}])");
  REQUIRE(body);
  REQUIRE(body->members.size() == 4);
  CHECK(body->is_batch);
  CHECK(body->members[0].message->id() == "1");
  CHECK_FALSE(body->members[1].message);
  CHECK(body->members[1].id == R"("x")");
  CHECK(body->members[2].id.empty());
  CHECK(body->members[3].message->kind() == Message::Kind::notification);
  std::string many = "[1";
  for (std::size_t i = 0; i < k_max_batch; ++i) {
    many += ",1";
  }
  CHECK(outcome(many + "]") == "400 -32600 null");
}

}  // namespace
}  // namespace preloop::mcp
