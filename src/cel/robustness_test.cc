#include "cel/evaluate.h"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace preloop::cel {
namespace {

constexpr std::array<std::string_view, 2> k_variables = {"args", "now"};

/// The expressions of all case files.
std::vector<std::string> corpus() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(PRELOOP_SOURCE_DIR "/tests/cel")) {
    if (entry.path().extension() != ".cases") {
      continue;
    }
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (const std::size_t arrow = line.rfind(" ==> "); arrow != std::string::npos) {
        out.push_back(line.substr(0, arrow));
      }
    }
  }
  std::ranges::sort(out);  // the directory's order is nobody's promise
  return out;
}

/// Compiles and runs what was made of the corpus; the point is that nothing but an answer happens.
void survive(const std::string& source, const core::JsonDocument& document) {
  for (const UnknownNames names : {UnknownNames::reject, UnknownNames::at_run_time}) {
    const auto program = compile(source, {.variables = k_variables, .unknown_names = names});
    if (!program) {
      REQUIRE(program.error().code == core::Code::invalid_argument);
      continue;
    }
    const std::array bindings = {Binding{"args", Value::of_json(document.root())},
                                 Binding{"now", Value::of_timestamp({})}};
    Arena arena;
    const Evaluation out = evaluate(*program, {bindings}, arena, {.steps = 5'000});
    if (!out.completed() || out.value.is_error()) {
      REQUIRE(!to_error(out).message.empty());
    } else {
      REQUIRE(!to_text(out.value).empty());
    }
  }
}

TEST_CASE("damaged expressions are refused or answered") {
  const std::vector<std::string> sources = corpus();
  REQUIRE(sources.size() > 300);
  const auto document = core::JsonDocument::parse(
      R"({"amount":1500,"a":{"b":1},"n":null,"list":[10,20],"items":[{"price":5}],"x":1})");
  constexpr std::string_view k_pieces = "()[]{}.,:?!-+*/%<>=&|'\"`\\abrux019 \n\xc3\xa9";
  std::mt19937 random(20260301);
  const auto pick = [&](std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
  };
  for (int round = 0; round < 4'000; ++round) {
    std::string source = sources[pick(sources.size())];
    for (std::size_t change = pick(4) + 1; change > 0; --change) {
      const std::size_t at = pick(source.size() + 1);
      switch (pick(4)) {
        case 0:
          source.insert(at, 1, k_pieces[pick(k_pieces.size())]);
          break;
        case 1:
          source.erase(at, pick(3) + 1);
          break;
        case 2:
          source += source.substr(0, at);
          break;
        default: {
          const std::string& other = sources[pick(sources.size())];
          source.insert(at, other.substr(pick(other.size() + 1)));
        }
      }
    }
    CAPTURE(source);
    survive(source, *document);
  }
}

TEST_CASE("every cut of every expression is refused or answered") {
  const auto document = core::JsonDocument::parse(R"({"list":[1]})");
  for (const std::string& source : corpus()) {
    for (std::size_t length = 0; length < source.size(); length += 3) {
      const std::string cut = source.substr(0, length);
      CAPTURE(cut);
      survive(cut, *document);
    }
  }
}

}  // namespace
}  // namespace preloop::cel
