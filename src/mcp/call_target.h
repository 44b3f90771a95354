#pragma once
#include "catalogue/catalogue.h"
#include "core/json.h"
#include "core/result.h"
#include "mcp/rpc_codec.h"

#include <optional>
#include <string>

namespace preloop::mcp {

/// What a client's request asks of which server, in that server's own names: the firewall's call.
struct CallTarget {
  catalogue::Method method = catalogue::Method::tools_call;
  core::ServerId server;
  /// {"arguments":{…},"_meta":{…}}: what is decided upon, and what goes along.
  core::JsonDocument params;
};

/// The method of a request that is decided like a tool call; nullopt for tools/call and all others.
std::optional<catalogue::Method> request_method(std::string_view method);

/// Reads such a request. `server`: the path's, where names are the server's own; without it they
/// are the exposed ones. `invalid_argument` when the params are not what the method needs,
/// `not_found` when they name nothing here. Pure.
core::Result<CallTarget> read_call_target(const catalogue::Catalogue& catalogue,
                                          std::optional<core::ServerId> server,
                                          const Message& message);

}  // namespace preloop::mcp
