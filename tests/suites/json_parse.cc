// Runs JSON parsing cases, one JSON object a line with `name`, `expect` (accept, reject, either)
// and the document's bytes in `base64`: json_parse FILE
#include "core/json.h"
#include "core/text.h"
#include "suite.h"

using preloop::core::Json;
using preloop::core::JsonDocument;

namespace {

void run_case(Json test, preloop::suites::Tally& tally) {
  const std::string_view name = test["name"].as_string().value_or("?");
  const std::string_view expect = test["expect"].as_string().value_or("");
  const auto bytes = preloop::core::from_base64(test["base64"].as_string().value_or("?"));
  if (!bytes || (expect != "accept" && expect != "reject" && expect != "either")) {
    tally.count(false, name, "not a case: expect or base64 is missing or wrong");
    return;
  }
  const auto document = JsonDocument::parse(*bytes);
  const bool accepted = document.has_value();
  // The one deliberate difference from that suite: a key that comes twice is an error.
  const bool repeats_key =
      !accepted && document.error().message.find("duplicate key") != std::string::npos;
  tally.count(expect == "either" || repeats_key || accepted == (expect == "accept"),
              name,
              fmt::format("expected {}, was {}", expect, accepted ? "accepted" : "rejected"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: tests/json_parse FILE...\n");
    return preloop::suites::k_usage;
  }
  preloop::suites::Tally tally;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i]);
    if (!in) {
      fmt::print(stderr, "cannot read {}\n", argv[i]);
      return preloop::suites::k_usage;
    }
    for (std::string line; std::getline(in, line);) {
      if (line.empty()) {
        continue;
      }
      const auto document = JsonDocument::parse(line);
      if (document) {
        run_case(document->root(), tally);
      } else {
        tally.count(false, argv[i], document.error().message);
      }
    }
  }
  return tally.finish();
}
