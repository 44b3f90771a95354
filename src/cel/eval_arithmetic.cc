#include "cel/steps.h"
#include "cel/time.h"

#include <cmath>
#include <limits>

namespace preloop::cel {
namespace {

Value overflow() {
  return Value::of_error(ErrorCode::overflow);
}

Value of_duration_sum(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? overflow() : Value::of_duration(out);
}

Value of_time(std::optional<Timestamp> value) {
  return value ? Value::of_timestamp(*value) : overflow();
}

Value concatenate_text(Frame& frame, const Value& a, const Value& b) {
  char* const to = frame.allocate<char>(a.size() + b.size());
  if (to == nullptr || !frame.spend_bytes_read(a.size() + b.size())) {
    return Value::null();
  }
  std::copy(a.as_text().begin(), a.as_text().end(), to);
  std::copy(b.as_text().begin(), b.as_text().end(), to + a.size());
  const std::string_view text(to, a.size() + b.size());
  return a.is(Kind::string) ? Value::of_string(text) : Value::of_bytes(text);
}

Value concatenate_lists(Frame& frame, const Value& a, const Value& b) {
  const std::size_t size = a.size() + b.size();
  Value* const to = frame.allocate<Value>(size);
  if (to == nullptr || !frame.spend(size / 4)) {
    return Value::null();
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    to[i] = a.at(i);
  }
  for (std::size_t i = 0; i < b.size(); ++i) {
    to[a.size() + i] = b.at(i);
  }
  return Value::of_list({to, size});
}

Value add_values(Frame& frame, const Value& a, const Value& b) {
  if (a.is(Kind::timestamp) && b.is(Kind::duration)) {
    return of_time(add(a.as_timestamp(), b.as_duration()));
  }
  if (a.is(Kind::duration) && b.is(Kind::timestamp)) {
    return of_time(add(b.as_timestamp(), a.as_duration()));
  }
  if (a.kind() != b.kind()) {
    return Value::of_overload_error(a.kind(), b.kind());
  }
  switch (a.kind()) {
    case Kind::int_: {
      std::int64_t out = 0;
      return __builtin_add_overflow(a.as_int(), b.as_int(), &out) ? overflow() : Value::of_int(out);
    }
    case Kind::uint_: {
      std::uint64_t out = 0;
      return __builtin_add_overflow(a.as_uint(), b.as_uint(), &out) ? overflow()
                                                                    : Value::of_uint(out);
    }
    case Kind::double_:
      return Value::of_double(a.as_double() + b.as_double());
    case Kind::string:
    case Kind::bytes:
      return concatenate_text(frame, a, b);
    case Kind::list:
      return concatenate_lists(frame, a, b);
    case Kind::duration:
      return of_duration_sum(a.as_duration(), b.as_duration());
    default:
      return Value::of_overload_error(a.kind(), b.kind());
  }
}

Value subtract_duration(const Value& from, std::int64_t duration) {
  // -2^63 has no negative, so it is taken in two halves.
  if (duration == std::numeric_limits<std::int64_t>::min()) {
    const auto half = add(from.as_timestamp(), std::numeric_limits<std::int64_t>::max());
    return of_time(half ? add(*half, 1) : half);
  }
  return of_time(add(from.as_timestamp(), -duration));
}

Value subtract_values(Frame&, const Value& a, const Value& b) {
  if (a.is(Kind::timestamp) && b.is(Kind::duration)) {
    return subtract_duration(a, b.as_duration());
  }
  if (a.kind() != b.kind()) {
    return Value::of_overload_error(a.kind(), b.kind());
  }
  switch (a.kind()) {
    case Kind::int_: {
      std::int64_t out = 0;
      return __builtin_sub_overflow(a.as_int(), b.as_int(), &out) ? overflow() : Value::of_int(out);
    }
    case Kind::uint_: {
      std::uint64_t out = 0;
      return __builtin_sub_overflow(a.as_uint(), b.as_uint(), &out) ? overflow()
                                                                    : Value::of_uint(out);
    }
    case Kind::double_:
      return Value::of_double(a.as_double() - b.as_double());
    case Kind::timestamp: {
      const auto out = difference(a.as_timestamp(), b.as_timestamp());
      return out ? Value::of_duration(*out) : overflow();
    }
    case Kind::duration: {
      std::int64_t out = 0;
      return __builtin_sub_overflow(a.as_duration(), b.as_duration(), &out)
                 ? overflow()
                 : Value::of_duration(out);
    }
    default:
      return Value::of_overload_error(a.kind(), b.kind());
  }
}

Value multiply_values(Frame&, const Value& a, const Value& b) {
  if (a.kind() != b.kind()) {
    return Value::of_overload_error(a.kind(), b.kind());
  }
  switch (a.kind()) {
    case Kind::int_: {
      std::int64_t out = 0;
      return __builtin_mul_overflow(a.as_int(), b.as_int(), &out) ? overflow() : Value::of_int(out);
    }
    case Kind::uint_: {
      std::uint64_t out = 0;
      return __builtin_mul_overflow(a.as_uint(), b.as_uint(), &out) ? overflow()
                                                                    : Value::of_uint(out);
    }
    case Kind::double_:
      return Value::of_double(a.as_double() * b.as_double());
    default:
      return Value::of_overload_error(a.kind(), b.kind());
  }
}

bool quotient_overflows(std::int64_t a, std::int64_t b) {
  return a == std::numeric_limits<std::int64_t>::min() && b == -1;
}

// Division by a zero double is infinity or NaN in CEL, which is what IEEE 754 hardware does.
[[clang::no_sanitize("float-divide-by-zero")]] double divide_doubles(double a, double b) {
  return a / b;
}

Value divide_values(Frame&, const Value& a, const Value& b) {
  if (a.kind() != b.kind()) {
    return Value::of_overload_error(a.kind(), b.kind());
  }
  switch (a.kind()) {
    case Kind::int_:
      if (b.as_int() == 0) {
        return Value::of_error(ErrorCode::divide_by_zero);
      }
      return quotient_overflows(a.as_int(), b.as_int()) ? overflow()
                                                        : Value::of_int(a.as_int() / b.as_int());
    case Kind::uint_:
      return b.as_uint() == 0 ? Value::of_error(ErrorCode::divide_by_zero)
                              : Value::of_uint(a.as_uint() / b.as_uint());
    case Kind::double_:
      return Value::of_double(divide_doubles(a.as_double(), b.as_double()));
    default:
      return Value::of_overload_error(a.kind(), b.kind());
  }
}

Value modulo_values(Frame&, const Value& a, const Value& b) {
  if (a.is(Kind::int_) && b.is(Kind::int_)) {
    if (b.as_int() == 0) {
      return Value::of_error(ErrorCode::modulus_by_zero);
    }
    return quotient_overflows(a.as_int(), b.as_int()) ? overflow()
                                                      : Value::of_int(a.as_int() % b.as_int());
  }
  if (a.is(Kind::uint_) && b.is(Kind::uint_)) {
    return b.as_uint() == 0 ? Value::of_error(ErrorCode::modulus_by_zero)
                            : Value::of_uint(a.as_uint() % b.as_uint());
  }
  return Value::of_overload_error(a.kind(), b.kind());
}

/// A JSON number as the kind another operand has. What does not fit a 64-bit kind is an overflow;
/// a fraction stays what it is, which is then no matching overload.
Value adapted(const Value& number, Kind wanted) {
  switch (wanted) {
    case Kind::double_:
      return Value::of_double(number.is(Kind::int_) ? static_cast<double>(number.as_int())
                                                    : static_cast<double>(number.as_uint()));
    case Kind::int_:
      return number.is(Kind::uint_) || number.as_double() == std::trunc(number.as_double())
                 ? overflow()
                 : number;
    default:
      if (number.is(Kind::double_)) {
        return number.as_double() == std::trunc(number.as_double()) ? overflow() : number;
      }
      return number.as_int() < 0 ? overflow()
                                 : Value::of_uint(static_cast<std::uint64_t>(number.as_int()));
  }
}

/// JSON does not tell 5 from 5.0, so a number out of it takes the kind of the other operand; of two
/// such numbers the int becomes what the other is. Returns what cannot be done, or null.
Value adapt(Value& a, Value& b) {
  const bool b_yields = b.is_json_number() && (!a.is_json_number() || !b.is(Kind::double_));
  Value& yields = b_yields ? b : a;
  if (!yields.is_json_number()) {
    return Value::null();
  }
  yields = adapted(yields, b_yields ? a.kind() : b.kind());
  return yields.is_error() ? yields : Value::null();
}

template <Value (*k_operation)(Frame&, const Value&, const Value&)>
Value eval_arithmetic(Frame& frame, const Step& step) {
  const auto& binary = static_cast<const BinaryStep&>(step);
  Value left = frame.run(*binary.left);
  if (left.is_error()) {
    return left;
  }
  Value right = frame.run(*binary.right);
  if (right.is_error()) {
    return right;
  }
  const bool numbers = left.is_number() && right.is_number();
  const bool json = numbers && left.is_json_number() && right.is_json_number();
  if (numbers && left.kind() != right.kind()) {
    if (const Value problem = adapt(left, right); problem.is_error()) {
      return problem.with_site(&step.site);
    }
  }
  const Value out = k_operation(frame, left, right);
  if (out.is_error()) [[unlikely]] {
    return out.with_site(&step.site);
  }
  return json ? out.as_json_number() : out;
}

/// Where it comes from is not changed by a sign.
Value negated(const Value& from, Value out) {
  return from.is_json_number() ? out.as_json_number() : out;
}

}  // namespace

StepFunction arithmetic(Operator op) {
  switch (op) {
    case Operator::add:
      return eval_arithmetic<add_values>;
    case Operator::subtract:
      return eval_arithmetic<subtract_values>;
    case Operator::multiply:
      return eval_arithmetic<multiply_values>;
    case Operator::divide:
      return eval_arithmetic<divide_values>;
    case Operator::modulo:
      return eval_arithmetic<modulo_values>;
    default:
      return nullptr;
  }
}

Value eval_negate(Frame& frame, const Step& step) {
  const Value value = frame.run(*static_cast<const UnaryStep&>(step).operand);
  switch (value.kind()) {
    case Kind::int_:
      return value.as_int() == std::numeric_limits<std::int64_t>::min()
                 ? overflow().with_site(&step.site)
                 : negated(value, Value::of_int(-value.as_int()));
    case Kind::double_:
      return negated(value, Value::of_double(-value.as_double()));
    case Kind::uint_:
      // Of JSON it is an integer that int cannot hold.
      return value.is_json_number() ? overflow().with_site(&step.site)
                                    : Value::of_overload_error(value.kind()).with_site(&step.site);
    case Kind::error:
      return value;
    default:
      return Value::of_overload_error(value.kind()).with_site(&step.site);
  }
}

}  // namespace preloop::cel
