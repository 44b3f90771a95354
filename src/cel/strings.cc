#include "cel/function.h"
#include "core/text.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

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

constexpr std::string_view k_size =
    "(string) -> int; (bytes) -> int; (list(A)) -> int; (map(A, B)) -> int";
constexpr std::string_view k_test = "(string, string) -> bool";

constexpr Function k_functions[] = {
    {"size", CallStyle::either, 1, 1, size_of, k_size, "code points, bytes, elements or entries"},
    {"contains",
     CallStyle::member,
     2,
     2,
     contains,
     k_test,
     "whether the text occurs in the string"},
    {"startsWith", CallStyle::member, 2, 2, starts_with, k_test, "whether the string begins so"},
    {"endsWith", CallStyle::member, 2, 2, ends_with, k_test, "whether the string ends so"},
};

}  // namespace

std::span<const Function> string_functions() {
  return k_functions;
}

}  // namespace preloop::cel
