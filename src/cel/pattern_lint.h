#pragma once
#include <string>
#include <string_view>

namespace preloop::cel {

/// Why a pattern that `matches` searches for may match more than its author thinks: it lacks ^ or
/// $, or an alternative outside of parentheses escapes them. Empty when there is nothing to say.
std::string lint_pattern(std::string_view pattern);

/// The pattern without ^ at its start and $ at its end.
std::string_view strip_anchors(std::string_view pattern);

}  // namespace preloop::cel
