// Runs files in the format of the JSON-Schema-Test-Suite: json_schema FILE...
#include "core/json.h"
#include "schema/schema.h"
#include "suite.h"

#include <span>
#include <utility>
#include <vector>

using preloop::core::Json;
using preloop::core::JsonDocument;
using preloop::core::JsonNode;
using preloop::schema::KnownDocument;
using preloop::schema::Outcome;
using preloop::schema::Schema;

namespace {

/// The documents the suite's cases refer to; its own runner serves them over HTTP.
class Remotes {
 public:
  bool load() {
    for (const std::string name : {"tree.json",
                                   "extendible-dynamic-ref.json",
                                   "detached-dynamicref.json",
                                   "detached-ref.json"}) {
      const std::string path = PRELOOP_SOURCE_DIR "/tests/suites/remotes/" + name;
      auto text = preloop::suites::read_file(path.c_str());
      if (!text) {
        return false;
      }
      files_.emplace_back("http://localhost:1234/draft2020-12/" + name, std::move(*text));
    }
    for (const auto& [uri, text] : files_) {
      documents_.push_back({uri, text});
    }
    return true;
  }
  std::span<const KnownDocument> documents() const { return documents_; }

 private:
  std::vector<std::pair<std::string, std::string>> files_;
  std::vector<KnownDocument> documents_;
};

void run_group(Json group,
               std::string_view file,
               const Remotes& remotes,
               preloop::suites::Tally& tally) {
  const auto schema = Schema::compile(group["schema"], {}, remotes.documents());
  for (const JsonNode& node : group["tests"].elements()) {
    const Json test(&node);
    const std::string name = fmt::format("{}: {}: {}",
                                         file,
                                         group["description"].as_string().value_or("?"),
                                         test["description"].as_string().value_or("?"));
    if (!schema) {
      tally.count(false, name, schema.error().message);
      continue;
    }
    const bool expected = test["valid"].as_bool().value_or(false);
    const auto validation = schema->validate(test["data"]);
    tally.count(validation.outcome == (expected ? Outcome::valid : Outcome::invalid),
                name,
                validation.problems.empty() ? "accepted" : validation.problems.front().message);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: tests/json_schema FILE...\n");
    return preloop::suites::k_usage;
  }
  Remotes remotes;
  if (!remotes.load()) {
    return preloop::suites::k_usage;
  }
  preloop::suites::Tally tally;
  for (int i = 1; i < argc; ++i) {
    const auto text = preloop::suites::read_file(argv[i]);
    if (!text) {
      return preloop::suites::k_usage;
    }
    const auto document = JsonDocument::parse(*text);
    if (!document) {
      tally.count(false, argv[i], document.error().message);
      continue;
    }
    for (const JsonNode& group : document->root().elements()) {
      run_group(Json(&group), argv[i], remotes, tally);
    }
  }
  return tally.finish();
}
