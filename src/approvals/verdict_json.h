#pragma once
#include "core/json.h"
#include "core/json_writer.h"
#include "core/result.h"
#include "policy/types.h"

#include <string>

namespace preloop::approvals {

/// A verdict as a request keeps it: frozen with the content of its workflows. Reading gives the
/// same verdict; data_loss when the text is not one.
void write_verdict(core::JsonWriter& out, const policy::Verdict& verdict);
core::Result<policy::Verdict> read_verdict(core::Json json);

}  // namespace preloop::approvals
