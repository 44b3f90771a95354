#pragma once
#include "core/loop.h"
#include "core/offload.h"
#include "core/secret.h"
#include "mcp/upstream_session.h"
#include "net/child_process.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace preloop::mcp {

/// How a child is spoken to first.
enum class Opening : std::uint8_t {
  discover,    ///< asked whether it speaks 2026-07-28, then as it answers
  initialize,  ///< as of the revisions before: some end when they read anything else
};

/// An MCP server that is our child process and speaks newline-delimited JSON on stdin and stdout.
/// What it writes to stderr goes to our log, a few lines a minute, with `secrets` (those it was
/// given) and whatever looks like one masked.
///
/// When the child ends, calls it has not been sent a byte of end as `unavailable`, the others as
/// `internal`. It is not started again here. `name` is the server's name, for the log.
std::unique_ptr<UpstreamSession> make_stdio_upstream(core::Loop& loop,
                                                     core::Offload& offload,
                                                     std::string name,
                                                     net::ChildOptions options,
                                                     SessionEvents& events,
                                                     std::vector<core::Secret> secrets = {},
                                                     Opening opening = Opening::discover);

}  // namespace preloop::mcp
