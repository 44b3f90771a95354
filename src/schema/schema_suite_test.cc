// Runs files in the format of the JSON-Schema-Test-Suite: our own, and the official cases when a
// checkout of them is beside the repository.
#include "core/json.h"
#include "schema/schema.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace preloop::schema {
namespace {

using core::Json;
using core::JsonDocument;
using core::JsonNode;

struct Totals {
  int groups = 0, cases = 0, refused = 0;
};

JsonDocument read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  auto document = JsonDocument::parse(std::move(text));
  REQUIRE_MESSAGE(document.has_value(), path.string());
  return std::move(*document);
}

/// Groups whose `$ref` names a document the suite serves over HTTP. We never fetch.
bool needs_network(Json schema) {
  const std::string text = schema.dump();
  return text.find("\"$ref\":\"tree.json\"") != text.npos ||
         text.find("\"$ref\":\"extendible-dynamic-ref.json\"") != text.npos;
}

void run_group(Json group, const std::string& file, Totals& totals) {
  ++totals.groups;
  const std::string name = file + ": " + std::string(*group["description"].as_string());
  const auto schema = Schema::compile(group["schema"]);
  if (needs_network(group["schema"])) {
    ++totals.refused;
    CHECK_MESSAGE(!schema.has_value(), name);
    CHECK_MESSAGE(schema.error().code == core::Code::unimplemented, name);
    return;
  }
  if (group["unusable"].exists()) {
    ++totals.cases;
    CHECK_MESSAGE(!schema.has_value(), name);
    return;
  }
  if (!schema) {
    FAIL_CHECK(name << ": " << schema.error().message);
    return;
  }
  for (const JsonNode& node : group["tests"].elements()) {
    const Json test(&node);
    ++totals.cases;
    const Validation validation = schema->validate(test["data"]);
    const Outcome expected = *test["valid"].as_bool() ? Outcome::valid : Outcome::invalid;
    CHECK_MESSAGE(validation.outcome == expected,
                  name << ": " << *test["description"].as_string() << ": "
                       << (validation.problems.empty() ? "" : validation.problems[0].message));
    CHECK(validation.problems.empty() == validation.valid());
  }
}

Totals run_folder(const std::filesystem::path& folder) {
  Totals totals;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") {
      const JsonDocument document = read(entry.path());
      for (const JsonNode& group : document.root().elements()) {
        run_group(Json(&group), entry.path().filename().string(), totals);
      }
    }
  }
  return totals;
}

TEST_CASE("our own schema cases") {
  const Totals totals = run_folder(PRELOOP_SOURCE_DIR "/src/schema/testdata");
  CHECK(totals.groups > 40);
}

TEST_CASE("the official draft 2020-12 cases") {
  const std::filesystem::path folder = PRELOOP_SOURCE_DIR "/../shared/data/json-schema";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("not here: " << folder.string());
    return;
  }
  const Totals totals = run_folder(folder);
  MESSAGE(totals.cases << " cases in " << totals.groups << " groups, " << totals.refused
                       << " groups refused because they need the network");
  CHECK(totals.cases > 600);
}

}  // namespace
}  // namespace preloop::schema
