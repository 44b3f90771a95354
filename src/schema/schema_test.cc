#include "schema/schema.h"

#include "core/json.h"

#include <doctest/doctest.h>

#include <string>

namespace preloop::schema {
namespace {

core::JsonDocument parse(std::string text) {
  auto document = core::JsonDocument::parse(std::move(text));
  REQUIRE(document.has_value());
  return std::move(*document);
}
Schema compile(std::string text, const CompileLimits& limits = {}) {
  const auto document = parse(std::move(text));
  auto schema = Schema::compile(document.root(), limits);
  REQUIRE_MESSAGE(schema.has_value(), schema.error().message);
  return *schema;
}
core::Error refusal(std::string text, const CompileLimits& limits = {}) {
  const auto document = parse(std::move(text));
  const auto schema = Schema::compile(document.root(), limits);
  REQUIRE(!schema.has_value());
  return schema.error();
}
Validation validate(const Schema& schema, std::string text) {
  const auto document = parse(std::move(text));
  return schema.validate(document.root());
}
std::string problems(const std::string& schema, std::string instance) {
  std::string out;
  for (const Problem& problem : validate(compile(schema), std::move(instance)).problems) {
    out += problem.instance_path + " | " + problem.schema_path + " | " + problem.message + "\n";
  }
  return out;
}

TEST_CASE("a schema outlives the document it was compiled from, and copies share it") {
  Schema copy = compile("false");
  {
    const Schema schema = compile(R"({"properties": {"n": {"enum": ["a", "b"]}}})");
    copy = schema;
  }
  CHECK(validate(copy, R"({"n": "a"})").valid());
  CHECK(!validate(copy, R"({"n": "c"})").valid());
}

TEST_CASE("the dialect is chosen by $schema") {
  CHECK(compile("{}").dialect() == Dialect::draft_2020_12);
  CHECK(compile("true").dialect() == Dialect::draft_2020_12);
  CHECK(compile(R"({"$schema": "https://json-schema.org/draft/2020-12/schema"})").dialect() ==
        Dialect::draft_2020_12);
  CHECK(compile(R"({"$schema": "http://json-schema.org/draft-07/schema#"})").dialect() ==
        Dialect::draft_07);
  CHECK(compile(R"({"$schema": "https://json-schema.org/draft-07/schema"})").dialect() ==
        Dialect::draft_07);
  const auto error = refusal(R"({"$schema": "https://json-schema.org/draft/2019-09/schema"})");
  CHECK(error.code == core::Code::unimplemented);
  CHECK(error.details.at(0).path == "/$schema");
  CHECK(refusal(R"({"$schema": 7})").code == core::Code::invalid_argument);
}

TEST_CASE("an unusable schema is an error that says where") {
  const auto error = refusal(R"-({"properties": {"a/b": {"items": {"pattern": "^(?=x)"}}}})-");
  CHECK(error.code == core::Code::unimplemented);
  CHECK(error.details.at(0).path == "/properties/a~1b/items/pattern");
  CHECK(error.message.find("\"^(?=x)\"") != std::string::npos);
  CHECK(error.message.find("look-around") != std::string::npos);

  const auto remote = refusal(R"({"properties": {"a": {"$ref": "https://example.com/s.json"}}})");
  CHECK(remote.code == core::Code::unimplemented);
  CHECK(remote.message ==
        "the schema cannot be used: /properties/a/$ref: \"https://example.com/s.json\" leads "
        "outside the schema, and references are never fetched");
  CHECK(refusal(R"("object")").code == core::Code::invalid_argument);
}

TEST_CASE("limits on the schema itself") {
  const auto limited = [](auto set) {
    CompileLimits limits;
    set(limits);
    return limits;
  };
  CHECK(refusal(R"({"enum": [1, 2, 3, 4]})", limited([](auto& l) { l.max_values = 5; })).code ==
        core::Code::resource_exhausted);
  CHECK(refusal(R"({"not": {"not": {}}})", limited([](auto& l) { l.max_depth = 2; })).code ==
        core::Code::resource_exhausted);
  CHECK(
      refusal(R"({"allOf": [{}, {}, {}]})", limited([](auto& l) { l.max_subschemas = 3; })).code ==
      core::Code::resource_exhausted);
  CHECK(refusal(R"({"allOf": [{"pattern": "a"}, {"pattern": "b"}]})",
                limited([](auto& l) { l.max_patterns = 1; }))
            .code == core::Code::resource_exhausted);
  CHECK(refusal(R"({"pattern": "aaaa"})", limited([](auto& l) { l.max_pattern_bytes = 3; })).code ==
        core::Code::resource_exhausted);
  compile(R"({"allOf": [{"pattern": "a"}, {"pattern": "a"}]})",
          limited([](auto& l) { l.max_patterns = 1; }));
}

TEST_CASE("problems are worded for the agent that has to correct them") {
  CHECK(problems(R"({"properties": {"n": {"type": "integer"}}})", R"({"n": "5"})") ==
        "/n | /properties/n/type | expected integer, got string\n");
  CHECK(problems(R"({"type": ["string", "null", "array"]})", "1.5") ==
        " | /type | expected null, string or array, got number\n");
  CHECK(problems(R"({"required": ["path", "mode"]})", "{}") ==
        " | /required | missing required property \"mode\"\n"
        " | /required | missing required property \"path\"\n");
  CHECK(problems(R"({"properties": {"a": {}, "b": {}}, "additionalProperties": false})",
                 R"({"c": 1})") ==
        "/c | /additionalProperties | this property is not allowed; known ones are \"a\", \"b\"\n");
  CHECK(problems(R"({"properties": {"m": {"enum": ["r", "w", null, 3]}}})", R"({"m": "x"})") ==
        "/m | /properties/m/enum | expected one of \"r\", \"w\", null, 3\n");
  CHECK(problems(R"({"const": {"a": 1}})", "{}") == " | /const | expected a certain object\n");
  CHECK(problems(R"({"items": {"maximum": 10}})", "[1, 20, 30]") ==
        "/1 | /items/maximum | must be at most 10\n/2 | /items/maximum | must be at most 10\n");
  CHECK(problems(R"({"minLength": 3, "pattern": "^a"})", R"("xy")") ==
        " | /minLength | expected at least 3 characters, got 2\n"
        " | /pattern | does not match the pattern \"^a\"\n");
  CHECK(problems(R"({"dependentRequired": {"card": ["address"]}})", R"({"card": 1})") ==
        " | /dependentRequired | missing required property \"address\" (because \"card\" is "
        "there)\n");
  CHECK(problems(R"({"propertyNames": {"maxLength": 2}})", R"({"abc": 1})") ==
        "/abc | /propertyNames | the property name is not allowed: expected at most 2 characters, "
        "got 3\n");
  CHECK(problems(R"({"uniqueItems": true})", "[1, 2, 1.0]") ==
        " | /uniqueItems | elements must be different, but 0 and 2 are equal\n");
  CHECK(problems(R"({"multipleOf": 0.01})", "0.001") ==
        " | /multipleOf | must be a multiple of 0.01\n");
  CHECK(problems(R"({"contains": {"type": "string"}, "minContains": 2})", R"([1, "a"])") ==
        " | /contains | expected at least 2 elements that match \"contains\", got 1\n");
  CHECK(problems("false", "1") == " |  | nothing is allowed here\n");
  CHECK(problems(R"({"$ref": "#/$defs/p", "$defs": {"p": {"type": "object"}}})", "[]") ==
        " | /$defs/p/type | expected object, got array\n");
  CHECK(problems(R"({"properties": {"a": {}}, "unevaluatedProperties": false})", R"({"b": 1})") ==
        "/b | /unevaluatedProperties | this property is not allowed\n");
}

TEST_CASE("alternatives: the one that was meant is explained") {
  CHECK(problems(R"({"anyOf": [{"type": "integer"}, {"type": "null"}]})", R"("5")") ==
        " | /anyOf | expected null or integer, got string\n");
  CHECK(problems(R"({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]})", "0") ==
        " | /anyOf/0/minimum | must be at least 1\n");
  const std::string shapes = R"({"oneOf": [
    {"properties": {"kind": {"const": "circle"}, "r": {"type": "number"}}, "required": ["kind", "r"]},
    {"properties": {"kind": {"const": "square"}, "w": {"type": "number"}}, "required": ["kind", "w"]}]})";
  CHECK(problems(shapes, R"({"kind": "square", "w": "2"})") ==
        "/w | /oneOf/1/properties/w/type | expected number, got string\n");
  CHECK(problems(shapes, R"({"kind": "line"})")
            .starts_with(" | /oneOf | matches none of 2 alternatives; 0: "));
  CHECK(problems(R"({"oneOf": [{"type": "integer"}, {"minimum": 2}]})", "3") ==
        " | /oneOf | matches alternatives 0 and 1, but must match exactly one\n");
  CHECK(problems(R"({"if": {"required": ["a"]}, "then": {"required": ["b"]}})", R"({"a": 1})") ==
        " | /then/required | missing required property \"b\"\n");
}

TEST_CASE("problems are bounded and hold nothing of the instance but names") {
  CompileLimits limits;
  limits.max_problems = 3;
  const Schema schema = compile(R"({"items": {"type": "integer"}})", limits);
  const auto many = validate(schema, R"(["secret", "secret", "secret", "secret", "secret"])");
  CHECK(many.outcome == Outcome::invalid);
  REQUIRE(many.problems.size() == 3);
  for (const Problem& problem : many.problems) {
    CHECK(problem.message.find("secret") == std::string::npos);
  }
  const Schema closed = compile(R"({"additionalProperties": false})");
  const auto long_name = validate(closed, "{\"" + std::string(100'000, 'x') + "\": 1}");
  CHECK(long_name.problems.at(0).instance_path.size() < 200);
  const auto bidi = validate(closed, "{\"a\xE2\x80\xAE/~\": 1}");
  CHECK(bidi.problems.at(0).instance_path == "/a\\u202e~1~0");
}

TEST_CASE("a validation becomes a status") {
  const Schema schema = compile(R"({"properties": {"n": {"type": "integer"}}})");
  CHECK(to_status(validate(schema, R"({"n": 1})"), "arguments").has_value());
  const auto invalid = to_status(validate(schema, R"({"n": "1"})"), "arguments");
  REQUIRE(!invalid.has_value());
  CHECK(invalid.error().code == core::Code::invalid_argument);
  CHECK(invalid.error().message == "arguments at /n: expected integer, got string");
  REQUIRE(invalid.error().details.size() == 1);
  CHECK(invalid.error().details[0].path == "/n");
}

TEST_CASE("an embedded resource may have a dialect of its own") {
  const Schema schema = compile(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$ref": "old",
    "$defs": {"old": {"$id": "old", "$schema": "http://json-schema.org/draft-07/schema#",
                      "items": [{"type": "integer"}], "additionalItems": false}}})");
  CHECK(validate(schema, "[1]").valid());
  CHECK(!validate(schema, "[1, 2]").valid());
}

}  // namespace
}  // namespace preloop::schema
