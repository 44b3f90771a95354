#include "mcp/param_headers.h"

#include "mcp/stateless.h"

#include <fmt/format.h>

#include <charconv>

namespace preloop::mcp {
namespace {

core::Json value_at(core::Json arguments, const std::vector<std::string>& path) {
  for (const std::string& name : path) {
    arguments = arguments[name];
  }
  return arguments;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

/// Does a header, decoded, repeat the value? Integers as numbers: 42.0 is 42.
bool repeats(std::string_view header, core::Json value) {
  if (const auto text = value.as_string()) {
    return header == *text;
  }
  if (const auto flag = value.as_bool()) {
    return header == (*flag ? "true" : "false");
  }
  if (header == value.dump()) {
    return true;  // also beyond the precision of a double
  }
  const auto given = number(header);
  const auto whole = value.as_int();
  return given && whole && static_cast<double>(*whole) == *given &&
         header.find('.') != std::string_view::npos;
}

}  // namespace

std::optional<std::string> check_param_headers(const net::Headers& headers,
                                               const catalogue::Tool& tool,
                                               core::Json arguments) {
  for (const catalogue::ParamHeader& wanted : tool.param_headers) {
    const core::Json value = value_at(arguments, wanted.path);
    if (!value.exists() || value.is_null() || value.is_object() || value.is_array()) {
      continue;  // the schema says whether that is right
    }
    const std::string name = "Mcp-Param-" + wanted.header;
    const auto decoded = headers.count(name) == 1
                             ? decode_header_value(headers.get(name).value_or(""))
                             : std::nullopt;
    if (!decoded || !repeats(*decoded, value)) {
      return fmt::format(
          "The header {} must repeat the argument '{}'.", name, fmt::join(wanted.path, "."));
    }
  }
  return std::nullopt;
}

}  // namespace preloop::mcp
