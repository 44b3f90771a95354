#pragma once
#include "core/id.h"
#include "core/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::identity {

// The browser's side of a console session (decision 31). Cookies do not know ports, so the cookie
// alone opens nothing: each request also carries the second half in X-Preloop-Session, which pages
// of another origin can neither read nor send (a custom header needs a CORS preflight, and we
// answer none). Pure.

enum class Transport : std::uint8_t { http, https };
inline constexpr std::string_view k_session_header = "X-Preloop-Session";

/// "__Host-preloop" over https, "preloop" over plain http.
std::string_view cookie_name(Transport transport);
/// A whole Set-Cookie value: HttpOnly, SameSite=Strict, Path=/, seven days, Secure over https.
std::string set_cookie(Transport transport, const core::Secret& value);
std::string clear_cookie(Transport transport);
/// Our cookie in a Cookie header; nullopt when missing or there twice (somebody planted one).
std::optional<std::string_view> find_cookie(Transport transport, std::string_view cookie_header);

/// The cookie's value: 22 characters session id, 43 characters secret.
core::Secret cookie_value(core::LoginSessionId id, const core::Secret& secret);
struct CookieParts {
  core::LoginSessionId id;
  std::string_view secret;
};
std::optional<CookieParts> parse_cookie_value(std::string_view value);

/// May a request that changes something come from this Origin? Only from our own, exactly (scheme,
/// host and port); a missing one is no browser's cross-site request.
bool is_own_origin(std::string_view origin, std::string_view public_url);

}  // namespace preloop::identity
