#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace preloop::catalogue {

// Tool names across servers. Model APIs accept only [a-zA-Z0-9_-]{1,64}, while MCP servers use any
// legal name, so the name clients see is derived: `server__tool`, characters outside the set become
// `-`, and a name that changed or is too long ends in `-` and eight hex digits of its SHA-256. The
// derivation is pure and stable; the original name is what goes upstream.

/// "server__tool", always 1-64 characters of [a-zA-Z0-9_-].
std::string exposed_name(std::string_view server, std::string_view tool);

/// [a-z0-9][a-z0-9-]{0,31}: no underscore, so the first "__" of an exposed name ends the server.
bool is_valid_server_name(std::string_view name);

/// Names of built-in tools, which no exposed name may take: they have no "__".
bool is_reserved_tool_name(std::string_view name);

/// What two names look like to a person: lower case, common homoglyphs and separators folded. Two
/// tools of one server with one skeleton are ambiguous, and the later one is refused.
std::string skeleton(std::string_view name);

}  // namespace preloop::catalogue
