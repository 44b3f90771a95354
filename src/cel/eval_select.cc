#include "cel/compare.h"
#include "cel/select.h"
#include "cel/steps.h"

namespace preloop::cel {
namespace {

/// The field as an optional; `operand` is a map or an optional of one.
Value optional_field(Frame& frame, Value operand, std::string_view name, const Site& site) {
  if (operand.is(Kind::optional)) {
    if (!operand.has_value()) {
      return operand;
    }
    operand = operand.optional_value();
  }
  if (!operand.is(Kind::map)) {
    return Value::of_error(ErrorCode::no_such_key, &site);
  }
  Value out;
  return find_field(frame, operand, name, out) ? frame.make_optional(out)
                                               : Value::of_optional(nullptr);
}

}  // namespace

Value select_field(Frame& frame, const Value& operand, std::string_view name, const Site& site) {
  if (operand.is(Kind::map)) [[likely]] {
    Value out;
    return find_field(frame, operand, name, out) ? out
                                                 : Value::of_error(ErrorCode::no_such_key, &site);
  }
  if (operand.is_error()) {
    return operand;
  }
  return operand.is(Kind::optional) ? optional_field(frame, operand, name, site)
                                    : Value::of_overload_error(operand.kind()).with_site(&site);
}

Value eval_select(Frame& frame, const Step& step) {
  const Value operand = frame.run(*static_cast<const SelectStep&>(step).operand);
  return select_field(frame, operand, step.site.name, step.site);
}

Value eval_optional_select(Frame& frame, const Step& step) {
  const Value operand = frame.run(*static_cast<const SelectStep&>(step).operand);
  return operand.is_error() ? operand : optional_field(frame, operand, step.site.name, step.site);
}

Value eval_has(Frame& frame, const Step& step) {
  Value operand = frame.run(*static_cast<const SelectStep&>(step).operand);
  if (operand.is(Kind::optional)) {
    if (!operand.has_value()) {
      return Value::of_bool(false);
    }
    operand = operand.optional_value();
  }
  if (operand.is_error()) {
    return operand;
  }
  if (!operand.is(Kind::map)) {
    return Value::of_overload_error(operand.kind()).with_site(&step.site);
  }
  Value ignored;
  return Value::of_bool(find_field(frame, operand, step.site.name, ignored));
}

}  // namespace preloop::cel
