#pragma once
#include "cel/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace preloop::cel {

// Text forms of addresses and networks. Sources: RFC 4291 section 2.2 (text), RFC 5952 (the one
// canonical IPv6 text), RFC 4632 section 3.1 (prefixes).

/// Four decimal numbers without leading zeros, or IPv6 text. nullopt for everything else: zones, an
/// IPv6 address written with an IPv4 one at its end (two notations for one host would let a rule be
/// walked around).
std::optional<NetAddress> parse_ip(std::string_view text);

/// address "/" length; the bits beyond the length are kept.
std::optional<NetAddress> parse_cidr(std::string_view text);

/// The canonical text of an ip or cidr value.
std::string network_text(Kind kind, const NetAddress& address);

/// Whether the address lies in the network; false across families.
bool contains(const NetAddress& network, const NetAddress& address);

/// The network with every bit beyond its length cleared.
NetAddress masked(const NetAddress& network);

}  // namespace preloop::cel
