#include "cel/literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace preloop::cel {
namespace {

/// \a and the like; 0 when `c` does not name a character.
char simple_escape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
      return c;
    default:
      return '\0';
  }
}

/// Exactly `count` digits of `base` at `at`.
std::optional<std::uint32_t> digits_at(std::string_view body,
                                       std::size_t at,
                                       std::size_t count,
                                       int base) {
  if (at + count > body.size()) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  const char* const first = body.data() + at;
  const auto [end, problem] = std::from_chars(first, first + count, value, base);
  return problem == std::errc() && end == first + count ? std::optional(value) : std::nullopt;
}

struct NumericEscape {
  std::size_t skip = 0;  ///< characters between the backslash and the digits
  std::size_t count = 0;
  int base = 16;
};

std::optional<NumericEscape> numeric_escape(char c, bool is_bytes) {
  switch (c) {
    case 'x':
    case 'X':
      return NumericEscape{1, 2, 16};
    case 'u':
      return is_bytes ? std::nullopt : std::optional(NumericEscape{1, 4, 16});
    case 'U':
      return is_bytes ? std::nullopt : std::optional(NumericEscape{1, 8, 16});
    case '0':
    case '1':
    case '2':
    case '3':
      return NumericEscape{0, 3, 8};
    default:
      return std::nullopt;
  }
}

/// Of a decimal number far outside double's range: on which side of it.
bool is_below_one(std::string_view text) {
  const std::size_t exponent_at = text.find_first_of("eE");
  const std::string_view digits = text.substr(0, exponent_at);
  if (exponent_at != std::string_view::npos) {
    const bool negative = text[exponent_at + 1] == '-';
    // 8 KiB of digits cannot outweigh an exponent of five or more digits.
    std::int64_t exponent = 0;
    for (const char c : text.substr(exponent_at + 1)) {
      exponent = c >= '0' && c <= '9' ? std::min<std::int64_t>(exponent * 10 + (c - '0'), 1'000'000)
                                      : exponent;
    }
    const std::size_t first = digits.find_first_of("123456789");
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const auto scale = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    return scale + (negative ? -exponent : exponent) <= 0;
  }
  return digits.find_first_of("123456789") > digits.find('.');
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto add = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0 | code_point >> 6);
    add(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    add(0xE0 | code_point >> 12);
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  } else {
    add(0xF0 | code_point >> 18);
    add(0x80 | (code_point >> 12 & 0x3F));
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  }
}

std::expected<std::string_view, LiteralError> decode_literal(std::string_view body,
                                                             LiteralForm form,
                                                             Arena& arena) {
  if (form.is_raw || body.find('\\') == std::string_view::npos) {
    return body;
  }
  std::string out;
  for (std::size_t i = 0; i < body.size();) {
    if (body[i] != '\\') {
      out.push_back(body[i++]);
      continue;
    }
    const char c = i + 1 < body.size() ? body[i + 1] : '\0';
    if (const char simple = simple_escape(c); simple != '\0') {
      out.push_back(simple);
      i += 2;
      continue;
    }
    const auto escape = numeric_escape(c, form.is_bytes);
    if (!escape) {
      return std::unexpected(LiteralError{
          i,
          "this backslash does not start an escape; write \\\\ for a backslash, or use a raw "
          "literal: r'...'"});
    }
    const auto value = digits_at(body, i + 1 + escape->skip, escape->count, escape->base);
    if (!value) {
      return std::unexpected(
          LiteralError{i,
                       fmt::format("this escape needs {} {} digits",
                                   escape->count,
                                   escape->base == 8 ? "octal" : "hexadecimal")});
    }
    if (*value > 0x10FFFF || (*value >= 0xD800 && *value <= 0xDFFF)) {
      return std::unexpected(LiteralError{i, "this escape is not a Unicode character"});
    }
    if (form.is_bytes) {
      out.push_back(static_cast<char>(*value));
    } else {
      append_utf8(out, *value);
    }
    i += 1 + escape->skip + escape->count;
  }
  return arena.copy(out);
}

std::optional<std::uint64_t> parse_uint_literal(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = hex ? text.substr(2) : text;
  std::uint64_t value = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  return problem == std::errc() && end == digits.data() + digits.size() ? std::optional(value)
                                                                        : std::nullopt;
}

std::optional<std::int64_t> parse_int_literal(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto magnitude = parse_uint_literal(negative ? text.substr(1) : text);
  constexpr std::uint64_t k_limit = std::uint64_t{1} << 63;
  if (!magnitude || *magnitude > (negative ? k_limit : k_limit - 1)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(negative ? std::uint64_t{0} - *magnitude : *magnitude);
}

std::optional<double> parse_double_literal(std::string_view text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) {
    return std::nullopt;
  }
  if (problem == std::errc::result_out_of_range) {
    // from_chars reports underflow and overflow alike; what is too small rounds to zero (IEEE).
    return is_below_one(text) ? std::optional(text.starts_with('-') ? -0.0 : 0.0) : std::nullopt;
  }
  return problem == std::errc() ? std::optional(value) : std::nullopt;
}

}  // namespace preloop::cel
