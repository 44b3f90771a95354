#include "cel/testing/conformance.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace preloop::cel {
namespace {

const std::filesystem::path k_data = PRELOOP_SOURCE_DIR "/../shared/data/cel";

TEST_CASE("every case of the specification passes, when the data is at hand") {
  if (!std::filesystem::exists(k_data)) {
    MESSAGE("not here: " << k_data.string());
    return;
  }
  int passed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(k_data)) {
    if (entry.path().extension() != ".jsonl") {
      continue;
    }
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      const auto document = core::JsonDocument::parse(line);
      REQUIRE(document);
      const CaseResult result = run_case(document->root());
      const std::string about = fmt::format("{}: {}", result.name, result.detail);
      CHECK_MESSAGE(result.passed, about);
      passed += result.passed ? 1 : 0;
    }
  }
  CHECK(passed > 1000);
}

bool run(std::string text) {
  const auto document = core::JsonDocument::parse(std::move(text));
  REQUIRE(document);
  return run_case(document->root()).passed;
}

// The runner itself: a wrong answer must be seen.
TEST_CASE("a case with another kind of number does not pass") {
  CHECK(run(R"({"file":"f","section":"s","name":"n","expr":"1 + 1","bindings":{},
                "expect":{"value":{"int":"2"}}})"));
  CHECK_FALSE(run(R"({"file":"f","section":"s","name":"n","expr":"1 + 1","bindings":{},
                      "expect":{"value":{"uint":"2"}}})"));
  CHECK_FALSE(run(R"({"file":"f","section":"s","name":"n","expr":"1 + 1","bindings":{},
                      "expect":{"error":true}})"));
  CHECK_FALSE(run(R"({"file":"f","section":"s","name":"n","expr":"1 / 0","bindings":{},
                      "expect":{"value":{"int":"0"}}})"));
}

TEST_CASE("a case with another deduced type, or one the checker refuses, does not pass") {
  CHECK(run(R"x({"file":"f","section":"s","name":"n","expr":"[1]","check_only":true,"bindings":{},
                "expect":{"deduced_type":"list(int)"}})x"));
  CHECK_FALSE(run(R"x({"file":"f","section":"s","name":"n","expr":"[1]","check_only":true,
                      "bindings":{},"expect":{"deduced_type":"list(dyn)"}})x"));
  CHECK_FALSE(run(R"x({"file":"f","section":"s","name":"n","expr":"true || 1","bindings":{},
                      "expect":{"value":{"bool":true}}})x"));
  CHECK(run(R"x({"file":"f","section":"s","name":"n","expr":"true || 1","bindings":{},
                "disable_check":true,"expect":{"value":{"bool":true}}})x"));
}

}  // namespace
}  // namespace preloop::cel
