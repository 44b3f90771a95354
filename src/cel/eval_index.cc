#include "cel/compare.h"
#include "cel/select.h"
#include "cel/steps.h"

#include <cmath>
#include <optional>

namespace preloop::cel {
namespace {

/// A list index given as any number that is whole.
std::optional<std::uint64_t> as_index(const Value& key) {
  switch (key.kind()) {
    case Kind::int_:
      return key.as_int() >= 0 ? std::optional(static_cast<std::uint64_t>(key.as_int()))
                               : std::nullopt;
    case Kind::uint_:
      return key.as_uint();
    default: {
      const double number = key.as_double();
      return number >= 0 && number < 4294967296.0 && number == std::floor(number)
                 ? std::optional(static_cast<std::uint64_t>(number))
                 : std::nullopt;
    }
  }
}

bool is_key_kind(Kind kind) {
  return kind == Kind::bool_ || kind == Kind::int_ || kind == Kind::uint_ ||
         kind == Kind::double_ || kind == Kind::string;
}

Value list_index(const Value& list, const Value& key, const Site& site) {
  if (!key.is_number()) {
    return Value::of_overload_error(list.kind(), key.kind()).with_site(&site);
  }
  const auto index = as_index(key);
  return index && *index < list.size() ? list.at(*index)
                                       : Value::of_error(ErrorCode::index_out_of_range, &site);
}

/// Absent keys and indexes are empty optionals, every other error stays one.
Value optional_index(Frame& frame, Value operand, const Value& key, const Site& site) {
  if (operand.is(Kind::optional)) {
    if (!operand.has_value()) {
      return operand;
    }
    operand = operand.optional_value();
  }
  const Value out = index_value(frame, operand, key, site);
  if (!out.is_error()) {
    return frame.make_optional(out);
  }
  return out.error_code() == ErrorCode::no_such_key ||
                 out.error_code() == ErrorCode::index_out_of_range
             ? Value::of_optional(nullptr)
             : out;
}

}  // namespace

Value index_value(Frame& frame, const Value& operand, const Value& key, const Site& site) {
  switch (operand.kind()) {
    case Kind::list:
      return list_index(operand, key, site);
    case Kind::map: {
      if (!is_key_kind(key.kind())) {
        return Value::of_error(ErrorCode::unsupported_key, &site);
      }
      Value out;
      return find_key(frame, operand, key, out) ? out
                                                : Value::of_error(ErrorCode::no_such_key, &site);
    }
    case Kind::optional:
      return optional_index(frame, operand, key, site);
    default:
      return Value::of_overload_error(operand.kind(), key.kind()).with_site(&site);
  }
}

Value eval_index(Frame& frame, const Step& step) {
  const auto& index = static_cast<const BinaryStep&>(step);
  const Value operand = frame.run(*index.left);
  if (operand.is_error()) {
    return operand;
  }
  const Value key = frame.run(*index.right);
  return key.is_error() ? key : index_value(frame, operand, key, step.site);
}

Value eval_optional_index(Frame& frame, const Step& step) {
  const auto& index = static_cast<const BinaryStep&>(step);
  const Value operand = frame.run(*index.left);
  if (operand.is_error()) {
    return operand;
  }
  const Value key = frame.run(*index.right);
  return key.is_error() ? key : optional_index(frame, operand, key, step.site);
}

Value eval_in(Frame& frame, const Step& step) {
  const auto& in = static_cast<const BinaryStep&>(step);
  const Value needle = frame.run(*in.left);
  if (needle.is_error()) {
    return needle;
  }
  const Value hay = frame.run(*in.right);
  if (hay.is_error()) {
    return hay;
  }
  if (hay.is(Kind::map)) {
    Value ignored;
    return Value::of_bool(find_key(frame, hay, needle, ignored));
  }
  if (!hay.is(Kind::list)) {
    return Value::of_overload_error(needle.kind(), hay.kind()).with_site(&step.site);
  }
  for (std::size_t i = 0; i < hay.size() && !frame.broken(); ++i) {
    if (equals(frame, needle, hay.at(i))) {
      return Value::of_bool(true);
    }
  }
  return Value::of_bool(false);
}

}  // namespace preloop::cel
