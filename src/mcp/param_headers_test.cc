#include "mcp/param_headers.h"

#include "catalogue/definition.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

catalogue::Tool tool_of(std::string schema) {
  const std::string text = R"({"name":"t","inputSchema":)" + std::move(schema) + "}";
  const auto document = core::JsonDocument::parse(text);
  REQUIRE(document);
  auto tool = catalogue::read_definition(document->root(), text);
  REQUIRE(tool);
  return std::move(*tool);
}

bool repeated(std::string_view arguments, std::string_view name, std::string_view value) {
  static const catalogue::Tool k_tool = tool_of(R"({"type":"object","properties":{
    "region":{"type":"string","x-mcp-header":"Region"},
    "n":{"type":"integer","x-mcp-header":"N"},
    "yes":{"type":"boolean","x-mcp-header":"Yes"},
    "deep":{"type":"object","properties":{"er":{"type":"string","x-mcp-header":"Deeper"}}},
    "list":{"type":"array","items":{"type":"string","x-mcp-header":"Item"}}}})");
  REQUIRE(k_tool.param_headers.size() == 4);
  net::Headers headers;
  if (!name.empty()) {
    headers.add(name, value);
  }
  const auto document = core::JsonDocument::parse(std::string(arguments));
  REQUIRE(document);
  return !check_param_headers(headers, k_tool, document->root());
}

TEST_CASE("a header repeats its argument, as it is or encoded") {
  CHECK(repeated(R"({"region":"eu"})", "Mcp-Param-Region", "eu"));
  CHECK(repeated(R"({"region":"eu"})", "mcp-param-region", "=?base64?ZXU=?="));
  CHECK(repeated(R"({"region":"ZXU="})", "Mcp-Param-Region", "ZXU="));
  CHECK(repeated(R"({"region":"=?base64?ZXU="})", "Mcp-Param-Region", "=?base64?ZXU="));
  CHECK(repeated(R"({"deep":{"er":"x"}})", "Mcp-Param-Deeper", "x"));
  CHECK(repeated(R"({"yes":true})", "Mcp-Param-Yes", "true"));
  CHECK(repeated(R"({"n":42})", "Mcp-Param-N", "42"));
  CHECK(repeated(R"({"n":42})", "Mcp-Param-N", "42.0"));
  CHECK(repeated(R"({"n":9007199254740993})", "Mcp-Param-N", "9007199254740993"));
}

TEST_CASE("a header that is missing, says something else or cannot be read is refused") {
  CHECK_FALSE(repeated(R"({"region":"eu"})", "", ""));
  CHECK_FALSE(repeated(R"({"region":"eu"})", "Mcp-Param-Region", "us"));
  CHECK_FALSE(repeated(R"({"region":"eu"})", "Mcp-Param-Region", "EU"));
  CHECK_FALSE(repeated(R"({"region":"eu"})", "Mcp-Param-Region", "=?base64?ZXU?="));
  CHECK_FALSE(repeated(R"({"region":"eu"})", "Mcp-Param-Region", "=?base64?Z!U=?="));
  CHECK_FALSE(repeated(R"({"n":9007199254740993})", "Mcp-Param-N", "9007199254740992"));
  CHECK_FALSE(repeated(R"({"yes":true})", "Mcp-Param-Yes", "1"));
}

TEST_CASE("an argument that is not there needs no header, and one nobody asked for says nothing") {
  CHECK(repeated("{}", "", ""));
  CHECK(repeated(R"({"region":null})", "", ""));
  CHECK(repeated("{}", "Mcp-Param-Region", "eu"));
  CHECK(repeated("{}", "Mcp-Param-Other", "eu"));
  CHECK(repeated(R"({"list":["a"]})", "", ""));
}

TEST_CASE("a header that could not be one is not asked for") {
  CHECK(tool_of(R"({"properties":{"a":{"x-mcp-header":"a b"},"b":{"x-mcp-header":""},
                    "c":{"x-mcp-header":"x\r\ny"},"d":{"x-mcp-header":1}}})")
            .param_headers.empty());
}

}  // namespace
}  // namespace preloop::mcp
