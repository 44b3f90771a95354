#pragma once
#include "core/result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::catalogue {

// `${PRELOOP_VAR_…}` in a server's url, headers, token and environment: kept as written, replaced
// by the server's own environment when an upstream is started. Other names are refused, so that a
// document cannot read what it was not given.

/// Is the whole text one such reference?
bool is_variable(std::string_view text);

/// invalid_argument when the text has a `${NAME}` of another name.
core::Status check_variables(std::string_view text);

using FindVariable = std::function<std::optional<std::string>(const std::string& name)>;
/// failed_precondition when a variable is not set.
core::Result<std::string> expand_variables(std::string_view text, const FindVariable& find);

/// Of this process.
std::optional<std::string> environment_variable(const std::string& name);

}  // namespace preloop::catalogue
