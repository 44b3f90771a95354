#include "cel/format_value.h"
#include "cel/function.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

constexpr std::size_t k_max_precision = 100;

/// `%[.precision]conversion`
struct Clause {
  std::size_t precision = 6;
  char conversion = 0;
};

/// Reads the clause behind a `%` and removes it from `text`; false when there is none.
bool read_clause(std::string_view& text, Clause& out) {
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    std::size_t digits = 0;
    out.precision = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      out.precision = out.precision * 10 + static_cast<std::size_t>(text[digits++] - '0');
      if (out.precision > k_max_precision) {
        return false;
      }
    }
    if (digits == 0) {
      return false;
    }
    text.remove_prefix(digits);
  }
  if (text.empty()) {
    return false;
  }
  out.conversion = text.front();
  text.remove_prefix(1);
  return true;
}

bool append_decimal(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::int_:
      out += fmt::to_string(value.as_int());
      return true;
    case Kind::uint_:
      out += fmt::to_string(value.as_uint());
      return true;
    case Kind::double_:
      out += plain_double(value.as_double());
      return true;
    default:
      return false;
  }
}

/// `%f` and `%e`. A long double holds every int and uint exactly; printf rounds halves to even.
bool append_real(std::string& out, const Value& value, const Clause& clause) {
  if (!value.is_number()) {
    return false;
  }
  if (value.is(Kind::double_) && !std::isfinite(value.as_double())) {
    out += plain_double(value.as_double());
    return true;
  }
  const auto number = value.is(Kind::int_)    ? static_cast<long double>(value.as_int())
                      : value.is(Kind::uint_) ? static_cast<long double>(value.as_uint())
                                              : static_cast<long double>(value.as_double());
  char text[512];
  const int size = std::snprintf(text,
                                 sizeof(text),
                                 clause.conversion == 'f' ? "%.*Lf" : "%.*Le",
                                 static_cast<int>(clause.precision),
                                 number);
  out.append(text, static_cast<std::size_t>(size));
  return true;
}

/// The magnitude in a base, after a minus.
template <class Digits>
bool append_integer(std::string& out, const Value& value, Digits digits) {
  if (value.is(Kind::uint_)) {
    out += digits(value.as_uint());
    return true;
  }
  if (!value.is(Kind::int_)) {
    return false;
  }
  const auto bits = static_cast<std::uint64_t>(value.as_int());
  out += value.as_int() < 0 ? "-" : "";
  out += digits(value.as_int() < 0 ? 0 - bits : bits);
  return true;
}

bool append_hex(std::string& out, const Value& value, bool upper) {
  if (value.is(Kind::string) || value.is(Kind::bytes)) {
    for (const char c : value.as_text()) {
      const auto byte = static_cast<unsigned char>(c);
      out += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
    }
    return true;
  }
  return append_integer(out, value, [&](std::uint64_t n) {
    return upper ? fmt::format("{:X}", n) : fmt::format("{:x}", n);
  });
}

bool append(Frame& frame, std::string& out, const Value& value, const Clause& clause) {
  switch (clause.conversion) {
    case 's':
      return append_plain(frame, out, value);
    case 'd':
      return append_decimal(out, value);
    case 'f':
    case 'e':
      return frame.spend(20) && append_real(out, value, clause);
    case 'x':
    case 'X':
      return frame.spend(1 +
                         (value.is(Kind::string) || value.is(Kind::bytes) ? value.size() : 0)) &&
             append_hex(out, value, clause.conversion == 'X');
    case 'o':
      return append_integer(out, value, [](std::uint64_t n) { return fmt::format("{:o}", n); });
    case 'b':
      if (value.is(Kind::bool_)) {
        out += value.as_bool() ? '1' : '0';
        return true;
      }
      return append_integer(out, value, [](std::uint64_t n) { return fmt::format("{:b}", n); });
    default:
      return false;
  }
}

/// string.format(list), after cel-spec's doc/extensions/strings.md.
Value format(Frame& frame, Args args) {
  if (!args[0].is(Kind::string) || !args[1].is(Kind::list)) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  std::string_view rest = args[0].as_text();
  std::string out;
  std::size_t next = 0;
  while (!rest.empty() && frame.spend(1)) {
    const std::size_t percent = std::min(rest.find('%'), rest.size());
    out += rest.substr(0, percent);
    rest.remove_prefix(percent);
    if (rest.empty()) {
      break;
    }
    rest.remove_prefix(1);
    if (rest.starts_with('%')) {
      out += '%';
      rest.remove_prefix(1);
      continue;
    }
    Clause clause;
    if (!read_clause(rest, clause) || next >= args[1].size() ||
        !append(frame, out, args[1].at(next++), clause)) {
      return frame.broken() ? Value::null() : Value::of_error(ErrorCode::invalid_format);
    }
    // The text grows outside of the evaluation's memory, so it is held to the same limit.
    if (out.size() > static_cast<std::size_t>(std::max<std::int64_t>(frame.bytes_left(), 0))) {
      break;
    }
  }
  frame.spend_bytes_read(out.size());
  return frame.make_string(out);
}

constexpr Function k_functions[] = {
    {"format",
     CallStyle::member,
     2,
     2,
     format,
     "(string, list(dyn)) -> string",
     "the text with %s, %d, %f, %e, %b, %o, %x, %X replaced by the list's elements; %.2f sets the "
     "precision, %% is a percent sign"},
};

}  // namespace

std::span<const Function> format_functions() {
  return k_functions;
}

}  // namespace preloop::cel
