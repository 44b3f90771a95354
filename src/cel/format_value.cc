#include "cel/format_value.h"

#include "cel/network.h"
#include "cel/time.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace preloop::cel {
namespace {

/// Valid UTF-8, with each run of bytes that is not replaced by one U+FFFD.
std::string replace_invalid(std::string_view bytes) {
  std::string out;
  bool replaced = false;
  while (!bytes.empty()) {
    std::size_t length = 0;
    for (std::size_t n = 1; n <= std::min<std::size_t>(4, bytes.size()) && length == 0; ++n) {
      length = core::is_valid_utf8(bytes.substr(0, n)) ? n : 0;
    }
    if (length == 0) {
      out += replaced ? "" : "\uFFFD";
      replaced = true;
      bytes.remove_prefix(1);
    } else {
      out += bytes.substr(0, length);
      replaced = false;
      bytes.remove_prefix(length);
    }
  }
  return out;
}

bool append_list(Frame& frame, std::string& out, const Value& value) {
  out += '[';
  for (std::size_t i = 0; i < value.size(); ++i) {
    out += i == 0 ? "" : ", ";
    if (!append_plain(frame, out, value.at(i))) {
      return false;
    }
  }
  out += ']';
  return true;
}

bool append_map(Frame& frame, std::string& out, const Value& value) {
  std::vector<std::pair<std::string, std::string>> entries(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!append_plain(frame, entries[i].first, value.key_at(i)) ||
        !append_plain(frame, entries[i].second, value.value_at(i))) {
      return false;
    }
  }
  std::ranges::sort(entries);
  out += '{';
  for (std::size_t i = 0; i < entries.size(); ++i) {
    out += fmt::format("{}{}: {}", i == 0 ? "" : ", ", entries[i].first, entries[i].second);
  }
  out += '}';
  return true;
}

}  // namespace

std::string plain_double(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "Infinity" : "-Infinity";
  }
  // 1.8e308 has 309 digits, 5e-324 about as many after its point.
  char digits[1100];
  const auto end =
      std::to_chars(std::begin(digits), std::end(digits), value, std::chars_format::fixed).ptr;
  return {std::begin(digits), end};
}

bool append_plain(Frame& frame, std::string& out, const Value& value) {
  if (!frame.spend(1)) {
    return false;
  }
  switch (value.kind()) {
    case Kind::null_type:
      out += "null";
      return true;
    case Kind::bool_:
      out += value.as_bool() ? "true" : "false";
      return true;
    case Kind::int_:
      out += fmt::to_string(value.as_int());
      return true;
    case Kind::uint_:
      out += fmt::to_string(value.as_uint());
      return true;
    case Kind::double_:
      out += plain_double(value.as_double());
      return frame.spend(10);
    case Kind::string:
      out += value.as_text();
      return frame.spend_bytes_read(value.size());
    case Kind::bytes:
      out += frame.spend(value.size()) ? replace_invalid(value.as_text()) : "";
      return true;
    case Kind::timestamp:
      out += format_timestamp(value.as_timestamp());
      return true;
    case Kind::duration:
      out += format_duration(value.as_duration());
      return true;
    case Kind::type:
      out += to_string(value.as_type());
      return true;
    case Kind::ip:
    case Kind::cidr:
      out += network_text(value.kind(), value.as_network());
      return true;
    case Kind::list:
      return append_list(frame, out, value);
    case Kind::map:
      return append_map(frame, out, value);
    case Kind::optional:
    case Kind::error:
      return false;
  }
  return false;
}

}  // namespace preloop::cel
