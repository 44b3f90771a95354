#include "core/json.h"
#include "schema/schema.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <thread>
#include <vector>

// What a malicious tool server (schema) or agent (instance) may send. Answers must be bounded and
// deterministic, and never "valid" for want of an answer.

namespace preloop::schema {
namespace {

core::JsonDocument parse(std::string text, core::JsonLimits limits = {}) {
  auto document = core::JsonDocument::parse(std::move(text), limits);
  REQUIRE_MESSAGE(document.has_value(), document.error().message);
  return std::move(*document);
}
Schema compile(std::string text, const CompileLimits& limits = {}) {
  const auto document = parse(std::move(text));
  auto schema = Schema::compile(document.root(), limits);
  REQUIRE_MESSAGE(schema.has_value(), schema.error().message);
  return *schema;
}
Validation validate(const Schema& schema, std::string text, core::JsonLimits limits = {}) {
  const auto document = parse(std::move(text), limits);
  return schema.validate(document.root());
}
std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

TEST_CASE("recursion follows the instance as deep as it may be") {
  const Schema tree = compile(
      R"({"type": "object", "properties": {"c": {"$ref": "#"}}, "additionalProperties": false})");
  CHECK(validate(tree, repeated(R"({"c":)", 63) + "{}" + std::string(63, '}')).valid());
  CHECK(validate(tree, repeated(R"({"c":)", 62) + R"({"d":{}})" + std::string(62, '}')).outcome ==
        Outcome::invalid);
  core::JsonLimits deep;
  deep.max_depth = 1000;
  const auto undecided =
      validate(tree, repeated(R"({"c":)", 900) + "{}" + std::string(900, '}'), deep);
  CHECK(undecided.outcome == Outcome::undecided);
  REQUIRE(undecided.problems.size() == 1);
  CHECK(undecided.problems[0].message.find("recurses deeper") != std::string::npos);
}

TEST_CASE("a dynamic reference to itself ends undecided, also under not") {
  const Schema loop = compile(R"({"$dynamicAnchor": "a", "$dynamicRef": "#a"})");
  CHECK(validate(loop, "1").outcome == Outcome::undecided);
  const Schema negated = compile(
      R"({"not": {"$ref": "#/$defs/a"}, "$defs": {"a": {"$dynamicAnchor": "a", "$dynamicRef": "#a"}}})");
  CHECK(validate(negated, "1").outcome == Outcome::undecided);
  const auto status = to_status(validate(loop, "1"), "arguments");
  CHECK(status.error().code == core::Code::resource_exhausted);
}

TEST_CASE("a chain of thousands of references costs no stack") {
  std::string defs;
  for (int i = 0; i < 4000; ++i) {
    defs +=
        fmt::format(R"("d{}": {{"properties": {{"x": {{"$ref": "#/$defs/d{}"}}}}}},)", i, i + 1);
  }
  const Schema properties =
      compile(R"({"$ref": "#/$defs/d0", "$defs": {)" + defs + R"("d4000": {"type": "null"}}})");
  CHECK(validate(properties, R"({"x": {"x": 1}})").valid());

  std::string direct;
  for (int i = 0; i < 1500; ++i) {
    direct += fmt::format(R"("d{}": {{"$ref": "#/$defs/d{}"}},)", i, i + 1);
  }
  const Schema chain =
      compile(R"({"$ref": "#/$defs/d0", "$defs": {)" + direct + R"("d1500": {"type": "null"}}})");
  CHECK(validate(chain, "null").outcome == Outcome::undecided);
}

TEST_CASE("exponential alternatives stop at the step budget, deterministically") {
  std::string defs;
  for (int i = 0; i < 40; ++i) {
    defs += fmt::format(
        R"("d{0}": {{"anyOf": [{{"$ref": "#/$defs/d{1}"}}, {{"$ref": "#/$defs/d{1}"}}]}},)",
        i,
        i + 1);
  }
  CompileLimits limits;
  limits.max_steps = 100'000;
  const Schema schema = compile(
      R"({"$ref": "#/$defs/d0", "$defs": {)" + defs + R"("d40": {"type": "integer"}}})", limits);
  CHECK(validate(schema, "1").valid());
  const auto first = validate(schema, R"("x")");
  CHECK(first.outcome == Outcome::undecided);
  CHECK(first.problems == validate(schema, R"("x")").problems);
}

TEST_CASE("not, if, contains and oneOf never turn an exhausted budget into valid") {
  CompileLimits limits;
  limits.max_steps = 50;
  const std::string big = "[" + repeated("1,", 200) + "1]";
  for (const char* schema : {R"({"not": {"items": {"const": 1}}})",
                             R"({"if": {"items": {"const": 1}}, "else": true, "then": false})",
                             R"({"contains": {"const": 2}, "minContains": 0, "maxContains": 1})",
                             R"({"oneOf": [{"items": {"const": 1}}, true]})",
                             R"({"anyOf": [{"items": {"const": 1}}, true]})",
                             R"({"uniqueItems": true})",
                             R"({"enum": [[1]]})"}) {
    CHECK_MESSAGE(validate(compile(schema, limits), big).outcome == Outcome::undecided, schema);
  }
}

TEST_CASE("100,000 elements under uniqueItems are sorted, not compared in pairs") {
  const Schema schema = compile(R"({"uniqueItems": true})");
  core::JsonLimits limits;
  limits.max_values = 300'000;
  std::string numbers = "[", objects = "[";
  for (int i = 0; i < 100'000; ++i) {
    numbers += fmt::format("{},", i);
    if (i < 50'000) {
      objects += fmt::format(R"({{"a":{},"b":1}},)", i);
    }
  }
  CHECK(validate(schema, numbers + "-1]", limits).valid());
  CHECK(validate(schema, numbers + "99999.0]", limits).outcome == Outcome::invalid);
  CHECK(validate(schema, objects + "0]", limits).valid());
  CHECK(validate(schema, objects + R"({"b":1,"a":49999}])", limits).outcome == Outcome::invalid);
}

TEST_CASE("large objects: required, enum and unevaluatedProperties stay linear") {
  std::string members, names, defs;
  for (int i = 0; i < 20'000; ++i) {
    members += fmt::format(R"({}"k{}": {})", i == 0 ? "" : ",", i, i);
    names += fmt::format(R"({}"k{}")", i == 0 ? "" : ",", i);
  }
  const Schema required = compile(R"({"required": [)" + names + "]}");
  CHECK(validate(required, "{" + members + "}").valid());
  CHECK(validate(required, R"({"x": 1})").outcome == Outcome::invalid);
  const Schema fixed = compile(R"({"const": {)" + members + "}}");
  CHECK(validate(fixed, "{" + members + "}").valid());
  const Schema unevaluated = compile(
      R"({"anyOf": [{"patternProperties": {"^k": true}}, true], "unevaluatedProperties": false})");
  CHECK(validate(unevaluated, "{" + members + "}").valid());
  CHECK(validate(unevaluated, "{" + members + R"(, "x": 1})").outcome == Outcome::invalid);
}

TEST_CASE("patterns: exponential for a backtracking matcher, huge, too many") {
  const Schema nested = compile(R"-({"pattern": "^(a+)+$"})-");
  CHECK(validate(nested, '"' + std::string(100'000, 'a') + "!\"").outcome == Outcome::invalid);
  const auto huge = parse(R"({"pattern": "((a{1,200}){1,200}){1,200}"})");
  CHECK(!Schema::compile(huge.root()).has_value());
  const auto longer = parse(R"({"pattern": ")" + std::string(5000, 'a') + R"("})");
  CHECK(Schema::compile(longer.root()).error().code == core::Code::resource_exhausted);
  std::string many;
  for (int i = 0; i < 101; ++i) {
    many += fmt::format(R"({}"p{}": true)", i == 0 ? "" : ",", i);
  }
  const auto all = parse(R"({"patternProperties": {)" + many + "}}");
  CHECK(Schema::compile(all.root()).error().code == core::Code::resource_exhausted);
}

TEST_CASE("thousands of references through one object are not quadratic") {
  std::string defs, all;
  for (int i = 0; i < 4500; ++i) {
    defs += fmt::format(R"({}"d{}": {{}})", i == 0 ? "" : ",", i);
    all += fmt::format(R"({}{{"$ref": "#/$defs/d{}"}})", i == 0 ? "" : ",", i);
  }
  const Schema schema = compile(R"({"allOf": [)" + all + R"(], "$defs": {)" + defs + "}}");
  CHECK(validate(schema, "1").valid());
  const auto document = parse(R"({"$ref": "#/)" + std::string(5000, 'a') + R"("})");
  CHECK(!Schema::compile(document.root()).has_value());
}

TEST_CASE("the memory of all patterns together is bounded") {
  std::string all;
  for (int i = 0; i < 40; ++i) {
    all += fmt::format(
        R"({}{{"pattern": "^[\\p{{L}}\\p{{N}}]{{1,{}}}$"}})", i == 0 ? "" : ",", 60 + i);
  }
  const auto document = parse(R"({"allOf": [)" + all + "]}");
  const auto schema = Schema::compile(document.root());
  REQUIRE(!schema.has_value());
  CHECK(schema.error().code == core::Code::resource_exhausted);
}

TEST_CASE("one schema serves many threads") {
  const Schema schema = compile(
      R"({"type": "object", "properties": {"p": {"pattern": "^[a-z]+$"}}, "required": ["p"]})");
  const auto good = parse(R"({"p": "abc"})"), bad = parse(R"({"p": "ABC"})");
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  threads.reserve(right.size());
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([&, t, copy = schema] {
      for (int i = 0; i < 500; ++i) {
        right[t] += copy.validate(good.root()).valid() && !copy.validate(bad.root()).valid();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(right == std::vector<int>{500, 500, 500, 500});
}

}  // namespace
}  // namespace preloop::schema
