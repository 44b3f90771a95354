#include "cli/output.h"

#include "core/text.h"
#include "core/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace preloop::cli {
namespace {

using core::Json;

Json member(Json object, std::string_view path) {
  for (const std::string_view name : core::split(path, '.')) {
    object = object[name];
  }
  return object;
}

std::string cell(Json value) {
  if (!value.exists() || value.is_null()) {
    return "-";
  }
  if (const auto text = value.as_string()) {
    return text->empty() ? "-" : core::printable(*text, 80);
  }
  if (value.is_array()) {
    std::string out;
    for (const core::JsonNode& node : value.elements()) {
      out += out.empty() ? "" : ",";
      out += cell(Json(&node));
    }
    return out.empty() ? "-" : out;
  }
  return core::printable(value.dump(), 80);
}

}  // namespace

void print_line(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

void print_list(const Context& context, Json list, const std::vector<Column>& columns) {
  if (context.output == Output::json) {
    print_line(list.dump());
    return;
  }
  if (context.output == Output::yaml) {
    print_line(to_yaml(list));
    return;
  }
  std::vector<std::vector<std::string>> rows(1);
  for (const Column& column : columns) {
    rows.front().emplace_back(column.heading);
  }
  for (const core::JsonNode& node : list["items"].elements()) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const Column& column : columns) {
      row.push_back(cell(member(Json(&node), column.member)));
    }
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], core::utf8_length(row[i]));
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) {
        line.append(widths[i] - core::utf8_length(row[i]) + 2, ' ');
      }
    }
    print_line(line);
  }
  if (rows.size() == 1) {
    std::fputs("(none)\n", stderr);
  }
}

void print_object(const Context& context, Json object) {
  if (context.output == Output::json) {
    print_line(object.dump());
  } else {
    print_line(to_yaml(object));
  }
}

std::string to_yaml(Json value, int indent) {
  const std::string pad(static_cast<std::size_t>(indent), ' ');
  std::string out;
  if (value.is_object() && value.size() > 0) {
    for (const core::JsonMember& item : value.members()) {
      const Json inner = item.value();
      const bool nested = (inner.is_object() || inner.is_array()) && inner.size() > 0;
      out += out.empty() ? "" : "\n";
      out += pad;
      out += core::yaml_scalar(item.key);
      out += ":";
      out += nested ? "\n" : " ";
      out += to_yaml(inner, nested ? indent + 2 : 0);
    }
    return out;
  }
  if (value.is_array() && value.size() > 0) {
    for (const core::JsonNode& node : value.elements()) {
      const Json inner(&node);
      std::string text = to_yaml(inner, indent + 2);
      if ((inner.is_object() || inner.is_array()) && inner.size() > 0) {
        text = text.substr(static_cast<std::size_t>(indent) + 2);
      }
      out += out.empty() ? "" : "\n";
      out += pad;
      out += "- ";
      out += text;
    }
    return out;
  }
  if (const auto text = value.as_string()) {
    return core::yaml_scalar(*text);
  }
  return value.dump();
}

}  // namespace preloop::cli
