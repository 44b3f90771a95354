#include "cel/function.h"
#include "cel/network.h"
#include "cel/time.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

Value out_of_range() {
  return Value::of_error(ErrorCode::out_of_range);
}
Value invalid_text() {
  return Value::of_error(ErrorCode::invalid_text);
}

/// Decimal digits with an optional sign where the type has one, and nothing else.
template <class T>
bool parse_decimal(std::string_view text, T& out) {
  if (text.starts_with('+') && std::is_signed_v<T>) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return false;
    }
  }
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size() && !text.empty();
}

Value to_int(Frame& frame, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::int_:
      return value;
    case Kind::uint_:
      return value.as_uint() >> 63 != 0 ? out_of_range()
                                        : Value::of_int(static_cast<std::int64_t>(value.as_uint()));
    case Kind::double_: {
      // Strictly inside: the specification excludes both ends, and NaN fails every comparison.
      const double number = value.as_double();
      return number > -9223372036854775808.0 && number < 9223372036854775808.0
                 ? Value::of_int(static_cast<std::int64_t>(number))
                 : out_of_range();
    }
    case Kind::string: {
      std::int64_t out = 0;
      frame.spend_bytes_read(value.size());
      return parse_decimal(value.as_text(), out) ? Value::of_int(out) : invalid_text();
    }
    case Kind::timestamp:
      return Value::of_int(value.as_timestamp().seconds);
    default:
      return Value::of_overload_error(value.kind());
  }
}

Value to_uint(Frame& frame, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::uint_:
      return value;
    case Kind::int_:
      return value.as_int() < 0 ? out_of_range()
                                : Value::of_uint(static_cast<std::uint64_t>(value.as_int()));
    case Kind::double_: {
      const double number = value.as_double();
      return number >= 0 && number < 18446744073709551616.0
                 ? Value::of_uint(static_cast<std::uint64_t>(number))
                 : out_of_range();
    }
    case Kind::string: {
      std::uint64_t out = 0;
      frame.spend_bytes_read(value.size());
      return parse_decimal(value.as_text(), out) ? Value::of_uint(out) : invalid_text();
    }
    default:
      return Value::of_overload_error(value.kind());
  }
}

Value double_from_text(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  double out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  // from_chars also reads "nan(...)", which nobody means.
  return problem == std::errc() && end == text.data() + text.size() &&
                 text.find('(') == std::string_view::npos
             ? Value::of_double(out)
             : invalid_text();
}

Value to_double(Frame& frame, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::double_:
      return value;
    case Kind::int_:
      return Value::of_double(static_cast<double>(value.as_int()));
    case Kind::uint_:
      return Value::of_double(static_cast<double>(value.as_uint()));
    case Kind::string:
      frame.spend_bytes_read(value.size());
      return double_from_text(value.as_text());
    default:
      return Value::of_overload_error(value.kind());
  }
}

std::string double_text(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "Infinity" : "-Infinity";
  }
  std::string out = value == 0 && std::signbit(value) ? "-" : "";
  core::write_number(out, value);
  return out;
}

Value to_string_value(Frame& frame, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::string:
      return value;
    case Kind::bool_:
      return Value::of_string(value.as_bool() ? "true" : "false");
    case Kind::int_:
      return frame.make_string(fmt::to_string(value.as_int()));
    case Kind::uint_:
      return frame.make_string(fmt::to_string(value.as_uint()));
    case Kind::double_:
      return frame.make_string(double_text(value.as_double()));
    case Kind::bytes:
      frame.spend_bytes_read(value.size());
      return core::is_valid_utf8(value.as_text()) ? Value::of_string(value.as_text())
                                                  : Value::of_error(ErrorCode::invalid_utf8);
    case Kind::timestamp:
      return frame.make_string(format_timestamp(value.as_timestamp()));
    case Kind::duration:
      return frame.make_string(format_duration(value.as_duration()));
    case Kind::ip:
    case Kind::cidr:
      return frame.make_string(network_text(value.kind(), value.as_network()));
    default:
      return Value::of_overload_error(value.kind());
  }
}

Value to_bytes(Frame&, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::bytes:
      return value;
    case Kind::string:
      return Value::of_bytes(value.as_text());
    default:
      return Value::of_overload_error(value.kind());
  }
}

Value to_bool(Frame&, Args args) {
  const Value& value = args[0];
  if (value.is(Kind::bool_)) {
    return value;
  }
  if (!value.is(Kind::string)) {
    return Value::of_overload_error(value.kind());
  }
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "T", "1"}) {
    if (value.as_text() == yes) {
      return Value::of_bool(true);
    }
  }
  for (const std::string_view no : {"false", "False", "FALSE", "f", "F", "0"}) {
    if (value.as_text() == no) {
      return Value::of_bool(false);
    }
  }
  return invalid_text();
}

Value to_timestamp(Frame&, Args args) {
  const Value& value = args[0];
  std::optional<Timestamp> out;
  switch (value.kind()) {
    case Kind::timestamp:
      return value;
    case Kind::string:
      out = parse_timestamp(value.as_text());
      break;
    case Kind::int_:
      out = timestamp_from_seconds(value.as_int());
      break;
    default:
      return Value::of_overload_error(value.kind());
  }
  return out ? Value::of_timestamp(*out) : value.is(Kind::string) ? invalid_text() : out_of_range();
}

Value to_duration(Frame& frame, Args args) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::duration:
      return value;
    case Kind::string: {
      frame.spend_bytes_read(value.size());
      const auto out = parse_duration(value.as_text());
      return out ? Value::of_duration(*out) : invalid_text();
    }
    default:
      return Value::of_overload_error(value.kind());
  }
}

Value type_of(Frame&, Args args) {
  return Value::of_type(args[0].kind());
}
Value dyn(Frame&, Args args) {
  return args[0];
}

constexpr Function k_functions[] = {
    {"bool",
     CallStyle::global,
     1,
     1,
     to_bool,
     "(bool) -> bool; (string) -> bool",
     "a bool, or the text true, false, t, f, 1 or 0"},
    {"bytes",
     CallStyle::global,
     1,
     1,
     to_bytes,
     "(bytes) -> bytes; (string) -> bytes",
     "the UTF-8 bytes of a string"},
    {"double",
     CallStyle::global,
     1,
     1,
     to_double,
     "(number) -> double; (string) -> double",
     "a number or its text as a double"},
    {"duration",
     CallStyle::global,
     1,
     1,
     to_duration,
     "(duration) -> duration; (string) -> duration",
     "a length of time such as '1h30m'"},
    {"dyn", CallStyle::global, 1, 1, dyn, "(A) -> dyn", "the value itself, unchecked"},
    {"int",
     CallStyle::global,
     1,
     1,
     to_int,
     "(number) -> int; (string) -> int; (timestamp) -> int",
     "a number, its text, or a timestamp's seconds"},
    {"string",
     CallStyle::global,
     1,
     1,
     to_string_value,
     "(string) -> string; (bool) -> string; (number) -> string; (bytes) -> string; "
     "(timestamp) -> string; (duration) -> string; (net.IP) -> string; (net.CIDR) -> string",
     "the value as text"},
    {"timestamp",
     CallStyle::global,
     1,
     1,
     to_timestamp,
     "(timestamp) -> timestamp; (string) -> timestamp; (int) -> timestamp",
     "RFC 3339 text or seconds since 1970"},
    {"type", CallStyle::global, 1, 1, type_of, "(A) -> type(A)", "the type of a value"},
    {"uint",
     CallStyle::global,
     1,
     1,
     to_uint,
     "(number) -> uint; (string) -> uint",
     "a number or its text as a uint"},
};

}  // namespace

std::span<const Function> conversion_functions() {
  return k_functions;
}

}  // namespace preloop::cel
