#pragma once
#include "cel/ast.h"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace preloop::cel {

struct MacroError {
  std::uint32_t offset = 0;
  std::string problem;
};

/// A call as written, before it is known to be a macro.
struct MacroCall {
  const Node* target = nullptr;  ///< null for a global call
  std::string_view name;
  std::span<const Node* const> args;
  std::uint32_t offset = 0;
};

/// The node a macro call stands for: has, all, exists, exists_one, existsOne, map, filter (language
/// definition, "Macros"), the two-variable comprehensions, cel.bind, optMap and optFlatMap. Nullopt
/// when the name and argument count are no macro's. The height is left to the caller.
std::expected<std::optional<Node>, MacroError> expand_macro(const MacroCall& call);

}  // namespace preloop::cel
