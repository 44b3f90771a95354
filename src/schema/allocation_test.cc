#include "core/json.h"
#include "schema/schema.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <string>

namespace {
thread_local std::size_t allocations = 0;
}

// The whole test binary counts; only differences are looked at. The thread sanitizer's own
// operators cannot be replaced; under it nothing is counted.
#if !__has_feature(thread_sanitizer)
void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  std::abort();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace preloop::schema {
namespace {

TEST_CASE("valid arguments are checked without allocating") {
  const auto text = core::JsonDocument::parse(R"-({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["recipient", "amount", "lines"],
    "properties": {
      "recipient": {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[a-z ]+$"},
      "amount": {"type": "number", "minimum": 0, "multipleOf": 0.01},
      "memo": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
      "kind": {"enum": ["invoice", "salary"]},
      "lines": {"type": "array", "maxItems": 10, "uniqueItems": true, "items": {"$ref": "#/$defs/line"}}
    },
    "unevaluatedProperties": false,
    "$defs": {"line": {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": false}}
  })-");
  const auto good = core::JsonDocument::parse(
      R"({"recipient": "ada lovelace", "amount": 19.99, "memo": null, "kind": "salary",
          "lines": [{"n": 1}, {"n": 2}]})");
  REQUIRE(text.has_value());
  REQUIRE(good.has_value());
  const auto schema = Schema::compile(text->root());
  REQUIRE(schema.has_value());
  CHECK(schema->validate(good->root()).valid());  // the expression builds its states once
  const std::size_t before = allocations;
  const bool valid = schema->validate(good->root()).valid();
  const std::size_t after = allocations;
  CHECK(valid);
  CHECK(after == before);
}

}  // namespace
}  // namespace preloop::schema
