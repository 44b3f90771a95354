#pragma once
#include "cli/context.h"
#include "core/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::cli {

/// One column of a table: a heading and the JSON member it shows ("agent.name" goes into objects).
struct Column {
  std::string_view heading;
  std::string_view member;
};

/// Prints `{"items":[…]}` in the format asked for: aligned columns for people, the same objects as
/// REST for programs. Everything that came from outside is made printable.
void print_list(const Context& context, core::Json list, const std::vector<Column>& columns);
/// Prints one object: `name: value` lines, JSON, or YAML.
void print_object(const Context& context, core::Json object);
/// YAML of any JSON value, in block style.
std::string to_yaml(core::Json value, int indent = 0);
void print_line(std::string_view text);

}  // namespace preloop::cli
