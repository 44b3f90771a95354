#include "policy/diff.h"

#include <doctest/doctest.h>

namespace preloop::policy {
namespace {

Document read(std::string_view yaml) {
  auto document = parse_document(yaml);
  REQUIRE_MESSAGE(document, document.error().message);
  return std::move(*document);
}

TEST_CASE("what changed is told by rule, in order") {
  const Document before = read(R"(version: 2
rules:
  - {tool: a, action: allow}
  - {tool: b, action: deny}
  - {tool: c, action: allow}
)");
  const Document after = read(R"(version: 2
rules:
  - {tool: a, action: allow}
  - {tool: c, action: allow}
  - {tool: d, action: deny}
defaults: {no_match: deny}
)");
  CHECK(diff(before, before).empty());
  CHECK(describe(diff(before, after)) ==
        "- rules 2: {tool: b, action: deny}\n"
        "+ rules 3: {tool: d, action: deny}\n"
        "- defaults: {unknown_tools: allow, no_match: allow, new_tools: require_approval, "
        "workflow: default}\n"
        "+ defaults: {unknown_tools: allow, no_match: deny, new_tools: require_approval, "
        "workflow: default}\n");
}

TEST_CASE("the order of rules is a difference, that of workflows and servers is not") {
  const Document one = read(R"(version: 2
servers:
  - {name: x, transport: streamable_http, url: "https://x.example/mcp"}
  - {name: y, transport: streamable_http, url: "https://y.example/mcp"}
workflows: [{name: p}, {name: q}]
rules: [{tool: a, action: allow}, {tool: a, action: deny}]
)");
  Document other = one;
  std::swap(other.workflows[0], other.workflows[1]);
  std::swap((*other.servers)[0], (*other.servers)[1]);
  CHECK(diff(one, other).empty());
  std::swap(other.rules[0], other.rules[1]);
  CHECK_FALSE(diff(one, other).empty());
}

TEST_CASE("a document without servers changes none") {
  Document current = read("version: 2\nservers:\n  - {name: x, transport: stdio, command: x}\n");
  Document wanted = current;
  wanted.servers.reset();
  CHECK(diff(current, wanted).empty());
  wanted.servers.emplace();
  const auto changes = diff(current, wanted);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == Change::Kind::removed);
  CHECK(changes[0].name == "x");
}

TEST_CASE("an empty scope is not the same as none") {
  const Document none = read("version: 2\n");
  const Document empty = read("version: 2\nscopes: {agents: {ci: {rules: []}}}\n");
  CHECK(describe(diff(none, empty)) == "+ scopes.agents.ci: {rules: []}\n");
  CHECK(describe(diff(empty, none)) == "- scopes.agents.ci: {rules: []}\n");
}

TEST_CASE("long lists that differ everywhere are compared within bounds") {
  Document one, other;
  for (int i = 0; i < 5'000; ++i) {
    one.rules.push_back({.tool = "a" + std::to_string(i)});
    other.rules.push_back({.tool = "b" + std::to_string(i)});
  }
  CHECK(diff(one, other).size() == 5'000);
}

}  // namespace
}  // namespace preloop::policy
