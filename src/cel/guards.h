#pragma once
#include "cel/ast.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cel {

/// Names the place a field is read from, "args.items" or that of a loop variable; nullopt for what
/// has no name.
using PathOf = std::function<std::optional<std::string>(const Node&)>;

/// What is known of fields where an expression is evaluated.
struct Guards {
  std::vector<std::string> present;
  std::vector<std::string> not_null;

  bool is_present(std::string_view path) const;
  bool is_not_null(std::string_view path) const;
};

/// Adds what follows from `condition` being `truth`: has(a.b), 'b' in a, a.b != null,
/// a.?b.hasValue().
void add_guards(const Node& condition, bool truth, const PathOf& path_of, Guards& out);

}  // namespace preloop::cel
