#pragma once

namespace CLI {
class App;
}

namespace preloop::cli {
struct Context;

/// The offline half of `preloop audit`: needs no server.
void add_audit_verify(CLI::App& audit, Context& context);

}  // namespace preloop::cli
