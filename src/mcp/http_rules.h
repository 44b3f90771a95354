#pragma once
#include "net/http.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::mcp {

// What streamable HTTP (MCP 2025-11-25, "Transports") asks of one request, as pure functions. Every
// refusal has one body: a JSON-RPC error, which MCP clients show, with a sentence that says what to
// do.

/// Where a request goes: `server` is empty for /mcp/v1 and its alias /mcp.
struct McpPath {
  std::string_view server;
};
/// nullopt when the path is not ours. /mcp/v1, /mcp, /mcp/v1/servers/{server}; one final slash is
/// forgiven.
std::optional<McpPath> parse_mcp_path(std::string_view path);

/// Does `Accept` admit the media type ("application/json")? Wildcards count, `q=0` refuses, no
/// header admits everything (RFC 9110, section 12.5.1).
bool accepts(const net::Headers& headers, std::string_view type);
/// Is the media type of the body application/json, whatever its parameters?
bool is_json_body(const net::Headers& headers);

/// A refusal. `id` is the request's id as JSON, or empty.
net::Response refusal(int status, int rpc_code, std::string_view message, std::string_view id = {});

/// 202, to what needs no answer.
net::Response accepted();
/// 503 with Retry-After.
net::Response unavailable(std::string_view message, std::string_view id);

/// 415 or 406 when a POST cannot be served; nullopt when it may go on.
std::optional<net::Response> check_post(const net::Headers& headers);
/// 406 when a GET does not want an event stream.
std::optional<net::Response> check_get(const net::Headers& headers);
/// 400 for an `MCP-Protocol-Version` that no session has. None at all is right (some clients never
/// send it): the session knows what was negotiated.
std::optional<net::Response> check_revision(const net::Headers& headers, std::string_view id);

/// Head of an event stream that no proxy may buffer.
net::Response event_stream_head();

}  // namespace preloop::mcp
