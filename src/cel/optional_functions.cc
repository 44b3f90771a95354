#include "cel/collected.h"
#include "cel/function.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

/// What a type is without anything in it: 0, "", [], null, a duration of 0.
bool is_zero(const Value& value) {
  switch (value.kind()) {
    case Kind::null_type:
      return true;
    case Kind::bool_:
      return !value.as_bool();
    case Kind::int_:
    case Kind::duration:
      return value.as_int() == 0;
    case Kind::uint_:
      return value.as_uint() == 0;
    case Kind::double_:
      return value.as_double() == 0;
    case Kind::string:
    case Kind::bytes:
    case Kind::list:
    case Kind::map:
      return value.size() == 0;
    case Kind::timestamp:
      return value.as_timestamp() == Timestamp{};
    case Kind::optional:
      return !value.has_value();
    default:
      return false;
  }
}

Value make(Frame& frame, Args args) {
  return frame.make_optional(args[0]);
}
Value none(Frame&, Args) {
  return Value::of_optional(nullptr);
}
Value make_non_zero(Frame& frame, Args args) {
  return is_zero(args[0]) ? Value::of_optional(nullptr) : frame.make_optional(args[0]);
}

Value has_value(Frame&, Args args) {
  return args[0].is(Kind::optional) ? Value::of_bool(args[0].has_value())
                                    : Value::of_overload_error(args[0].kind());
}

Value value(Frame&, Args args) {
  if (!args[0].is(Kind::optional)) {
    return Value::of_overload_error(args[0].kind());
  }
  return args[0].has_value() ? args[0].optional_value() : Value::of_error(ErrorCode::no_value);
}

/// The values of the optionals in a list that have one.
Value unwrap(Frame& frame, Args args) {
  if (!args[0].is(Kind::list)) {
    return Value::of_overload_error(args[0].kind());
  }
  Collected<Value> out(frame);
  for (std::size_t i = 0; i < args[0].size() && frame.spend(1); ++i) {
    const Value item = args[0].at(i);
    if (!item.is(Kind::optional)) {
      return Value::of_overload_error(args[0].kind(), item.kind());
    }
    if (item.has_value() && !out.add(item.optional_value())) {
      break;
    }
  }
  return Value::of_list(out.items());
}

constexpr std::string_view k_unwrap = "(list(optional_type(A))) -> list(A)";

constexpr Function k_functions[] = {
    {"optional.of",
     CallStyle::global,
     1,
     1,
     make,
     "(A) -> optional_type(A)",
     "an optional with this value"},
    {"optional.none",
     CallStyle::global,
     0,
     0,
     none,
     "() -> optional_type(A)",
     "an optional without a value"},
    {"optional.ofNonZeroValue",
     CallStyle::global,
     1,
     1,
     make_non_zero,
     "(A) -> optional_type(A)",
     "an optional that is empty for 0, '', [], null and the like"},
    {"hasValue",
     CallStyle::member,
     1,
     1,
     has_value,
     "(optional_type(A)) -> bool",
     "whether the optional has a value"},
    {"value",
     CallStyle::member,
     1,
     1,
     value,
     "(optional_type(A)) -> A",
     "the optional's value, or an error"},
    {"optional.unwrap",
     CallStyle::global,
     1,
     1,
     unwrap,
     k_unwrap,
     "the values of the optionals in a list that have one"},
    {"unwrapOpt", CallStyle::member, 1, 1, unwrap, k_unwrap, "the same, as a method"},
};

}  // namespace

std::span<const Function> optional_functions() {
  return k_functions;
}

}  // namespace preloop::cel
