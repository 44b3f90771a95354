#pragma once
#include "catalogue/types.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace preloop::policy {

/// What `tagged` asks for: what a tool's annotations say of it, MCP's defaults where they are
/// silent. Bits of a set.
enum class ToolTag : std::uint8_t {
  read_only = 1,    ///< readOnlyHint
  destructive = 2,  ///< destructiveHint, unless it is read-only
  idempotent = 4,   ///< idempotentHint, or read-only
  open_world = 8,   ///< openWorldHint
};
std::optional<ToolTag> parse_tool_tag(std::string_view name);

using ToolTags = std::uint8_t;
ToolTags tags_of(const catalogue::Annotations& annotations);

}  // namespace preloop::policy
