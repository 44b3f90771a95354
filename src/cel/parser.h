#pragma once
#include "cel/ast.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace preloop::cel {

enum class MacroExpansion : std::uint8_t { expand, none };

struct ParseOptions {
  /// `none` leaves `has(x.y)` and `x.all(...)` as calls of functions that do not exist.
  MacroExpansion macros = MacroExpansion::expand;
  std::size_t max_source_bytes = 8 * 1024;
  std::size_t max_nodes = 2000;
  /// Of the tree, and of brackets in the source; bounds recursion everywhere after parsing.
  std::size_t max_depth = 64;
};

/// Parses one CEL expression (language definition, "Syntax") and expands its macros. `source` must
/// outlive the tree. Errors: invalid_argument with the place (see source_error); pure function.
core::Result<Ast> parse(std::string_view source, const ParseOptions& options = {});

}  // namespace preloop::cel
