#include "cel/evaluate.h"
#include "cel/time.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <optional>
#include <string>

namespace preloop::cel {
namespace {

constexpr std::array<std::string_view, 3> k_variables = {"args", "now", "tool.id"};

/// State a file's directives change.
struct Settings {
  std::optional<core::JsonDocument> args;
  UnknownNames names = UnknownNames::reject;
};

std::string answer_of(std::string_view expression, const Settings& settings) {
  const CompileOptions options{.variables = k_variables, .unknown_names = settings.names};
  const auto program = compile(expression, options);
  if (!program) {
    REQUIRE(program.error().code == core::Code::invalid_argument);
    return "refused " + program.error().message;
  }
  const Value args = settings.args ? Value::of_json(settings.args->root()) : Value::of_map({});
  const std::array bindings = {
      Binding{"args", args},
      Binding{"now", Value::of_timestamp(*parse_timestamp("2026-03-01T12:00:00Z"))},
      Binding{"tool.id", Value::of_string("t-1")},
  };
  Arena arena;
  const Evaluation out = evaluate(*program, {bindings}, arena);
  return out.completed() ? to_text(out.value)
                         : fmt::format("exhausted {}", to_string(out.exhausted));
}

/// Applies `@args` and `@names`; false when the line is no directive.
bool apply_directive(const std::string& line, Settings& settings) {
  if (line.starts_with("@args ")) {
    auto document = core::JsonDocument::parse(line.substr(6));
    REQUIRE(document);
    settings.args = std::move(*document);
    return true;
  }
  if (line.starts_with("@names ")) {
    settings.names = line == "@names run_time" ? UnknownNames::at_run_time : UnknownNames::reject;
    return true;
  }
  return false;
}

void run_file(const std::string& name) {
  std::ifstream in(PRELOOP_SOURCE_DIR "/tests/cel/" + name + ".cases");
  REQUIRE_MESSAGE(in, name);
  Settings settings;
  int cases = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#' || apply_directive(line, settings)) {
      continue;
    }
    const std::size_t arrow = line.rfind(" ==> ");
    REQUIRE_MESSAGE(arrow != std::string::npos, line);
    const std::string expected = line.substr(arrow + 5);
    std::string got = answer_of(std::string_view(line).substr(0, arrow), settings);
    if (expected.starts_with("refused ")) {
      got = got.substr(0, expected.size());
    }
    const std::string about = fmt::format("{}: {}\n  got {}", name, line, got);
    CHECK_MESSAGE(got == expected, about);
    ++cases;
  }
  REQUIRE(cases > 0);
}

TEST_CASE("literals") {
  run_file("literals");
}
TEST_CASE("operators") {
  run_file("operators");
}
TEST_CASE("logic and macros") {
  run_file("logic");
}
TEST_CASE("conversions") {
  run_file("conversions");
}
TEST_CASE("strings") {
  run_file("strings");
}
TEST_CASE("timestamps and durations") {
  run_file("time");
}
TEST_CASE("optionals") {
  run_file("optionals");
}
TEST_CASE("JSON arguments") {
  run_file("json");
}
TEST_CASE("the strings library") {
  run_file("strings_ext");
}
TEST_CASE("math") {
  run_file("math");
}
TEST_CASE("lists and sets") {
  run_file("lists_ext");
}
TEST_CASE("regex") {
  run_file("regex");
}
TEST_CASE("network") {
  run_file("network");
}
TEST_CASE("names") {
  run_file("names");
}
TEST_CASE("syntax errors") {
  run_file("syntax");
}

}  // namespace
}  // namespace preloop::cel
