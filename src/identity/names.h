#pragma once
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::identity {

// What people may call things. Pure; invalid_argument with a sentence that says what is allowed.

/// Trimmed, lower case (ASCII), one '@', at most 254 bytes, no space, control or invisible
/// character. Not a proof that mail arrives.
core::Result<std::string> normal_email(std::string_view text);
/// Trimmed, 1 to 100 bytes of printable UTF-8: people, keys.
core::Result<std::string> normal_display_name(std::string_view text);
/// `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}`: rules and commands name agents.
core::Status check_agent_name(std::string_view name);
/// At most 64 bytes of printable UTF-8, may be empty.
core::Status check_agent_kind(std::string_view kind);
/// At most 16 of the shape of agent names, each once.
core::Status check_tags(const std::vector<std::string>& tags);

}  // namespace preloop::identity
