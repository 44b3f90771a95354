#include "cel/compare.h"
#include "cel/function.h"

#include <cmath>
#include <limits>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

/// The greatest (`k_sign` 1) or least (-1) of numbers of any kinds, as it was given.
template <int k_sign>
Value extreme(Frame& frame, const auto& at, std::size_t count) {
  if (count == 0) {
    return Value::of_error(ErrorCode::invalid_argument);
  }
  Value out = at(0);
  for (std::size_t i = 0; i < count && frame.spend(1); ++i) {
    const Value item = at(i);
    if (!item.is_number()) {
      return Value::of_overload_error(item.kind());
    }
    const auto order = compare_numbers(item, out);
    if (k_sign > 0 ? order > 0 : order < 0) {
      out = item;
    }
  }
  return out;
}

template <int k_sign>
Value extreme_of(Frame& frame, Args args) {
  if (args.size() == 1 && args[0].is(Kind::list)) {
    const Value list = args[0];
    return extreme<k_sign>(frame, [&](std::size_t i) { return list.at(i); }, list.size());
  }
  return extreme<k_sign>(frame, [&](std::size_t i) { return args[i]; }, args.size());
}

Value absolute(Frame&, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::int_:
      if (value.as_int() == std::numeric_limits<std::int64_t>::min()) {
        return Value::of_error(ErrorCode::overflow);
      }
      return Value::of_int(std::abs(value.as_int()));
    case Kind::uint_:
      return value;
    case Kind::double_:
      return Value::of_double(std::fabs(value.as_double()));
    default:
      return Value::of_overload_error(value.kind());
  }
}

Value sign(Frame&, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::int_:
      return Value::of_int((value.as_int() > 0) - (value.as_int() < 0));
    case Kind::uint_:
      return Value::of_uint(value.as_uint() > 0 ? 1 : 0);
    case Kind::double_: {
      const double number = value.as_double();
      return std::isnan(number)
                 ? value
                 : Value::of_double(static_cast<double>((number > 0) - (number < 0)));
    }
    default:
      return Value::of_overload_error(value.kind());
  }
}

Value square_root(Frame&, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::int_:
      return Value::of_double(std::sqrt(static_cast<double>(value.as_int())));
    case Kind::uint_:
      return Value::of_double(std::sqrt(static_cast<double>(value.as_uint())));
    case Kind::double_:
      return Value::of_double(std::sqrt(value.as_double()));
    default:
      return Value::of_overload_error(value.kind());
  }
}

constexpr std::string_view k_extreme =
    "(int...) -> int; (uint...) -> uint; (double...) -> double; (number...) -> number; "
    "(list(int)) -> int; (list(uint)) -> uint; (list(double)) -> double; (list(number)) -> number";
constexpr std::string_view k_same =
    "(int) -> int; (uint) -> uint; (double) -> double; (number) -> number";

constexpr Function k_functions[] = {
    {"math.greatest",
     CallStyle::global,
     1,
     k_any_count,
     extreme_of<1>,
     k_extreme,
     "the greatest of numbers or of a list of numbers"},
    {"math.least",
     CallStyle::global,
     1,
     k_any_count,
     extreme_of<-1>,
     k_extreme,
     "the least of numbers or of a list of numbers"},
    {"math.abs", CallStyle::global, 1, 1, absolute, k_same, "the number without its sign"},
    {"math.sign", CallStyle::global, 1, 1, sign, k_same, "-1, 0 or 1 in the number's type"},
    {"math.sqrt", CallStyle::global, 1, 1, square_root, "(number) -> double", "the square root"},
};

}  // namespace

std::span<const Function> math_functions() {
  return k_functions;
}

}  // namespace preloop::cel
