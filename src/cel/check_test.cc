#include "cel/check.h"

#include "cel/schema_type.h"
#include "cel/signature.h"
#include "core/text.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <string>
#include <vector>

namespace preloop::cel {
namespace {

constexpr std::array<std::string_view, 2> k_variables = {"args", "now"};

/// "ok type" when there is nothing to say, else the findings, "severity code L:C words".
std::vector<std::string> answer_of(std::string_view expression, const TypePtr& args) {
  const auto program = compile(expression, {.variables = k_variables});
  REQUIRE_MESSAGE(program, program.error().message);
  const std::array variables = {Variable{"args", args},
                                Variable{"now", simple(TypeKind::timestamp)}};
  const Checked checked =
      check(*program, {.variables = variables, .purpose = CheckOptions::Purpose::condition});
  std::vector<std::string> out;
  out.reserve(checked.findings.size());
  for (const Finding& finding : checked.findings) {
    out.push_back(fmt::format("{} {} {}:{} {}",
                              finding.severity == Severity::error ? "error" : "warning",
                              finding.code,
                              finding.line,
                              finding.column,
                              to_string(finding)));
  }
  return out.empty() ? std::vector{fmt::format("ok {}", to_string(*checked.type))} : out;
}

/// Whether each finding begins as expected; findings are written with " || " between them.
bool fits(const std::vector<std::string>& got, std::string_view expected) {
  std::size_t i = 0;
  while (true) {
    const std::size_t bar = expected.find(" || ");
    if (i >= got.size() || !got[i++].starts_with(expected.substr(0, bar))) {
      return false;
    }
    if (bar == std::string_view::npos) {
      return i == got.size();
    }
    expected.remove_prefix(bar + 4);
  }
}

TEST_CASE("conditions are checked against a tool's schema") {
  std::ifstream in(PRELOOP_SOURCE_DIR "/tests/cel/check.cases");
  REQUIRE(in);
  TypePtr args = dyn();
  int cases = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    if (line.starts_with("@schema ")) {
      const auto schema = core::JsonDocument::parse(line.substr(8));
      REQUIRE_MESSAGE(schema, line);
      args = type_of_arguments(schema->root());
      continue;
    }
    const std::size_t arrow = line.rfind(" ==> ");
    REQUIRE_MESSAGE(arrow != std::string::npos, line);
    const auto got = answer_of(std::string_view(line).substr(0, arrow), args);
    const std::string about = fmt::format("{}\n  got {}", line, fmt::join(got, " || "));
    CHECK_MESSAGE(fits(got, std::string_view(line).substr(arrow + 5)), about);
    ++cases;
  }
  CHECK(cases > 60);
}

TEST_CASE("loops within loops within loops are refused when saved") {
  const auto program = compile("args.list.all(a, args.list.all(b, args.list.all(c, a + b > c)))",
                               {.variables = k_variables});
  REQUIRE(program);
  const auto cost_of = [&](std::string_view schema) {
    const auto document = core::JsonDocument::parse(std::string(schema));
    REQUIRE(document);
    const std::array variables = {Variable{"args", type_of_arguments(document->root())},
                                  Variable{"now", simple(TypeKind::timestamp)}};
    return check(*program, {.variables = variables});
  };
  const Checked open = cost_of(
      R"({"properties":{"list":{"type":"array","items":{"type":"integer"}}},"required":["list"]})");
  REQUIRE(open.findings.size() == 1);
  CHECK(open.findings[0].code == "cost");
  CHECK(open.cost.max > k_max_static_cost);
  const Checked closed = cost_of(
      R"({"properties":{"list":{"type":"array","maxItems":20,"items":{"type":"integer"}}},
          "required":["list"]})");
  CHECK(closed.findings.empty());
  CHECK(closed.cost.max < 200'000);
  CHECK(closed.cost.min < 10);
}

TEST_CASE("every signature of the library can be read, and names types that exist") {
  for (const Library& library : libraries()) {
    for (const Function& function : library.functions) {
      CHECK_MESSAGE(!signatures_of(function).empty(), function.name);
      for (const std::string_view one : core::split(function.signatures, ';')) {
        CHECK_MESSAGE(one.find("->") != std::string_view::npos, function.name);
      }
      CHECK_MESSAGE(!function.summary.empty(), function.name);
    }
  }
}

}  // namespace
}  // namespace preloop::cel
