// Runs the CEL specification's cases from JSON lines: cel_conformance FILE...
#include "cel/testing/conformance.h"
#include "suite.h"

using preloop::cel::CaseResult;
using preloop::core::JsonDocument;

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: tests/cel_conformance FILE...\n");
    return preloop::suites::k_usage;
  }
  preloop::suites::Tally tally;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i]);
    if (!in) {
      fmt::print(stderr, "cannot read {}\n", argv[i]);
      return preloop::suites::k_usage;
    }
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.empty()) {
        continue;
      }
      const auto document = JsonDocument::parse(line);
      if (!document) {
        tally.count(false, fmt::format("{}:{}", argv[i], number), document.error().message);
        continue;
      }
      const CaseResult result = preloop::cel::run_case(document->root());
      tally.count(result.passed, result.name, result.detail);
    }
  }
  return tally.finish();
}
