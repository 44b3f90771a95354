#include "cel/compare.h"
#include "cel/steps.h"

namespace preloop::cel {
namespace {

template <Operator k_op>
bool holds(std::partial_ordering order) {
  if constexpr (k_op == Operator::less) {
    return order < 0;
  } else if constexpr (k_op == Operator::less_equals) {
    return order <= 0;
  } else if constexpr (k_op == Operator::greater) {
    return order > 0;
  } else {
    return order >= 0;
  }
}

template <Operator k_op>
Value eval_relation(Frame& frame, const Step& step) {
  const auto& binary = static_cast<const BinaryStep&>(step);
  const Value left = frame.run(*binary.left);
  if (left.is_error()) {
    return left;
  }
  const Value right = frame.run(*binary.right);
  if (right.is_error()) {
    return right;
  }
  if (left.is(Kind::int_) && right.is(Kind::int_)) [[likely]] {
    return Value::of_bool(holds<k_op>(left.as_int() <=> right.as_int()));
  }
  if (left.is(Kind::string) || left.is(Kind::bytes)) {
    frame.spend_bytes_read(left.size());
  }
  const auto found = order(left, right);
  return found ? Value::of_bool(holds<k_op>(*found))
               : Value::of_overload_error(left.kind(), right.kind()).with_site(&step.site);
}

template <bool k_wanted>
Value eval_equality(Frame& frame, const Step& step) {
  const auto& binary = static_cast<const BinaryStep&>(step);
  const Value left = frame.run(*binary.left);
  if (left.is_error()) {
    return left;
  }
  const Value right = frame.run(*binary.right);
  return right.is_error() ? right : Value::of_bool(equals(frame, left, right) == k_wanted);
}

}  // namespace

StepFunction comparison(Operator op) {
  switch (op) {
    case Operator::equals:
      return eval_equality<true>;
    case Operator::not_equals:
      return eval_equality<false>;
    case Operator::less:
      return eval_relation<Operator::less>;
    case Operator::less_equals:
      return eval_relation<Operator::less_equals>;
    case Operator::greater:
      return eval_relation<Operator::greater>;
    case Operator::greater_equals:
      return eval_relation<Operator::greater_equals>;
    default:
      return nullptr;
  }
}

}  // namespace preloop::cel
