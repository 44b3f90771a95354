#pragma once
#include <string>
#include <string_view>

namespace preloop::cel {

/// The CEL reference: `head` (written by hand) and then every library function with its
/// signatures, from the registry.
std::string reference(std::string_view head);

}  // namespace preloop::cel
