#pragma once
#include "catalogue/types.h"
#include "core/json.h"
#include "core/json_writer.h"

#include <string>

namespace preloop::catalogue {

/// A configuration as it is stored and as REST shows and takes it: members named as in a policy
/// document; empty ones are left out.
void write_config(core::JsonWriter& out, const ServerConfig& config);
/// invalid_argument with the member's JSON pointer for wrong types, unknown members, and values
/// that `check_config` refuses.
core::Result<ServerConfig> read_config(core::Json json);

}  // namespace preloop::catalogue
