#include "cel/steps.h"

#include <algorithm>
#include <cmath>

namespace preloop::cel {

namespace {

/// Evaluates the arguments and calls `call(args)`; the first error among them is the answer.
template <class Call>
Value with_args(Frame& frame, const CallStep& step, Call&& call) {
  const std::size_t count = step.args.size();
  // Most functions have few arguments; the array is deliberately left uninitialised.
  constexpr std::size_t k_few = 4;
  alignas(Value) std::byte few[k_few * sizeof(Value)];
  Value* const args = count <= k_few ? reinterpret_cast<Value*>(few) : frame.allocate<Value>(count);
  if (args == nullptr) {
    return Value::null();
  }
  for (std::size_t i = 0; i < count; ++i) {
    new (args + i) Value(frame.run(*step.args[i]));
    if (args[i].is_error()) {
      return args[i];
    }
  }
  if (frame.broken()) {
    return Value::null();
  }
  const std::span<const Value> given(args, count);
  const Value out = call(given);
  if (!out.is_error()) [[likely]] {
    return out;
  }
  // An integer of a JSON document that int cannot hold is out of range, not of a wrong type.
  const bool beyond_int = std::ranges::any_of(given, [](const Value& arg) {
    return arg.is_number() && arg.is_json_number() &&
           (arg.is(Kind::uint_) ||
            (arg.is(Kind::double_) && arg.as_double() == std::trunc(arg.as_double())));
  });
  return beyond_int && out.error_code() == ErrorCode::no_such_overload
             ? Value::of_error(ErrorCode::out_of_range, &step.site)
             : out.with_site(&step.site);
}

}  // namespace

Value eval_call(Frame& frame, const Step& step) {
  const auto& call = static_cast<const CallStep&>(step);
  return with_args(
      frame, call, [&](std::span<const Value> args) { return call.body(frame, args); });
}

Value eval_pattern_call(Frame& frame, const Step& step) {
  const auto& call = static_cast<const PatternStep&>(step);
  return with_args(frame, call, [&](std::span<const Value> args) {
    return call.pattern_body(frame, *call.regex, args);
  });
}

Value eval_unknown_function(Frame&, const Step& step) {
  return Value::of_error(ErrorCode::unknown_function, &step.site);
}

Value eval_matches(Frame& frame, const Step& step) {
  const auto& matches = static_cast<const MatchesStep&>(step);
  const Value text = frame.run(*matches.text);
  if (text.is(Kind::string)) [[likely]] {
    return Value::of_bool(frame.spend(matches.regex->search_cost(text.size())) &&
                          matches.regex->search(text.as_text()));
  }
  return text.is_error()
             ? text
             : Value::of_overload_error(text.kind(), Kind::string).with_site(&step.site);
}

Value eval_optional_or(Frame& frame, const Step& step) {
  const auto& binary = static_cast<const BinaryStep&>(step);
  const Value left = frame.run(*binary.left);
  if (left.is_error() || (left.is(Kind::optional) && left.has_value())) {
    return left;
  }
  if (!left.is(Kind::optional)) {
    return Value::of_overload_error(left.kind()).with_site(&step.site);
  }
  const Value right = frame.run(*binary.right);
  return right.is_error() || right.is(Kind::optional)
             ? right
             : Value::of_overload_error(left.kind(), right.kind()).with_site(&step.site);
}

Value eval_optional_or_value(Frame& frame, const Step& step) {
  const auto& binary = static_cast<const BinaryStep&>(step);
  const Value left = frame.run(*binary.left);
  if (left.is_error()) {
    return left;
  }
  if (!left.is(Kind::optional)) {
    return Value::of_overload_error(left.kind()).with_site(&step.site);
  }
  return left.has_value() ? left.optional_value() : frame.run(*binary.right);
}

}  // namespace preloop::cel
