#pragma once
#include "catalogue/types.h"
#include "core/json.h"
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::catalogue {

/// What policy needs to know of a tool object as a server lists it (MCP 2025-11-25, "Tool").
/// `tool_text` is the object's bytes. A definition whose schema cannot be used is still listed: its
/// `input_schema` is null and `schema_problem` says why.
///
/// invalid_argument when it is not an object with a usable name (1-128 printable characters).
core::Result<Tool> read_definition(core::Json tool, std::string_view tool_text);

/// What a person accepted, as one number: SHA-256 over every member of the definition but `_meta`,
/// which servers use for remarks that change by themselves. Neither the order of members nor
/// spelling counts.
core::Digest definition_hash(core::Json tool);

/// The definition as clients of /mcp/v1 see it: `name` replaced by the exposed one, every other
/// byte as the server sent it.
std::string exposed_definition(const Tool& tool);

/// Differences a person reads before accepting a changed tool: one line for each place,
/// "inputSchema.properties.amount.maximum: was 100, now 1000". Of long texts what differs, with a
/// little around it: nothing that changed is cut away in front of it. At most 100 lines, then how
/// many there are more. Empty when nothing changed.
std::vector<std::string> describe_changes(std::string_view accepted, std::string_view current);

/// Drops tools no client could tell apart: the same name twice, or names that look alike
/// (`skeleton`). Returns one printable problem a dropped tool.
std::vector<std::string> drop_ambiguous(std::vector<Tool>& tools);

}  // namespace preloop::catalogue
