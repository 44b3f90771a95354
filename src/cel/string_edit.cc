#include "cel/code_points.h"
#include "cel/function.h"

#include <algorithm>
#include <array>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

/// A copy of an ASCII-only change, byte by byte.
template <char k_first, char k_last>
Value change_case(Frame& frame, Args args) {
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind());
  }
  const std::string_view text = args[0].as_text();
  char* const to = frame.allocate<char>(text.size());
  if (to == nullptr || !frame.spend_bytes_read(text.size())) {
    return Value::null();
  }
  std::ranges::transform(text, to, [](char c) {
    return c >= k_first && c <= k_last ? static_cast<char>(c ^ 0x20) : c;
  });
  return Value::of_string({to, text.size()});
}

/// White_Space of Unicode; zero-width characters are not among it.
bool is_space(std::string_view c) {
  static constexpr std::array<std::string_view, 19> k_wide = {"\u0085",
                                                              "\u00a0",
                                                              "\u1680",
                                                              "\u2000",
                                                              "\u2001",
                                                              "\u2002",
                                                              "\u2003",
                                                              "\u2004",
                                                              "\u2005",
                                                              "\u2006",
                                                              "\u2007",
                                                              "\u2008",
                                                              "\u2009",
                                                              "\u200a",
                                                              "\u2028",
                                                              "\u2029",
                                                              "\u202f",
                                                              "\u205f",
                                                              "\u3000"};
  return c.size() == 1 ? c[0] == ' ' || (c[0] >= '\t' && c[0] <= '\r')
                       : std::ranges::count(k_wide, c) > 0;
}

Value trim(Frame& frame, Args args) {
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind());
  }
  if (!spend_walk(frame, args[0])) {
    return Value::null();
  }
  const std::string_view text = args[0].as_text();
  std::size_t first = text.size();
  std::size_t end = 0;
  std::size_t at = 0;
  each_code_point(text, [&](std::string_view c) {
    if (!is_space(c)) {
      first = std::min(first, at);
      end = at + c.size();
    }
    at += c.size();
  });
  return Value::of_string(end == 0 ? std::string_view() : text.substr(first, end - first));
}

/// Replaces up to `limit` occurrences; an empty `from` occurs before each code point and at the
/// end.
std::string replace_text(std::string_view text,
                         std::string_view from,
                         std::string_view with,
                         std::size_t limit,
                         std::size_t max_bytes) {
  std::string out;
  std::size_t at = 0;
  while (limit-- > 0 && out.size() <= max_bytes) {
    const std::size_t found = text.find(from, at);
    if (found == std::string_view::npos) {
      break;
    }
    out += text.substr(at, found - at);
    out += with;
    at = found + from.size();
    if (from.empty()) {
      if (at >= text.size()) {
        break;
      }
      const std::size_t length = utf8_sequence_length(text[at]);
      out += text.substr(at, length);
      at += length;
    }
  }
  out += text.substr(at);
  return out;
}

Value replace(Frame& frame, Args args) {
  const bool has_limit = args.size() == 4;
  if (!args[0].is(Kind::string) || !args[1].is(Kind::string) || !args[2].is(Kind::string) ||
      (has_limit && !args[3].is(Kind::int_))) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  const std::int64_t limit = has_limit ? args[3].as_int() : -1;
  if (!frame.spend_bytes_read(args[0].size() * (1 + args[1].size() / 64)) ||
      !spend_walk(frame, args[0])) {
    return Value::null();
  }
  const std::string out =
      replace_text(args[0].as_text(),
                   args[1].as_text(),
                   args[2].as_text(),
                   limit < 0 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(limit),
                   static_cast<std::size_t>(std::max<std::int64_t>(frame.bytes_left(), 0)));
  frame.spend_bytes_read(out.size());
  return frame.make_string(out);
}

/// A letter after the backslash, or the character itself; 0 for those that need none.
char escape_of(char c) {
  switch (c) {
    case '\a':
      return 'a';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '\\':
    case '"':
      return c;
    default:
      return 0;
  }
}

Value quote(Frame& frame, Args args) {
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind());
  }
  const std::string_view text = args[0].as_text();
  char* const to = frame.allocate<char>(2 * text.size() + 2);
  if (to == nullptr || !frame.spend_bytes_read(2 * text.size())) {
    return Value::null();
  }
  char* at = to;
  *at++ = '"';
  for (const char c : text) {
    if (const char escape = escape_of(c); escape != 0) {
      *at++ = '\\';
      *at++ = escape;
    } else {
      *at++ = c;
    }
  }
  *at++ = '"';
  return Value::of_string({to, static_cast<std::size_t>(at - to)});
}

constexpr Function k_functions[] = {
    {"lowerAscii",
     CallStyle::member,
     1,
     1,
     change_case<'A', 'Z'>,
     "(string) -> string",
     "with A to Z as small letters; others stay"},
    {"upperAscii",
     CallStyle::member,
     1,
     1,
     change_case<'a', 'z'>,
     "(string) -> string",
     "with a to z as capital letters; others stay"},
    {"trim",
     CallStyle::member,
     1,
     1,
     trim,
     "(string) -> string",
     "without Unicode white space at both ends"},
    {"replace",
     CallStyle::member,
     3,
     4,
     replace,
     "(string, string, string) -> string; (string, string, string, int) -> string",
     "with occurrences replaced, at most so many; a negative number means all"},
    {"strings.quote",
     CallStyle::global,
     1,
     1,
     quote,
     "(string) -> string",
     "in double quotes, with control characters, quotes and backslashes escaped"},
};

}  // namespace

std::span<const Function> string_edit_functions() {
  return k_functions;
}

}  // namespace preloop::cel
