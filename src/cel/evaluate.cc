#include "cel/evaluate.h"

#include "cel/program_impl.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::cel {
namespace {

std::uint64_t spent(std::uint64_t budget, std::int64_t left) {
  return left < 0 ? budget : budget - static_cast<std::uint64_t>(left);
}

}  // namespace

Evaluation evaluate(const Program& program,
                    const Activation& activation,
                    Arena& arena,
                    const Budget& budget) {
  // Deliberately uninitialised: a loop variable is written before its scope is entered.
  alignas(Value) std::byte locals[k_max_locals * sizeof(Value)];
  Frame frame(activation, arena, budget, reinterpret_cast<Value*>(locals));
  Evaluation out;
  const Value value = frame.run(*program.impl_->root);
  out.exhausted = frame.exhausted();
  out.value = out.completed() ? value : Value::null();
  out.steps = spent(budget.steps, frame.steps_left());
  out.bytes = spent(budget.bytes, frame.bytes_left());
  out.iterations = spent(budget.iterations, frame.iterations_left());
  return out;
}

core::Error to_error(const Evaluation& evaluation) {
  if (!evaluation.completed()) {
    return {core::Code::resource_exhausted,
            fmt::format("the expression used up its budget of {}", to_string(evaluation.exhausted)),
            {}};
  }
  if (!evaluation.value.is_error()) {
    return {core::Code::failed_precondition,
            fmt::format("the expression answered a value of type {}, not a bool",
                        to_string(evaluation.value.kind())),
            {}};
  }
  std::string problem = evaluation.value.error_message();
  const Site* const site = evaluation.value.error_site();
  if (site == nullptr) {
    return {core::Code::failed_precondition, std::move(problem), {}};
  }
  std::string place = fmt::format("{}:{}", site->line, site->column);
  std::string message = fmt::format("{}: {}", place, problem);
  return {core::Code::failed_precondition,
          std::move(message),
          {{std::move(place), std::move(problem)}}};
}

core::Result<bool> evaluate_bool(const Program& program,
                                 const Activation& activation,
                                 const Budget& budget) {
  Arena arena;
  const Evaluation out = evaluate(program, activation, arena, budget);
  if (!out.completed() || !out.value.is(Kind::bool_)) {
    return std::unexpected(to_error(out));
  }
  return out.value.as_bool();
}

}  // namespace preloop::cel
