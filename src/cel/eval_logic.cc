#include "cel/steps.h"

namespace preloop::cel {
namespace {

/// && and || over their operands from the left. `decisive` ends it and hides errors before it,
/// otherwise the first error is the answer (language definition, "Logical Operators").
template <bool k_decisive>
Value logical(Frame& frame, const ManyStep& step) {
  Value problem = Value::of_bool(!k_decisive);
  for (const Step* const operand : step.operands) {
    const Value value = frame.run(*operand);
    if (value.is(Kind::bool_)) [[likely]] {
      if (value.as_bool() == k_decisive) {
        return value;
      }
    } else if (!problem.is_error()) {
      problem = value.is_error() ? value : Value::of_error(ErrorCode::not_a_bool, &step.site);
    }
  }
  return problem;
}

}  // namespace

Value eval_and(Frame& frame, const Step& step) {
  return logical<false>(frame, static_cast<const ManyStep&>(step));
}

Value eval_or(Frame& frame, const Step& step) {
  return logical<true>(frame, static_cast<const ManyStep&>(step));
}

Value eval_not(Frame& frame, const Step& step) {
  const Value value = frame.run(*static_cast<const UnaryStep&>(step).operand);
  if (value.is(Kind::bool_)) [[likely]] {
    return Value::of_bool(!value.as_bool());
  }
  return value.is_error() ? value : Value::of_error(ErrorCode::not_a_bool, &step.site);
}

Value eval_conditional(Frame& frame, const Step& step) {
  const auto& branches = static_cast<const ManyStep&>(step);
  const Value condition = frame.run(*branches.operands[0]);
  if (condition.is(Kind::bool_)) [[likely]] {
    return frame.run(*branches.operands[condition.as_bool() ? 1 : 2]);
  }
  return condition.is_error() ? condition : Value::of_error(ErrorCode::not_a_bool, &step.site);
}

}  // namespace preloop::cel
