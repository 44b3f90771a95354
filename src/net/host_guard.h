#pragma once
#include "net/http.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::net {

/// Which names this server answers to. A page of an attacker whose name resolves to 127.0.0.1 (DNS
/// rebinding) still sends its own name in Host and Origin.
struct HostPolicy {
  /// Names or addresses, lower case, without port; IPv6 without brackets.
  std::vector<std::string> allowed_hosts;

  /// 421 when Host is missing or names someone else, 403 when Origin is present and is not a single
  /// http(s) origin of an allowed host ("null" is not); nullopt when the request may go on. Ports
  /// are not compared.
  std::optional<Response> refuse(const Headers& headers) const;
};

/// The name of "host", "host:port" or "[v6]:port", lower case, without brackets; nullopt when it is
/// anything else, such as "user@host" or an address with a zone.
std::optional<std::string> host_of_authority(std::string_view authority);

}  // namespace preloop::net
