#include "cel/testing/conformance.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace preloop::cel {
namespace {

const std::string k_data = PRELOOP_SOURCE_DIR "/../shared/data/cel/";

struct Counts {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  std::set<std::string> failures;
};

/// Runs a file of cases; false when it is not there.
bool run_file(const std::string& name, Counts& counts) {
  std::ifstream in(k_data + name + ".jsonl");
  for (std::string line; std::getline(in, line);) {
    const auto document = core::JsonDocument::parse(line);
    REQUIRE(document);
    const CaseResult result = run_case(document->root());
    switch (result.outcome) {
      case CaseResult::Outcome::passed:
        ++counts.passed;
        break;
      case CaseResult::Outcome::skipped:
        ++counts.skipped;
        break;
      case CaseResult::Outcome::failed:
        ++counts.failed;
        counts.failures.insert(result.name);
        break;
    }
  }
  return counts.passed + counts.failed + counts.skipped > 0;
}

void report(const std::string& name, const Counts& counts) {
  const std::string text = fmt::format("{}: {} passed, {} failed, {} need a type checker",
                                       name,
                                       counts.passed,
                                       counts.failed,
                                       counts.skipped);
  MESSAGE(text);
}

/// One name a line; `#` starts a comment line.
std::set<std::string> known_gaps() {
  std::set<std::string> out;
  std::ifstream in(PRELOOP_SOURCE_DIR "/tests/cel/known_gaps.txt");
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.front() != '#') {
      out.insert(line);
    }
  }
  return out;
}

TEST_CASE("every case of the specification's core files passes, when the data is at hand") {
  for (const std::string name :
       {"basic",        "comparisons",  "conversions", "dynamic",   "fields",
        "fp_math",      "integer_math", "lists",       "logic",     "macros",
        "namespace",    "parse",        "plumbing",    "string",    "timestamps",
        "bindings_ext", "encoders_ext", "macros2",     "optionals", "type_deduction"}) {
    Counts counts;
    if (!run_file(name, counts)) {
      MESSAGE("no data for " << name);
      continue;
    }
    report(name, counts);
    const std::string failures = fmt::format("{}", fmt::join(counts.failures, " "));
    CHECK_MESSAGE(counts.failed == 0, failures);
  }
}

TEST_CASE("exactly the listed cases of the extension files fail, when the data is at hand") {
  const std::set<std::string> gaps = known_gaps();
  for (const std::string name : {"string_ext", "math_ext", "network_ext"}) {
    Counts counts;
    if (!run_file(name, counts)) {
      MESSAGE("no data for " << name);
      continue;
    }
    report(name, counts);
    for (const std::string& failure : counts.failures) {
      CHECK_MESSAGE(gaps.contains(failure), failure);
    }
    for (const std::string& gap : gaps) {
      if (gap.starts_with(name + "/")) {
        CHECK_MESSAGE(counts.failures.contains(gap),
                      "passes now, take it off tests/cel/known_gaps.txt: " << gap);
      }
    }
  }
}

// The runner itself: a wrong answer must be seen.
TEST_CASE("a case with another kind of number does not pass") {
  const auto run = [](std::string text) {
    const auto document = core::JsonDocument::parse(std::move(text));
    REQUIRE(document);
    return run_case(document->root()).outcome;
  };
  CHECK(run(R"({"file":"f","section":"s","name":"n","expr":"1 + 1","bindings":{},
                "expect":{"value":{"int":"2"}}})") == CaseResult::Outcome::passed);
  CHECK(run(R"({"file":"f","section":"s","name":"n","expr":"1 + 1","bindings":{},
                "expect":{"value":{"uint":"2"}}})") == CaseResult::Outcome::failed);
  CHECK(run(R"({"file":"f","section":"s","name":"n","expr":"1 + 1","bindings":{},
                "expect":{"error":true}})") == CaseResult::Outcome::failed);
  CHECK(run(R"({"file":"f","section":"s","name":"n","expr":"1 / 0","bindings":{},
                "expect":{"value":{"int":"0"}}})") == CaseResult::Outcome::failed);
}

}  // namespace
}  // namespace preloop::cel
