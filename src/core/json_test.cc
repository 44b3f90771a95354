#include "core/json.h"

#include "core/json_writer.h"
#include "core/text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace preloop::core {
namespace {

std::string problem(std::string text) {
  const auto parsed = JsonDocument::parse(std::move(text));
  return parsed ? "" : parsed.error().message;
}

TEST_CASE("values keep their kind and their exact integers") {
  const auto parsed = JsonDocument::parse(
      R"({"a":1,"b":18446744073709551615,"c":1.0,"d":"x\u00e9","e":[true,null],"f":-9223372036854775808})");
  REQUIRE(parsed);
  const Json root = parsed->root();
  CHECK(root["a"].as_int() == 1);
  CHECK(root["b"].as_uint() == 18446744073709551615U);
  CHECK(root["b"].as_int() == std::nullopt);
  CHECK(root["c"].is(JsonKind::number));
  CHECK(root["d"].as_string() == "xé");
  CHECK(root["e"].at(0).as_bool() == true);
  CHECK(root["e"].at(1).is_null());
  CHECK_FALSE(root["e"].at(2).exists());
  CHECK(root["f"].as_int() == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(root["g"].exists());
}

TEST_CASE("what two parsers could read differently is refused") {
  CHECK(problem(R"({"a":1,"a":2})").find("duplicate key") != std::string::npos);
  CHECK(problem(R"({"a":1,"\u0061":2})").find("duplicate key") != std::string::npos);
  CHECK(problem("18446744073709551616").find("beyond 64 bits") != std::string::npos);
  CHECK(problem("-9223372036854775809").find("beyond 64 bits") != std::string::npos);
  CHECK(problem("1e400").find("range of a double") != std::string::npos);
  CHECK(problem("1 2").find("after the document") != std::string::npos);
  CHECK(problem("\xEF\xBB\xBF{}") != "");
  CHECK(problem("\"\xff\"") != "");
  CHECK(problem(R"("\ud800")") != "");
  CHECK(problem("") != "");
  CHECK(problem(std::string(65, '[') + std::string(65, ']')).find("deeper than 64") !=
        std::string::npos);
  CHECK(problem(std::string(64, '[') + std::string(64, ']')) == "");
  CHECK(JsonDocument::parse("1e-400")->root().as_double() == 0.0);
}

TEST_CASE("many keys are checked for duplicates too, and the value count is bounded") {
  std::string text = "{";
  for (int i = 0; i < 200; ++i) {
    text += "\"k" + std::to_string(i) + "\":0,";
  }
  CHECK(problem(text + "\"last\":0}") == "");
  CHECK(problem(text + "\"k7\":0}").find("duplicate") != std::string::npos);
  CHECK_FALSE(JsonDocument::parse("[1,2,3]", {.max_values = 3}));
  CHECK(JsonDocument::parse("[1,2]", {.max_values = 3}));
}

TEST_CASE("numbers are read from their own digits") {
  // Boost.JSON 1.81's own conversion misses the last bit of such numbers.
  for (const char* text :
       {"0.12345678901234567", "9007199254740993.5", "2.2250738585072011e-308"}) {
    CHECK(JsonDocument::parse(text)->root().as_double() == std::strtod(text, nullptr));
  }
}

TEST_CASE("the writer places commas and escapes") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().field("s", "a\"\\\n\x01").field("n", 1).field("b", true).key("l");
  writer.begin_array().integer(1).begin_object().end_object().end_array();
  writer.optional_field("o", std::optional<std::string>()).end_object();
  CHECK(out == R"({"s":"a\"\\\n\u0001","n":1,"b":true,"l":[1,{}],"o":null})");
  CHECK(JsonDocument::parse(out)->root().dump() == out);
  out.clear();
  JsonWriter(out).string(
      "a\xff"
      "b");
  CHECK(out ==
        "\"a\xEF\xBF\xBD"
        "b\"");
}

TEST_CASE("numbers are printed as ECMAScript does") {
  const auto text = [](double value) {
    std::string out;
    write_number(out, value);
    return out;
  };
  CHECK(text(0.1) == "0.1");
  CHECK(text(-0.0) == "0");
  CHECK(text(1e21) == "1e+21");
  CHECK(text(1e20) == "100000000000000000000");
  CHECK(text(1.5e-7) == "1.5e-7");
  CHECK(text(0.000001) == "0.000001");
  CHECK(text(333333333.33333329) == "333333333.3333333");
  CHECK(text(4.50) == "4.5");
  CHECK(text(5e-324) == "5e-324");
}

TEST_CASE("canonical form sorts as UTF-16 and keeps 64-bit integers apart") {
  const auto canonical = [](std::string text) {
    return canonical_json(JsonDocument::parse(std::move(text))->root());
  };
  CHECK(canonical(R"({"b":1,"a":[ 1.0 , "x" ]})") == R"({"a":[1,"x"],"b":1})");
  CHECK(canonical("9007199254740993") != canonical("9007199254740992"));
  // RFC 8785, 3.2.3: U+1F600 sorts before U+FB33 because its first UTF-16 unit is D83D.
  CHECK(canonical(R"({"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3})") ==
        "{\"€\":3,\"😀\":2,\"\uFB33\":1}");
}

TEST_CASE("raw members are found without parsing again") {
  const std::string text = R"( { "a" : {"x":"}\""} , "\u0062":[1, 2], "c":-1.50 , "d":"s"})";
  CHECK(raw_member(text, "a") == R"({"x":"}\""})");
  CHECK(raw_member(text, "b") == "[1, 2]");
  CHECK(raw_member(text, "c") == "-1.50");
  CHECK(raw_member(text, "d") == "\"s\"");
  CHECK(raw_member(text, "x") == std::nullopt);
  CHECK(raw_member(R"({"a":"\\","b":"\\\"","c":"\\\\","d":7})", "d") == "7");
  CHECK(raw_member("[]", "x") == std::nullopt);
  CHECK(raw_member("{}", "x") == std::nullopt);
}

TEST_CASE("raw elements are found without parsing again") {
  const auto items = raw_elements(R"( [ {"a":[1,"]"]} , "x,\"]" ,3, [ ] ] )");
  REQUIRE(items.size() == 4);
  CHECK(items[0] == R"({"a":[1,"]"]})");
  CHECK(items[1] == R"("x,\"]")");
  CHECK(items[2] == "3");
  CHECK(items[3] == "[ ]");
  CHECK(raw_elements("[]").empty());
  CHECK(raw_elements(" [ ] ").empty());
  CHECK(raw_elements("{}").empty());
}

TEST_CASE("equality is JSON Schema's") {
  const auto equal = [](const char* a, const char* b) {
    return json_equal(JsonDocument::parse(a)->root(), JsonDocument::parse(b)->root());
  };
  CHECK(equal("1", "1.0"));
  CHECK(equal(R"({"a":1,"b":[2]})", R"({"b":[2.0],"a":1})"));
  CHECK_FALSE(equal("9007199254740993", "9007199254740992.0"));
  CHECK_FALSE(equal("1", "true"));
  CHECK_FALSE(equal("[1]", "[1,2]"));
  CHECK(equal("18446744073709551615", "18446744073709551615"));
}

TEST_CASE("builder makes documents that outlive their parts") {
  JsonBuilder builder;
  const JsonNode list[] = {builder.integer(1), builder.string(std::string("temporary"))};
  const std::pair<std::string_view, JsonNode> members[] = {{"list", builder.array(list)}};
  const JsonDocument document = builder.build(builder.object(members));
  CHECK(document.root().dump() == R"({"list":[1,"temporary"]})");
}

TEST_CASE("the JSON parsing suite, where it is beside the checkout") {
  const std::filesystem::path cases =
      std::filesystem::path(PRELOOP_SOURCE_DIR) / "../shared/data/json-parsing/cases.jsonl";
  if (!std::filesystem::exists(cases)) {
    MESSAGE("shared JSON parsing cases are not here; the cases above stand alone");
    return;
  }
  std::ifstream file(cases);
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto test = JsonDocument::parse(line);
    REQUIRE(test);
    const auto name = *test->root()["name"].as_string();
    const auto expect = *test->root()["expect"].as_string();
    if (expect == "either" || name.find("duplicated_key") != std::string_view::npos) {
      continue;
    }
    CAPTURE(name);
    const auto bytes = from_base64(*test->root()["base64"].as_string());
    REQUIRE(bytes);
    CHECK(JsonDocument::parse(*bytes).has_value() == (expect == "accept"));
  }
  CHECK(count > 100);
}

}  // namespace
}  // namespace preloop::core
