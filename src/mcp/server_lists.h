#pragma once
#include "catalogue/types.h"
#include "mcp/upstream_session.h"

#include <memory>
#include <string>

namespace preloop::mcp {

/// What a server lists beside its tools; `problem` says, in one printable line, which list could
/// not be read: it is then empty, and nothing else suffers.
struct ServerListing {
  std::shared_ptr<const catalogue::ServerLists> lists;
  std::string problem;
};
/// Asks only for what the server said it has. Fails when the server cannot be reached.
core::Task<core::Result<ServerListing>> list_others(UpstreamSession& session,
                                                    core::MonoTime deadline);

}  // namespace preloop::mcp
