#pragma once
#include "catalogue/types.h"
#include "core/json.h"
#include "core/result.h"
#include "firewall/firewall.h"
#include "mcp/client_abilities.h"
#include "mcp/revision.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace preloop::mcp {

// What the endpoint's methods answer, as pure functions from what is known to JSON text.

struct InitializeRequest {
  Revision revision = k_latest_revision;
  std::string client;  ///< "name version", printable, at most 128 bytes
  ClientAbilities can;
};
/// clientInfo as a label.
std::string client_label(core::Json info);
/// invalid_argument without a protocolVersion.
core::Result<InitializeRequest> read_initialize(core::Json params);
/// What we can do, and what agents are told about us, in every revision.
extern const std::string_view k_capabilities;
extern const std::string_view k_instructions;
std::string initialize_result(Revision revision, std::string_view server_version);

/// With which name tools are listed.
enum class Naming : std::uint8_t {
  exposed,  ///< /mcp/v1
  own,      ///< /mcp/v1/servers/{server}
};
/// One page in the order given; the cursor names the last tool of the page before.
/// invalid_argument for a cursor of ours no more.
core::Result<std::string> tools_page(std::span<const catalogue::ToolPtr> tools,
                                     Naming naming,
                                     core::Json params,
                                     std::size_t page_size);
/// A number that changes when what `tools_page` shows does; never 0.
std::uint64_t tools_digest(std::span<const catalogue::ToolPtr> tools);

/// The JSON-RPC response to a tools/call.
std::string call_response(std::string_view id,
                          const firewall::CallResult& result,
                          Revision revision);

/// The JSON-RPC response to another request that was decided like one: a refusal is an error.
std::string request_response(std::string_view id,
                             catalogue::Method method,
                             const firewall::CallResult& result,
                             Revision revision);

/// The place of a level of log messages, 0 (debug) to 7 (emergency); nullopt for no level.
std::optional<int> log_level(std::string_view name);
/// Its name; empty for k_no_log.
std::string_view log_level_name(int level);
constexpr int k_no_log = 8;  ///< above every level
/// May this notification go to a client that wants log messages from `least` on? Everything that is
/// no log message may.
bool passes_log_level(std::string_view notification, int least);

/// `params` without its member `name`, every other byte as it was.
std::string without_member(core::Json params, std::string_view params_text, std::string_view name);

}  // namespace preloop::mcp
