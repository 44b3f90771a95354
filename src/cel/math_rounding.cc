#include "cel/function.h"

#include <cmath>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

template <double (*k_round)(double)>
Value rounded(Frame&, Args args) {
  return args[0].is(Kind::double_) ? Value::of_double(k_round(args[0].as_double()))
                                   : Value::of_overload_error(args[0].kind());
}

template <bool (*k_test)(double)>
Value test(Frame&, Args args) {
  return args[0].is(Kind::double_) ? Value::of_bool(k_test(args[0].as_double()))
                                   : Value::of_overload_error(args[0].kind());
}

constexpr std::string_view k_rounding = "(double) -> double";
constexpr std::string_view k_test = "(double) -> bool";

constexpr Function k_functions[] = {
    {"math.ceil", CallStyle::global, 1, 1, rounded<std::ceil>, k_rounding, "rounded up"},
    {"math.floor", CallStyle::global, 1, 1, rounded<std::floor>, k_rounding, "rounded down"},
    {"math.round",
     CallStyle::global,
     1,
     1,
     rounded<std::round>,
     k_rounding,
     "the nearest whole number, halves away from zero"},
    {"math.trunc",
     CallStyle::global,
     1,
     1,
     rounded<std::trunc>,
     k_rounding,
     "without its fraction"},
    {"math.isNaN", CallStyle::global, 1, 1, test<std::isnan>, k_test, "whether it is not a number"},
    {"math.isInf", CallStyle::global, 1, 1, test<std::isinf>, k_test, "whether it is infinite"},
    {"math.isFinite",
     CallStyle::global,
     1,
     1,
     test<std::isfinite>,
     k_test,
     "whether it is neither infinite nor NaN"},
};

}  // namespace

std::span<const Function> rounding_functions() {
  return k_functions;
}

}  // namespace preloop::cel
