#include "cel/network.h"
#include "cel/time.h"
#include "cel/value.h"
#include "core/json_writer.h"

#include <fmt/format.h>

#include <cmath>

namespace preloop::cel {
namespace {

void write(std::string& out, const Value& value);

void write_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "double(\"NaN\")"
           : value > 0       ? "double(\"Infinity\")"
                             : "double(\"-Infinity\")";
    return;
  }
  const std::size_t start = out.size();
  if (value == 0 && std::signbit(value)) {
    out += '-';
  }
  core::write_number(out, value);
  if (out.find_first_of(".e", start) == std::string::npos) {
    out += ".0";
  }
}

void write_quoted(std::string& out, std::string_view text) {
  core::JsonWriter(out).string(text);
}

void write_list(std::string& out, const Value& value) {
  out += '[';
  for (std::size_t i = 0; i < value.size(); ++i) {
    out += i == 0 ? "" : ", ";
    write(out, value.at(i));
  }
  out += ']';
}

void write_map(std::string& out, const Value& value) {
  out += '{';
  for (std::size_t i = 0; i < value.size(); ++i) {
    out += i == 0 ? "" : ", ";
    write(out, value.key_at(i));
    out += ": ";
    write(out, value.value_at(i));
  }
  out += '}';
}

void write_bytes(std::string& out, std::string_view bytes) {
  out += "b\"";
  for (const char c : bytes) {
    if (c >= ' ' && c < 0x7F && c != '"' && c != '\\') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  out += '"';
}

void write(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::null_type:
      out += "null";
      break;
    case Kind::bool_:
      out += value.as_bool() ? "true" : "false";
      break;
    case Kind::int_:
      out += fmt::to_string(value.as_int());
      break;
    case Kind::uint_:
      out += fmt::format("{}u", value.as_uint());
      break;
    case Kind::double_:
      write_double(out, value.as_double());
      break;
    case Kind::string:
      write_quoted(out, value.as_text());
      break;
    case Kind::bytes:
      write_bytes(out, value.as_text());
      break;
    case Kind::list:
      write_list(out, value);
      break;
    case Kind::map:
      write_map(out, value);
      break;
    case Kind::timestamp:
      out += fmt::format("timestamp(\"{}\")", format_timestamp(value.as_timestamp()));
      break;
    case Kind::duration:
      out += fmt::format("duration(\"{}\")", format_duration(value.as_duration()));
      break;
    case Kind::type:
      out += to_string(value.as_type());
      break;
    case Kind::optional:
      if (value.has_value()) {
        out += "optional.of(";
        write(out, value.optional_value());
        out += ')';
      } else {
        out += "optional.none()";
      }
      break;
    case Kind::ip:
    case Kind::cidr:
      out += fmt::format("{}(\"{}\")",
                         value.is(Kind::ip) ? "ip" : "cidr",
                         network_text(value.kind(), value.as_network()));
      break;
    case Kind::error:
      out += fmt::format("error({})", to_string(value.error_code()));
      break;
  }
}

}  // namespace

std::string to_text(const Value& value) {
  std::string out;
  write(out, value);
  return out;
}

}  // namespace preloop::cel
