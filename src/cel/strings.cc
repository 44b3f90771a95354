#include "cel/function.h"
#include "cel/regex.h"
#include "core/text.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

/// Longest pattern that is compiled while evaluating; a literal one is compiled with the rule.
constexpr std::size_t k_max_dynamic_pattern = 256;
/// Steps of compiling one: up to half a millisecond, and heap memory.
constexpr std::size_t k_compile_cost = 10'000;

Value size_of(Frame& frame, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::string:
      frame.spend_bytes_read(value.size());
      return Value::of_int(static_cast<std::int64_t>(core::utf8_length(value.as_text())));
    case Kind::bytes:
    case Kind::list:
    case Kind::map:
      return Value::of_int(static_cast<std::int64_t>(value.size()));
    default:
      return Value::of_overload_error(value.kind());
  }
}

bool are_strings(Args args) {
  return args[0].is(Kind::string) && args[1].is(Kind::string);
}

Value no_overload(Args args) {
  return Value::of_overload_error(args[0].kind(), args[1].kind());
}

Value contains(Frame& frame, Args args) {
  if (!are_strings(args)) {
    return no_overload(args);
  }
  // The library's search is the plain one, whose worst case is the product of the lengths.
  const std::size_t cost = args[0].size() * (1 + args[1].size() / 64);
  return Value::of_bool(frame.spend_bytes_read(cost) &&
                        args[0].as_text().find(args[1].as_text()) != std::string_view::npos);
}

Value starts_with(Frame& frame, Args args) {
  if (!are_strings(args)) {
    return no_overload(args);
  }
  return Value::of_bool(frame.spend_bytes_read(args[1].size()) &&
                        args[0].as_text().starts_with(args[1].as_text()));
}

Value ends_with(Frame& frame, Args args) {
  if (!are_strings(args)) {
    return no_overload(args);
  }
  return Value::of_bool(frame.spend_bytes_read(args[1].size()) &&
                        args[0].as_text().ends_with(args[1].as_text()));
}

Value matches(Frame& frame, Args args) {
  if (!are_strings(args)) {
    return no_overload(args);
  }
  if (args[1].size() > k_max_dynamic_pattern) {
    return Value::of_error(ErrorCode::invalid_regex);
  }
  if (!frame.spend(k_compile_cost)) {
    return Value::null();
  }
  const auto regex = Regex::compile(args[1].as_text(), Regex::Origin::computed);
  if (!regex) {
    return Value::of_error(ErrorCode::invalid_regex);
  }
  return Value::of_bool(frame.spend((*regex)->search_cost(args[0].size())) &&
                        (*regex)->search(args[0].as_text()));
}

constexpr Function k_functions[] = {
    {"size", CallStyle::either, 1, 1, size_of, "code points, bytes, elements or entries"},
    {"contains", CallStyle::member, 2, 2, contains, "whether the text occurs in the string"},
    {"startsWith", CallStyle::member, 2, 2, starts_with, "whether the string begins so"},
    {"endsWith", CallStyle::member, 2, 2, ends_with, "whether the string ends so"},
    {"matches",
     CallStyle::either,
     2,
     2,
     matches,
     "whether an RE2 pattern occurs anywhere in the string; anchor it with ^ and $"},
};

}  // namespace

std::span<const Function> string_functions() {
  return k_functions;
}

}  // namespace preloop::cel
