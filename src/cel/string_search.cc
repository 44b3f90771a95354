#include "cel/code_points.h"
#include "cel/function.h"
#include "core/text.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

Value out_of_range() {
  return Value::of_error(ErrorCode::index_out_of_range);
}

/// Whether the arguments are strings, and an int at `at` when there are so many.
bool are_text_and_int(Args args, std::size_t at) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!args[i].is(i == at ? Kind::int_ : Kind::string)) {
      return false;
    }
  }
  return true;
}

Value no_overload(Args args) {
  return Value::of_overload_error(args[0].kind(), args.back().kind());
}

Value char_at(Frame& frame, Args args) {
  if (!are_text_and_int(args, 1)) {
    return no_overload(args);
  }
  const std::string_view text = args[0].as_text();
  const auto at = spend_walk(frame, args[0]) ? byte_offset(text, args[1].as_int()) : std::nullopt;
  if (!at) {
    return out_of_range();
  }
  return *at == text.size() ? Value::of_string({})
                            : Value::of_string(text.substr(*at, utf8_sequence_length(text[*at])));
}

Value substring(Frame& frame, Args args) {
  const bool has_end = args.size() == 3;
  if (!args[0].is(Kind::string) || !args[1].is(Kind::int_) ||
      (has_end && !args[2].is(Kind::int_))) {
    return no_overload(args);
  }
  if (!spend_walk(frame, args[0])) {
    return Value::null();
  }
  const std::string_view text = args[0].as_text();
  const auto start = byte_offset(text, args[1].as_int());
  const auto end = has_end ? byte_offset(text, args[2].as_int()) : std::optional(text.size());
  return start && end && *start <= *end ? Value::of_string(text.substr(*start, *end - *start))
                                        : out_of_range();
}

/// Pays for a search whose worst case is the product of the lengths.
bool spend_search(Frame& frame, Args args) {
  return spend_walk(frame, args[0]) &&
         frame.spend_bytes_read(args[0].size() * (1 + args[1].size() / 64));
}

Value position_of(std::string_view text, std::size_t found) {
  return Value::of_int(found == std::string_view::npos
                           ? -1
                           : static_cast<std::int64_t>(core::utf8_length(text.substr(0, found))));
}

Value index_of(Frame& frame, Args args) {
  if (!are_text_and_int(args, 2)) {
    return no_overload(args);
  }
  if (!spend_search(frame, args)) {
    return Value::null();
  }
  const std::string_view text = args[0].as_text();
  const auto from = args.size() == 3 ? byte_offset(text, args[2].as_int()) : std::optional(0UZ);
  return from ? position_of(text, text.find(args[1].as_text(), *from)) : out_of_range();
}

/// The position given is the last one where a match may begin.
Value last_index_of(Frame& frame, Args args) {
  if (!are_text_and_int(args, 2)) {
    return no_overload(args);
  }
  if (!spend_search(frame, args)) {
    return Value::null();
  }
  const std::string_view text = args[0].as_text();
  const auto from =
      args.size() == 3 ? byte_offset(text, args[2].as_int()) : std::optional(text.size());
  return from ? position_of(text, text.rfind(args[1].as_text(), *from)) : out_of_range();
}

constexpr Function k_functions[] = {
    {"charAt",
     CallStyle::member,
     2,
     2,
     char_at,
     "(string, int) -> string",
     "the character at a position; '' at the end, an error beyond"},
    {"substring",
     CallStyle::member,
     2,
     3,
     substring,
     "(string, int) -> string; (string, int, int) -> string",
     "from a position to the end, or up to and without a second one"},
    {"indexOf",
     CallStyle::member,
     2,
     3,
     index_of,
     "(string, string) -> int; (string, string, int) -> int",
     "the first position of a text, from a position on; -1 when it does not occur"},
    {"lastIndexOf",
     CallStyle::member,
     2,
     3,
     last_index_of,
     "(string, string) -> int; (string, string, int) -> int",
     "the last position of a text, at or before a position; -1 when it does not occur"},
};

}  // namespace

std::span<const Function> string_search_functions() {
  return k_functions;
}

}  // namespace preloop::cel
