#pragma once
#include "app/config.h"
#include "core/result.h"

#include <string>

namespace preloop::app {

/// `preloop serve`: from configuration to exit code. Blocks until SIGTERM or SIGINT; the first
/// drains (no new calls, held calls get their stored-pending answer, calls in flight 30 s), a
/// second ends at once; SIGHUP reads the TLS files again. `program` is how the user called us, for
/// the lines printed.
///
/// Errors are one line: a taken port, a data dir that cannot be used, a newer schema.
core::Status run_server(Config config, const std::string& program);

}  // namespace preloop::app
