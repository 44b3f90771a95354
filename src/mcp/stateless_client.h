#pragma once
#include "catalogue/types.h"
#include "core/json.h"
#include "firewall/upstream.h"
#include "mcp/client_core.h"
#include "net/http.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace preloop::mcp {

// Revision 2026-07-28 towards servers: every request says in its `_meta`, and over HTTP again in
// headers, what it needs. Pure functions (MCP 2026-07-28, "Transports" and "Lifecycle").

/// What clients of ours may be able to do: said by connections that many of them share.
extern const std::string_view k_all_capabilities;

/// `params` of a request of our own, a JSON object or empty.
std::string stateless_request_params(std::string_view params);

/// `params` of a client's call. What the client itself has put where the revision's own members of
/// `_meta` are is dropped, whatever its revision; its progress token goes to `client_token` (JSON),
/// and `token` takes its place.
std::string stateless_call_params(std::string_view params,
                                  std::uint64_t token,
                                  const firewall::ClientSide& client,
                                  std::string& client_token);

/// The headers that repeat the body; `wanted` are those of the tool's schema.
net::Headers stateless_headers(std::string_view method,
                               core::Json params,
                               std::span<const catalogue::ParamHeader> wanted);
/// A header's value for `text`: as it is, or as =?base64?…?= where HTTP would not keep it.
std::string encode_header_value(std::string_view text);

/// What a server says of itself in answer to server/discover. nullopt: it does not speak this
/// revision, or not only, so `initialize` is what it will understand, if anything.
std::optional<ServerHello> read_discovery(const firewall::UpstreamAnswer& answer);

/// Is this error object the refusal of a request for its headers, or for its revision? Then the
/// server has not executed it.
bool is_header_mismatch(std::string_view error_object);
bool is_unsupported_version(std::string_view error_object);

}  // namespace preloop::mcp
