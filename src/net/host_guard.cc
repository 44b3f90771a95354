#include "net/host_guard.h"

#include "net/url.h"

#include <algorithm>

namespace preloop::net {
namespace {

bool is_allowed(const std::vector<std::string>& allowed, const std::optional<std::string>& host) {
  return host && std::find(allowed.begin(), allowed.end(), *host) != allowed.end();
}

std::optional<std::string> host_of_origin(std::string_view origin) {
  const auto url = Url::parse(origin);
  // An origin ends with its authority.
  if (!url || url->target != "/" || origin.ends_with('/')) {
    return std::nullopt;
  }
  return url->host;
}

}  // namespace

std::optional<std::string> host_of_authority(std::string_view authority) {
  if (authority.find_first_of("/?") != std::string_view::npos) {
    return std::nullopt;
  }
  const auto url = Url::parse("http://" + std::string(authority));
  return url ? std::optional(url->host) : std::nullopt;
}

std::optional<Response> HostPolicy::refuse(const Headers& headers) const {
  const auto host = headers.get("Host");
  if (!host || headers.count("Host") > 1 || !is_allowed(allowed_hosts, host_of_authority(*host))) {
    return problem(421,
                   "Misdirected Request",
                   "this server does not answer to the name in the Host header; start it with "
                   "--allowed-host NAME");
  }
  const auto origin = headers.get("Origin");
  if (origin &&
      (headers.count("Origin") > 1 || !is_allowed(allowed_hosts, host_of_origin(*origin)))) {
    return problem(403,
                   "Forbidden",
                   "requests from pages of this origin are refused; start the server with "
                   "--allowed-host NAME");
  }
  return std::nullopt;
}

}  // namespace preloop::net
