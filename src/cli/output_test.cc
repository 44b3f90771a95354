#include "cli/output.h"

#include <doctest/doctest.h>

namespace preloop::cli {
namespace {

TEST_CASE("YAML output reads back as the same values") {
  const auto document = core::JsonDocument::parse(
      R"({"a":1,"list":[{"x":"word","z":[1,2]},"s"],"empty":[],"none":null,"t":"true"})");
  REQUIRE(document);
  CHECK(to_yaml(document->root()) ==
        "a: 1\nlist:\n  - x: word\n    z:\n      - 1\n      - 2\n  - s\nempty: []\nnone: null\nt: "
        "\"true\"");
}

}  // namespace
}  // namespace preloop::cli
