#include "cel/code_points.h"
#include "cel/collected.h"
#include "cel/function.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

/// The pieces between separators, the rest unsplit in the last of `limit`; an empty separator
/// splits into characters.
bool split_into(Collected<Value>& out,
                std::string_view text,
                std::string_view separator,
                std::uint64_t limit) {
  while (--limit > 0) {
    const std::size_t found = separator.empty()
                                  ? (text.empty() ? 0 : utf8_sequence_length(text.front()))
                                  : text.find(separator);
    if (found == std::string_view::npos || (separator.empty() && found >= text.size())) {
      break;
    }
    if (!out.add(Value::of_string(text.substr(0, found)))) {
      return false;
    }
    text.remove_prefix(found + separator.size());
  }
  return (separator.empty() && text.empty()) || out.add(Value::of_string(text));
}

Value split(Frame& frame, Args args) {
  const bool has_limit = args.size() == 3;
  if (!args[0].is(Kind::string) || !args[1].is(Kind::string) ||
      (has_limit && !args[2].is(Kind::int_))) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  const std::int64_t limit = has_limit ? args[2].as_int() : -1;
  Collected<Value> out(frame);
  if (limit == 0 || !spend_walk(frame, args[0]) ||
      !frame.spend_bytes_read(args[0].size() * (1 + args[1].size() / 64))) {
    return Value::of_list({});
  }
  // A negative limit becomes one that is never reached.
  split_into(out, args[0].as_text(), args[1].as_text(), static_cast<std::uint64_t>(limit));
  return Value::of_list(out.items());
}

Value join(Frame& frame, Args args) {
  const bool has_separator = args.size() == 2;
  if (!args[0].is(Kind::list) || (has_separator && !args[1].is(Kind::string))) {
    return Value::of_overload_error(args[0].kind());
  }
  const std::string_view separator = has_separator ? args[1].as_text() : std::string_view();
  std::size_t size = 0;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value item = args[0].at(i);
    if (!item.is(Kind::string)) {
      return Value::of_overload_error(args[0].kind(), item.kind());
    }
    size += item.size() + (i == 0 ? 0 : separator.size());
    if (!frame.spend(1)) {
      return Value::null();
    }
  }
  char* const to = frame.spend_bytes_read(size) ? frame.allocate<char>(size) : nullptr;
  if (to == nullptr) {
    return Value::null();
  }
  char* at = to;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    at = std::ranges::copy(i == 0 ? std::string_view() : separator, at).out;
    at = std::ranges::copy(args[0].at(i).as_text(), at).out;
  }
  return Value::of_string({to, size});
}

constexpr Function k_functions[] = {
    {"split",
     CallStyle::member,
     2,
     3,
     split,
     "(string, string) -> list(string); (string, string, int) -> list(string)",
     "the pieces between separators, at most so many; '' splits into characters"},
    {"join",
     CallStyle::member,
     1,
     2,
     join,
     "(list(string)) -> string; (list(string), string) -> string",
     "the strings of a list one after the other, with a separator"},
};

}  // namespace

std::span<const Function> string_list_functions() {
  return k_functions;
}

}  // namespace preloop::cel
