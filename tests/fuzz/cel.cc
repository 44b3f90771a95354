#include "cel/evaluate.h"
#include "core/json.h"
#include "targets.h"

#include <array>
#include <string>

namespace preloop::fuzz {
namespace {

constexpr std::array<std::string_view, 2> k_variables = {"args", "now"};

const core::JsonDocument& facts() {
  static const auto document = core::JsonDocument::parse(
      R"({"amount":1500,"a":{"b":1},"n":null,"list":[10,20],"items":[{"price":5}],"x":"y"})");
  return *document;
}

}  // namespace

/// Any text is refused with a place, or runs within its budget to a value or an error; twice the
/// same.
void cel(std::string_view bytes) {
  const std::string source(bytes);
  const auto program = cel::compile(
      source, {.variables = k_variables, .unknown_names = cel::UnknownNames::at_run_time});
  if (!program) {
    check(program.error().code == core::Code::invalid_argument, "a refusal is about the source");
    return;
  }
  const std::array bindings = {cel::Binding{"args", cel::Value::of_json(facts().root())},
                               cel::Binding{"now", cel::Value::of_timestamp({})}};
  cel::Arena arena;
  const cel::Evaluation first = cel::evaluate(*program, {bindings}, arena, {.steps = 5'000});
  cel::Arena again;
  const cel::Evaluation second = cel::evaluate(*program, {bindings}, again, {.steps = 5'000});
  check(first.exhausted == second.exhausted && first.steps == second.steps, "deterministic");
  check(first.steps <= 5'000 + 1, "within its budget");
  if (!first.completed() || first.value.is_error()) {
    check(!cel::to_error(first).message.empty(), "an error says what");
  } else {
    check(cel::to_text(first.value) == cel::to_text(second.value), "the same value twice");
  }
}

}  // namespace preloop::fuzz
