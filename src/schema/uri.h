#pragma once
#include <string>
#include <string_view>

namespace preloop::schema {

/// `reference` resolved against `base` (RFC 3986 section 5.2, without normalisation). A relative
/// `base`, such as the empty one of a schema without `$id`, is resolved as if it were a path.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// The percent-decoded form of a fragment; malformed escapes stay as they are.
std::string percent_decode(std::string_view text);

}  // namespace preloop::schema
