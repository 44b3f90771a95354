#pragma once
#include "cel/ast.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::cel {

// Names in a syntax tree, and what they may stand for (language definition, "Name Resolution").

/// The names of `a.b.c` from the left; empty when the chain holds anything but plain fields.
std::vector<std::string> name_chain(const Node& node);
/// The identifier, or other node, such a chain starts with.
const Node& chain_root(const Node& node);
std::string join_names(std::span<const std::string> parts);

/// The key of an index by a literal text, else nullptr.
const Value* literal_key(const Node& node);

/// What a name may stand for within a container, first meaning first: "a.b.x", "a.x", "x".
std::vector<std::string> name_candidates(std::string_view name, std::string_view container);

/// The kind whose type has this name.
std::optional<Kind> kind_named(std::string_view name);

/// The closest of `names` to what was written, for "did you mean"; empty when none is close.
std::string_view nearest_name(std::string_view written, std::span<const std::string_view> names);

}  // namespace preloop::cel
