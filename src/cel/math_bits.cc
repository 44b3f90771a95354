#include "cel/function.h"

#include <functional>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

template <class Operation>
Value bitwise(Frame&, Args args) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.is(Kind::int_) && b.is(Kind::int_)) {
    return Value::of_int(Operation()(a.as_int(), b.as_int()));
  }
  if (a.is(Kind::uint_) && b.is(Kind::uint_)) {
    return Value::of_uint(Operation()(a.as_uint(), b.as_uint()));
  }
  return Value::of_overload_error(a.kind(), b.kind());
}

Value complement(Frame&, Args args) {
  switch (args[0].kind()) {
    case Kind::int_:
      return Value::of_int(~args[0].as_int());
    case Kind::uint_:
      return Value::of_uint(~args[0].as_uint());
    default:
      return Value::of_overload_error(args[0].kind());
  }
}

std::uint64_t shift_left(std::uint64_t bits, std::int64_t by) {
  return by < 64 ? bits << by : 0;
}
std::uint64_t shift_right(std::uint64_t bits, std::int64_t by) {
  return by < 64 ? bits >> by : 0;
}

/// The bits move and zeros follow, also for a negative int.
template <std::uint64_t (*k_shift)(std::uint64_t, std::int64_t)>
Value shifted(Frame&, Args args) {
  if (!args[1].is(Kind::int_) || !(args[0].is(Kind::int_) || args[0].is(Kind::uint_))) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  if (args[1].as_int() < 0) {
    return Value::of_error(ErrorCode::invalid_argument);
  }
  if (args[0].is(Kind::uint_)) {
    return Value::of_uint(k_shift(args[0].as_uint(), args[1].as_int()));
  }
  const auto bits = static_cast<std::uint64_t>(args[0].as_int());
  return Value::of_int(static_cast<std::int64_t>(k_shift(bits, args[1].as_int())));
}

constexpr std::string_view k_two = "(int, int) -> int; (uint, uint) -> uint";
constexpr std::string_view k_shift = "(int, int) -> int; (uint, int) -> uint";

constexpr Function k_functions[] = {
    {"math.bitAnd", CallStyle::global, 2, 2, bitwise<std::bit_and<>>, k_two, "the bits both have"},
    {"math.bitOr", CallStyle::global, 2, 2, bitwise<std::bit_or<>>, k_two, "the bits either has"},
    {"math.bitXor",
     CallStyle::global,
     2,
     2,
     bitwise<std::bit_xor<>>,
     k_two,
     "the bits exactly one has"},
    {"math.bitNot",
     CallStyle::global,
     1,
     1,
     complement,
     "(int) -> int; (uint) -> uint",
     "every bit the other way"},
    {"math.bitShiftLeft",
     CallStyle::global,
     2,
     2,
     shifted<shift_left>,
     k_shift,
     "the bits moved up; 0 from 64 places on"},
    {"math.bitShiftRight",
     CallStyle::global,
     2,
     2,
     shifted<shift_right>,
     k_shift,
     "the bits moved down with zeros following; 0 from 64 places on"},
};

}  // namespace

std::span<const Function> bit_functions() {
  return k_functions;
}

}  // namespace preloop::cel
