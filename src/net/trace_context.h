#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace preloop::net {

/// The header's value when it is a valid W3C traceparent (version 00, lower-case hex, ids not all
/// zero), else empty: what goes on to upstreams and logs has a known shape.
std::string valid_traceparent(std::optional<std::string_view> header);

}  // namespace preloop::net
