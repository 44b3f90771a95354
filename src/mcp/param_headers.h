#pragma once
#include "catalogue/types.h"
#include "core/json.h"
#include "net/http.h"

#include <optional>
#include <string>

namespace preloop::mcp {

/// Why the `Mcp-Param-*` headers of a call do not repeat the arguments that the tool's schema wants
/// repeated; nullopt when they do (MCP 2026-07-28, "Transports"). An argument that is absent or
/// null needs no header, and a header nobody asked for says nothing. Pure.
std::optional<std::string> check_param_headers(const net::Headers& headers,
                                               const catalogue::Tool& tool,
                                               core::Json arguments);

}  // namespace preloop::mcp
