#pragma once
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::net {

/// An absolute http(s) URL, split. User information and fragments are refused: neither belongs in
/// what we call or listen to.
struct Url {
  std::string scheme;        ///< "http" or "https"
  std::string host;          ///< lower case; IPv6 without brackets
  std::uint16_t port = 0;    ///< the scheme's default when absent
  std::string target = "/";  ///< path and query, as sent on the wire

  /// invalid_argument with what is wrong.
  static core::Result<Url> parse(std::string_view text);
  std::string to_string() const;
  /// "host" or "host:port" for the Host header; brackets round IPv6.
  std::string authority() const;
  /// "scheme://authority", as in the Origin header.
  std::string origin() const;
};

/// Percent-decodes; nullopt when an escape is broken or decodes to NUL.
std::optional<std::string> percent_decode(std::string_view text);
/// Escapes everything but RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);
/// "a=1&b=x%20y", decoded ('+' is a space), in order. Broken escapes keep their bytes.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
/// The decoded path of an origin-form request target. nullopt, so 400, for what two readers could
/// understand differently: dot segments (also escaped), escaped slashes, backslashes, control
/// characters, broken escapes, invalid UTF-8.
std::optional<std::string> normal_path(std::string_view target);

}  // namespace preloop::net
