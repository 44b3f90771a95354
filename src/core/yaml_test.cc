#include "core/yaml.h"

#include <doctest/doctest.h>

namespace preloop::core {
namespace {

std::string problem(std::string_view text) {
  const auto parsed = parse_yaml(text, "p.yaml");
  return parsed ? "" : parsed.error().message;
}

TEST_CASE("documents, kinds and places") {
  const auto parsed = parse_yaml("a: 1\nlist:\n  - x\n  - \"1\"\n---\nb: {c: true, d: }\n");
  REQUIRE(parsed);
  REQUIRE(parsed->size() == 2);
  const YamlNode& first = parsed->front();
  CHECK(first.find("a")->as_int() == 1);
  const YamlNode& item = first.find("list")->elements.at(1);
  CHECK(item.text == "1");
  CHECK_FALSE(item.as_int());
  CHECK(item.place("p.yaml") == "p.yaml:4:5");
  const YamlNode* inner = parsed->back().find("b");
  CHECK(inner->find("c")->as_bool() == true);
  CHECK(inner->find("d")->is_null());
  CHECK(parse_yaml("n: 1.5")->front().find("n")->as_number() == 1.5);
}

TEST_CASE("what cannot be read says where") {
  CHECK(problem("a: 1\na: 2\n").find("p.yaml:2:1") == 0);
  CHECK(problem("a: [1\nb").find("p.yaml:") == 0);
  CHECK(problem("a: &x 1\nb: *x\n") != "");
  CHECK(problem("a: !!str 1\n") != "");
  CHECK(problem("a: \xff\n") != "");
  CHECK(problem("? [a]\n: 1\n") != "");
  CHECK(problem(std::string(40, '[') + std::string(40, ']')) != "");
}

TEST_CASE("scalars read back as the same text") {
  for (const char* text :
       {"plain", "", "true", "1", "a: b", "x\ny", "ü", "- a", "null", "No", "#c"}) {
    const auto parsed = parse_yaml("k: " + yaml_scalar(text));
    REQUIRE(parsed);
    CHECK(parsed->front().find("k")->text == text);
    CHECK_FALSE(parsed->front().find("k")->as_bool());
    CHECK_FALSE(parsed->front().find("k")->is_null());
  }
}

TEST_CASE("near names are suggested, far ones are not") {
  CHECK(nearest_name("workflw", {"workflow", "tool"}) == "workflow");
  CHECK(nearest_name("zebra", {"workflow", "tool"}) == "");
}

}  // namespace
}  // namespace preloop::core
