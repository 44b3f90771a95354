#include "policy/compiled.h"
#include "policy/diff.h"
#include "policy/merge.h"
#include "policy/testing/random_document.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace preloop::policy {
namespace {

constexpr std::uint64_t k_seeds = 400;

Document read(const std::string& yaml) {
  auto document = parse_document(yaml);
  REQUIRE_MESSAGE(document, document.error().message << "\n" << yaml);
  return std::move(*document);
}

TEST_CASE("whatever a document says, what is written reads back as the same and compiles") {
  for (std::uint64_t seed = 0; seed < k_seeds; ++seed) {
    CAPTURE(seed);
    const Document document = testing::random_document(seed);
    const std::string written = write_document(document);
    const Document again = read(written);
    CHECK(again == document);
    CHECK(write_document(again) == written);
    const auto compiled = CompiledPolicy::compile(again);
    CHECK_MESSAGE(compiled, compiled.error().message << "\n" << written);
  }
}

TEST_CASE("applying an export changes nothing, pruned or not") {
  for (std::uint64_t seed = 0; seed < k_seeds; ++seed) {
    CAPTURE(seed);
    const Document current = testing::random_document(seed);
    for (const Prune prune : {Prune::no, Prune::yes}) {
      const Document merged = merge(current, read(write_document(current)), prune);
      CHECK(diff(current, merged).empty());
      CHECK(write_document(merged) == write_document(current));
    }
  }
}

TEST_CASE(
    "the difference is empty exactly when nothing changes, and pruning reaches the document") {
  for (std::uint64_t seed = 0; seed < k_seeds; ++seed) {
    CAPTURE(seed);
    Document current = testing::random_document(seed);
    current.servers = current.servers.value_or(std::vector<catalogue::ServerConfig>());
    Document wanted = read(write_document(testing::random_document(seed + k_seeds)));
    const Document pruned = merge(current, wanted, Prune::yes);
    CHECK(pruned == wanted);
    const Document merged = merge(current, wanted, Prune::no);
    Document comparable = merged;
    comparable.servers = merged.servers ? merged.servers : current.servers;
    CHECK(diff(current, merged).empty() == (comparable == current));
    // Doing it twice is doing it once.
    CHECK(merge(comparable, wanted, Prune::no) == merged);
    for (const Change& change : diff(current, merged)) {
      CHECK(change.before != change.after);
      // Without pruning only members of ordered lists go.
      const bool is_list = change.section == "rules" || change.section == "tests" ||
                           change.section.starts_with("scopes.") || change.section == "tools";
      CHECK((change.kind != Change::Kind::removed || is_list || change.section == "metadata"));
    }
    CHECK(kept(current, wanted).empty() ==
          diff(merged, merge(current, wanted, Prune::yes)).empty());
  }
}

TEST_CASE("what is left out stays, what is named is replaced") {
  const Document current = read(R"(version: 2
teams: {sre: [a@b.c]}
workflows: [{name: old}, {name: both, quorum: 2}]
rules: [{tool: pay, action: deny}]
tools: [{name: pay, enabled: false}]
scopes: {agents: {ci: {rules: [{tool: pay, action: deny}]}}}
defaults: {no_match: deny}
)");
  const Document wanted = read("version: 2\nworkflows: [{name: both, quorum: 3}, {name: new}]\n");
  CHECK(describe(diff(current, merge(current, wanted, Prune::no))) ==
        "- workflows both: {name: both, quorum: 2}\n"
        "+ workflows both: {name: both, quorum: 3}\n"
        "+ workflows new: {name: new}\n");
  const auto kept_names = kept(current, wanted);
  CHECK(std::ranges::find(kept_names, "workflows old") != kept_names.end());
  CHECK(std::ranges::find(kept_names, "scopes.agents.ci 1") != kept_names.end());
  const Document pruned = merge(current, wanted, Prune::yes);
  CHECK(pruned.rules.empty());
  CHECK(pruned.defaults == DefaultsText());
}

}  // namespace
}  // namespace preloop::policy
