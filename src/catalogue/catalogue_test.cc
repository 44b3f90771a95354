#include "catalogue/definition.h"
#include "catalogue/names.h"

#include <doctest/doctest.h>

namespace preloop::catalogue {
namespace {

Tool tool_of(const std::string& text) {
  const auto parsed = core::JsonDocument::parse(text);
  REQUIRE(parsed);
  auto tool = read_definition(parsed->root(), text);
  REQUIRE(tool);
  return std::move(*tool);
}

TEST_CASE("exposed names fit every model API and stay apart") {
  CHECK(exposed_name("bank", "pay") == "bank__pay");
  CHECK(exposed_name("bank", "get-balance_2") == "bank__get-balance_2");
  const std::string dotted = exposed_name("bank", "pay.now"),
                    slashed = exposed_name("bank", "pay/now");
  CHECK(dotted.starts_with("bank__pay-now-"));
  CHECK(dotted != slashed);
  const std::string longest = exposed_name(std::string(32, 's'), std::string(128, 't'));
  CHECK(longest.size() == 64);
  CHECK(longest != exposed_name(std::string(32, 's'), std::string(127, 't')));
}

TEST_CASE("server names leave no doubt where the prefix ends") {
  CHECK(is_valid_server_name("bank-2"));
  for (const char* name : {"", "-a", "a_b", "a__b", "Bank", "a.b", "a b", "ä"}) {
    CHECK_FALSE(is_valid_server_name(name));
  }
  CHECK_FALSE(is_valid_server_name(std::string(33, 'a')));
}

TEST_CASE("definitions keep their bytes, and only the name is replaced") {
  Tool tool = tool_of(
      R"({"title":"T", "name" : "pay.now","inputSchema":{"type":"object"},"x":null,"annotations":{"readOnlyHint":true}})");
  tool.exposed_name = "bank__pay";
  CHECK(
      exposed_definition(tool) ==
      R"({"title":"T", "name" : "bank__pay","inputSchema":{"type":"object"},"x":null,"annotations":{"readOnlyHint":true}})");
  CHECK(tool.annotations.read_only_hint);
  CHECK(tool.annotations.destructive_hint);
  CHECK(tool.input_schema != nullptr);
}

TEST_CASE("a schema that cannot be used is reported, not skipped") {
  const Tool tool =
      tool_of(R"({"name":"a","inputSchema":{"$ref":"https://example.com/schema.json"}})");
  CHECK(tool.input_schema == nullptr);
  CHECK(tool.schema_problem != "");
  CHECK(tool_of(R"({"name":"a"})").schema_problem != "");
}

TEST_CASE("the hash sees every change of meaning and no change of spelling") {
  CHECK(tool_of(R"({"name":"a","description":"x"})").definition_hash ==
        tool_of(R"({ "description":"x", "name":"a" })").definition_hash);
  CHECK(tool_of(R"({"name":"a","description":"x"})").definition_hash !=
        tool_of(R"({"name":"a","description":"y"})").definition_hash);
  const auto lines = describe_changes(R"({"name":"a","description":"x"})",
                                      R"({"name":"a","description":"y","z":1})");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == R"(description: was "x", now "y")");
}

TEST_CASE("tools that look alike are not both listed") {
  std::vector<Tool> tools;
  for (const char* text : {R"({"name":"pay_1"})", R"({"name":"pay-l"})", R"({"name":"refund"})"}) {
    tools.push_back(tool_of(text));
  }
  CHECK(drop_ambiguous(tools).size() == 1);
  REQUIRE(tools.size() == 2);
  CHECK(tools[0].name == "pay_1");
}

TEST_CASE("names of tools that cannot be shown are refused") {
  for (const char* text : {R"({})", R"({"name":""})", R"({"name":"a\u202eb"})", R"({"name":1})"}) {
    const auto parsed = core::JsonDocument::parse(text);
    CHECK_FALSE(read_definition(parsed->root(), text));
  }
}

}  // namespace
}  // namespace preloop::catalogue
