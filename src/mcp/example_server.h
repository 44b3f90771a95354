#pragma once

namespace preloop::mcp {

/// `preloop example-server`: a small MCP server on stdin and stdout, so that there is something to
/// govern after a first start. Tools pay, rollback_deployment, get_balance and slow_count on an
/// account in memory; nothing it does leaves the process. Blocks until stdin ends; the exit code.
int run_example_server();

}  // namespace preloop::mcp
