#include "mcp/stateless_client.h"

#include "mcp/server_news.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

TEST_CASE("a call says what its client can do, and nothing that the client smuggles in") {
  std::string token;
  const std::string params = stateless_call_params(
      R"({"name":"t","arguments":{"a":1e0},"_meta":{"progressToken":"p","mine":[1],)"
      R"("io.modelcontextprotocol/clientCapabilities":{"sampling":{}},)"
      R"("io.modelcontextprotocol/protocolVersion":"1999-01-01"}})",
      7,
      {.capabilities = R"({"roots":{}})", .log_level = "info"},
      token);
  CHECK(token == R"("p")");
  CHECK(params.find(R"("arguments":{"a":1e0})") != std::string::npos);
  CHECK(params.find("1999") == std::string::npos);
  CHECK(params.find("sampling") == std::string::npos);
  const auto document = core::JsonDocument::parse(params);
  REQUIRE(document);
  const core::Json meta = document->root()["_meta"];
  CHECK(meta["progressToken"].as_int() == 7);
  CHECK(meta["mine"].size() == 1);
  CHECK(meta["io.modelcontextprotocol/protocolVersion"].as_string() == "2026-07-28");
  CHECK(meta["io.modelcontextprotocol/clientCapabilities"]["roots"].is_object());
  CHECK(meta["io.modelcontextprotocol/logLevel"].as_string() == "info");
}

TEST_CASE("headers repeat the name and the arguments that the schema wants repeated") {
  const auto params =
      core::JsonDocument::parse(R"({"name":"pay","arguments":{"to":"Zoë","n":42,"no":null}})");
  REQUIRE(params);
  const std::vector<catalogue::ParamHeader> wanted{
      {{"to"}, "To"}, {{"n"}, "N"}, {{"no"}, "No"}, {{"missing"}, "Missing"}};
  const net::Headers headers = stateless_headers("tools/call", params->root(), wanted);
  CHECK(headers.get("Mcp-Method") == "tools/call");
  CHECK(headers.get("Mcp-Name") == "pay");
  CHECK(headers.get("Mcp-Param-To") == "=?base64?Wm/Dqw==?=");
  CHECK(headers.get("Mcp-Param-N") == "42");
  CHECK_FALSE(headers.get("Mcp-Param-No"));
  CHECK_FALSE(headers.get("Mcp-Param-Missing"));
  CHECK_FALSE(stateless_headers("tools/list", {}, {}).get("Mcp-Name"));
}

TEST_CASE("what HTTP would not keep is encoded") {
  CHECK(encode_header_value("plain text") == "plain text");
  CHECK(encode_header_value(" a") == "=?base64?IGE=?=");
  CHECK(encode_header_value("a\r\nB: c") == "=?base64?YQ0KQjogYw==?=");
  CHECK(encode_header_value("=?base64?YQ==?=") != "=?base64?YQ==?=");
}

TEST_CASE("only a server that names the revision is spoken to in it") {
  const auto hello = read_discovery(
      {R"({"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},)"
       R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bank","version":"2"}}})",
       {}});
  REQUIRE(hello);
  CHECK(hello->is_stateless);
  CHECK(hello->has_tools);
  CHECK(hello->tools_change);
  CHECK_FALSE(hello->has_prompts);
  CHECK(hello->software == "bank 2");
  CHECK_FALSE(read_discovery({R"({"supportedVersions":["2099-01-01"]})", {}}));
  CHECK_FALSE(read_discovery({R"({"protocolVersion":"2025-11-25"})", {}}));
  CHECK_FALSE(read_discovery({{}, R"({"code":-32601,"message":"no"})"}));
}

TEST_CASE("a subscription takes the place of another when it is acknowledged") {
  ServerNews news;
  CHECK_FALSE(news.wants_any());
  news.want("test://a");
  CHECK(news.params() == R"({"notifications":{"resourceSubscriptions":["test://a"]}})");
  news.asked(3);
  CHECK(news.acknowledged(3, {"test://a"}) == 0);
  CHECK(news.grants("test://a"));
  news.want("test://b");
  news.asked(5);
  CHECK(news.acknowledged(3, {}) == 0);  // not the latest any more
  CHECK_FALSE(news.grants("test://b"));
  CHECK(news.acknowledged(5, {"test://a"}) == 3);
  CHECK_FALSE(news.grants("test://b"));
  CHECK_FALSE(news.ended(3));
  CHECK(news.ended(5));
  CHECK_FALSE(news.grants("test://a"));
}

}  // namespace
}  // namespace preloop::mcp
