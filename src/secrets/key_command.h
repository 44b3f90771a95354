#pragma once
#include "secrets/key_source.h"

namespace preloop::secrets {

/// Runs the command and returns what it printed (at most 4 KiB). Blocks up to its limit, then kills
/// the process group. Errors as `load_key`; `unavailable` when it ends with another code than 0.
core::Result<core::Secret> run_key_command(const KeyCommand& command);

}  // namespace preloop::secrets
