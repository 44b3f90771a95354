#include "identity/session_cookie.h"

#include "core/text.h"
#include "identity/base62.h"
#include "identity/key_format.h"

#include <fmt/format.h>

namespace preloop::identity {
namespace {

constexpr std::size_t k_id_length = 22;

std::string cookie(Transport transport, std::string_view value, std::string_view max_age) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                     cookie_name(transport),
                     value,
                     max_age,
                     transport == Transport::https ? "; Secure" : "");
}

}  // namespace

std::string_view cookie_name(Transport transport) {
  return transport == Transport::https ? "__Host-preloop" : "preloop";
}

std::string set_cookie(Transport transport, const core::Secret& value) {
  return cookie(transport, value.reveal(), "604800");
}

std::string clear_cookie(Transport transport) {
  return cookie(transport, "", "0");
}

std::optional<std::string_view> find_cookie(Transport transport, std::string_view cookie_header) {
  std::optional<std::string_view> found;
  for (const std::string_view part : core::split(cookie_header, ';')) {
    const std::string_view pair = core::trim(part);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != cookie_name(transport)) {
      continue;
    }
    if (found) {
      return std::nullopt;
    }
    found = pair.substr(equals + 1);
  }
  return found;
}

core::Secret cookie_value(core::LoginSessionId id, const core::Secret& secret) {
  return core::Secret(to_base62(id.as_bytes(), k_id_length) + secret.reveal());
}

std::optional<CookieParts> parse_cookie_value(std::string_view value) {
  if (value.size() <= k_id_length || !is_token(value.substr(k_id_length))) {
    return std::nullopt;
  }
  const auto bytes = from_base62(value.substr(0, k_id_length), 16);
  if (!bytes) {
    return std::nullopt;
  }
  return CookieParts{core::LoginSessionId::from_bytes(*bytes).value(), value.substr(k_id_length)};
}

bool is_own_origin(std::string_view origin, std::string_view public_url) {
  const auto scheme_end = public_url.find("://");
  if (origin.empty() || scheme_end == std::string_view::npos) {
    return origin.empty();
  }
  const std::string_view own = public_url.substr(0, public_url.find('/', scheme_end + 3));
  return core::iequals(origin, own);
}

}  // namespace preloop::identity
