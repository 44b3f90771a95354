#pragma once
#include "cel/ast.h"
#include "cel/frame.h"
#include "cel/function.h"
#include "cel/regex.h"
#include "cel/value.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace preloop::cel {

// The executable form of an expression: a tree of steps in the Program's arena, immutable. The
// planner builds it from the syntax tree; each eval_*.cc runs one family of constructs. Internal.

using StepFunction = Value (*)(Frame& frame, const Step& step);

struct Step {
  StepFunction eval = nullptr;
  Site site;
};

inline Value Frame::run(const Step& step) {
  if (--steps_left_ < 0) [[unlikely]] {
    exhaust(Exhausted::steps);
    return Value::null();
  }
  return step.eval(*this, step);
}

inline Value Frame::run_condition(const Step& step) {
  const Arena::Mark mark = arena_->mark();
  const std::int64_t bytes_left = bytes_left_;
  const Value out = run(step);
  arena_->release(mark);
  bytes_left_ = exhausted_ == Exhausted::bytes ? bytes_left_ : bytes_left;
  return out.is(Kind::bool_) || out.is_error() ? out : Value::of_error(ErrorCode::not_a_bool);
}

// eval_name.cc
struct ConstantStep : Step {
  Value value;
};
struct LocalStep : Step {
  std::uint32_t slot = 0;
};
struct VariableStep : Step {
  std::uint32_t hint = 0;  ///< index among the declared variables
};
/// One reading of `a.b.c` when names are resolved at run time: a variable (or type) `name` and
/// then the fields.
struct NameReading {
  std::string_view name;
  std::span<const std::string_view> fields;
  const Value* type = nullptr;  ///< when the name is a type's
};
struct NameStep : Step {
  std::span<const NameReading> readings;  ///< the first whose variable exists wins
};
Value eval_constant(Frame& frame, const Step& step);
Value eval_local(Frame& frame, const Step& step);
Value eval_variable(Frame& frame, const Step& step);
Value eval_name(Frame& frame, const Step& step);

// eval_select.cc
struct SelectStep : Step {
  const Step* operand = nullptr;
};
Value eval_select(Frame& frame, const Step& step);
Value eval_optional_select(Frame& frame, const Step& step);
Value eval_has(Frame& frame, const Step& step);

struct BinaryStep : Step {
  const Step* left = nullptr;
  const Step* right = nullptr;
};
// eval_index.cc
Value eval_index(Frame& frame, const Step& step);
Value eval_optional_index(Frame& frame, const Step& step);
Value eval_in(Frame& frame, const Step& step);

// eval_compare.cc, eval_arithmetic.cc
StepFunction comparison(Operator op);
StepFunction arithmetic(Operator op);

// eval_logic.cc
struct ManyStep : Step {
  std::span<const Step* const> operands;
};
struct UnaryStep : Step {
  const Step* operand = nullptr;
};
Value eval_and(Frame& frame, const Step& step);
Value eval_or(Frame& frame, const Step& step);
Value eval_not(Frame& frame, const Step& step);
Value eval_negate(Frame& frame, const Step& step);
Value eval_conditional(Frame& frame, const Step& step);  ///< ManyStep: condition, then, else

// eval_call.cc
struct CallStep : Step {
  FunctionBody body = nullptr;
  std::span<const Step* const> args;
};
/// A call with its pattern compiled.
struct PatternStep : CallStep {
  PatternBody pattern_body = nullptr;
  const Regex* regex = nullptr;
};
struct MatchesStep : Step {
  const Step* text = nullptr;
  const Regex* regex = nullptr;
};
Value eval_call(Frame& frame, const Step& step);
Value eval_pattern_call(Frame& frame, const Step& step);
Value eval_unknown_function(Frame& frame, const Step& step);
Value eval_matches(Frame& frame, const Step& step);
Value eval_optional_or(Frame& frame, const Step& step);        ///< BinaryStep: x.or(y)
Value eval_optional_or_value(Frame& frame, const Step& step);  ///< BinaryStep: x.orValue(y)

// eval_literal.cc
struct EntryStep {
  const Step* key = nullptr;
  const Step* value = nullptr;
  bool is_optional = false;
};
struct LiteralStep : Step {
  std::span<const EntryStep> entries;
};
Value eval_list(Frame& frame, const Step& step);
Value eval_map(Frame& frame, const Step& step);

// eval_comprehension.cc
struct ComprehensionStep : Step {
  Macro macro = Macro::all;
  const Step* range = nullptr;
  const Step* filter = nullptr;  ///< null when there is none
  const Step* result = nullptr;  ///< null when there is none
  std::uint32_t slot = 0;        ///< of the first variable
  std::uint32_t second_slot = 0;
  bool has_second = false;
};
StepFunction comprehension(Macro macro);
Value eval_sort_by(Frame& frame, const Step& step);  ///< eval_sort.cc

}  // namespace preloop::cel
