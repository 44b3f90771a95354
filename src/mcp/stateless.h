#pragma once
#include "mcp/client_abilities.h"
#include "mcp/rpc_codec.h"
#include "net/http.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

// Revision 2026-07-28 towards clients: no `initialize` and no sessions; every request says in its
// `_meta`, and again in headers, what it needs. Pure functions (MCP 2026-07-28, "Transports" and
// "Lifecycle").

// Members of `_meta`.
constexpr std::string_view k_meta_protocol_version = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view k_meta_client_capabilities =
    "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view k_meta_client_info = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view k_meta_log_level = "io.modelcontextprotocol/logLevel";
constexpr std::string_view k_meta_server_info = "io.modelcontextprotocol/serverInfo";
constexpr std::string_view k_meta_subscription_id = "io.modelcontextprotocol/subscriptionId";
/// Is this member of `_meta` one that only a request of this revision has?
bool is_request_meta(std::string_view member);

constexpr int k_header_mismatch = -32020;
constexpr int k_missing_capability = -32021;
constexpr int k_unsupported_version = -32022;

/// Does the message belong to this revision? Decided by what only it has: the version in `_meta`,
/// server/discover, or, but for initialize, the header.
bool is_stateless_request(const net::Headers& headers, const Message& message);

/// A call that failed because its client cannot be asked what the server asked: the error object.
/// `abilities`: those it lacks, JSON.
std::string missing_abilities_error(std::string_view abilities);
/// Is this error object such a one? Then the status is 400.
bool lacks_ability(std::string_view error_object);

/// The refusal of a request whose `_meta` or headers are not in order, or whose method does not
/// exist; nullopt when it may go on. The body is what counts: a header that says something else, or
/// nothing, is an error and never believed.
std::optional<net::Response> check_stateless(const net::Headers& headers, const Message& message);

/// 400: a header does not repeat what the body says.
net::Response header_mismatch(std::string_view message, std::string_view id);

/// What a header says: `=?base64?…?=` decoded, everything else as it is. nullopt for bad base64.
std::optional<std::string> decode_header_value(std::string_view value);

/// `params` without what only this revision has in `_meta`: for a server that speaks an earlier
/// one, and would take the request for one of this. Every other byte as it was.
std::string session_params(core::Json params, std::string_view params_text);

/// What the client can be asked for, in results.
ClientAbilities stateless_abilities(core::Json params);
/// clientInfo as a label; "unknown" without one.
std::string stateless_client(core::Json params);
/// The least log level this request wants to hear (replies.h), k_no_log when it asked for none.
int stateless_log_level(core::Json params);

std::string discover_result(std::string_view server_version);
/// A result of an earlier revision as one of this: `resultType` is "complete".
std::string complete_result(std::string_view result);
/// The same for the content of a resource, which we let nobody keep.
std::string uncached_result(std::string_view result);
/// The same for a list that depends on who asks and on rules that may change at any time.
std::string listed_result(std::string_view result, std::string_view server_version);
/// A result of this revision as one of the earlier ones: without what only this one has.
std::string session_result(std::string result);
/// An error object without the codes that this revision took back.
std::string stateless_error(std::string_view error_object);

/// subscriptions/listen: what the client wants to hear of.
struct Wanted {
  bool tools = false;
  bool resources = false;
  bool prompts = false;
  std::vector<std::string> uris;  ///< of resources, as the client knows them
};
/// nullopt when `params` does not say, or wants too much.
std::optional<Wanted> read_wanted(core::Json params);
// What is said to the subscription with this id (JSON).
std::string subscription_acknowledged(std::string_view id, const Wanted& granted);
/// A change as it is told: `uri` of a resource or empty; to a subscription with this id, or, when
/// it is empty, to a session.
std::string change_notification(std::string_view method,
                                std::string_view uri,
                                std::string_view subscription);
std::string subscription_ended(std::string_view id);

}  // namespace preloop::mcp
