#include "api/auth.h"

#include "core/text.h"
#include "identity/directory.h"

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using Found = std::optional<identity::Principal>;

constexpr std::string_view k_no_agents =
    "an agent's key cannot be used here: agents neither decide nor configure nor read for people";

/// With a key in `Authorization`.
Result<Found> with_key(const Dependencies& services, std::string_view authorization) {
  const auto directory = services.registry.snapshot().read();
  PRELOOP_TRY(identity::Principal principal,
              identity::authenticate(*directory, authorization, services.clock.wall()));
  if (std::holds_alternative<identity::AgentPrincipal>(principal)) {
    return fail(Code::permission_denied, std::string(k_no_agents), {{"auth", "agent_key"}});
  }
  if (const auto* key = std::get_if<identity::OperatorPrincipal>(&principal)) {
    services.key_usage.note(key->account, key->key);
  }
  return Found(principal);
}

}  // namespace

core::Task<Result<Found>> authenticate(const Dependencies& services, const net::Request& request) {
  if (const auto authorization = request.headers.get("Authorization")) {
    co_return with_key(services, *authorization);
  }
  const auto half = request.headers.get(identity::k_session_header);
  if (!half || request.headers.count(identity::k_session_header) > 1 ||
      request.headers.count("Cookie") > 1) {
    co_return Found();
  }
  const auto transport = services.public_url.starts_with("https:") ? identity::Transport::https
                                                                   : identity::Transport::http;
  const auto cookie = identity::find_cookie(transport, request.headers.get("Cookie").value_or(""));
  if (!cookie) {
    co_return Found();
  }
  PRELOOP_CO_TRY(const identity::PersonPrincipal person,
                 co_await services.sign_in.authenticate(std::string(*cookie), std::string(*half)));
  co_return Found(identity::Principal(person));
}

core::Status admit(const Operation& operation, const Found& principal, core::WallTime now) {
  if (operation.access == Access::anybody) {
    return {};
  }
  if (!principal) {
    return fail(Code::unauthenticated,
                "sign in, or send an operator key as Authorization: Bearer plo_…");
  }
  const bool in_console = std::holds_alternative<identity::PersonPrincipal>(*principal);
  switch (operation.access) {
    case Access::anybody:
    case Access::person:
      return {};
    case Access::session:
      if (!in_console) {
        return fail(Code::permission_denied,
                    "no key may do this; sign in to the console",
                    {{"auth", "console_session"}});
      }
      return {};
    case Access::operator_key:
      if (in_console) {
        return fail(Code::permission_denied,
                    "this is for operator keys; in the console, enter your password again",
                    {{"auth", "operator_key"}});
      }
      return {};
    case Access::permission:
      return identity::authorize(*principal, operation.permission, now);
  }
  return fail(Code::internal, "unknown access");
}

core::Status check_origin(const net::Request& request, std::string_view public_url) {
  const auto origin = request.headers.get("Origin");
  if (!origin || identity::is_own_origin(*origin, public_url)) {
    return {};
  }
  // Loopback has several names; whichever the page was opened by, it is the one it sends to.
  const auto host = request.headers.get("Host");
  const auto scheme_end = origin->find("://");
  if (host && scheme_end != std::string_view::npos &&
      core::iequals(origin->substr(scheme_end + 3), *host)) {
    return {};
  }
  return fail(Code::permission_denied, "this request comes from a page of another site");
}

}  // namespace preloop::api
