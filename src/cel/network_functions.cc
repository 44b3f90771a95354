#include "cel/function.h"
#include "cel/network.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;
using Parse = std::optional<NetAddress> (*)(std::string_view);

Value make(Frame& frame, Kind kind, const NetAddress& address) {
  NetAddress* const to = frame.allocate<NetAddress>(1);
  if (to == nullptr) {
    return Value::null();
  }
  *to = address;
  return Value::of_network(kind, to);
}

template <Kind k_kind, Parse k_parse>
Value from_text(Frame& frame, Args args) {
  if (args[0].is(k_kind)) {
    return args[0];
  }
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind());
  }
  const auto parsed = k_parse(args[0].as_text());
  return parsed ? make(frame, k_kind, *parsed) : Value::of_error(ErrorCode::invalid_text);
}

template <Parse k_parse>
Value is_text_of(Frame&, Args args) {
  return args[0].is(Kind::string) ? Value::of_bool(k_parse(args[0].as_text()).has_value())
                                  : Value::of_overload_error(args[0].kind());
}

Value is_canonical(Frame&, Args args) {
  if (!args[0].is(Kind::string)) {
    return Value::of_overload_error(args[0].kind());
  }
  const auto parsed = parse_ip(args[0].as_text());
  return parsed ? Value::of_bool(network_text(Kind::ip, *parsed) == args[0].as_text())
                : Value::of_error(ErrorCode::invalid_text);
}

/// The value behind an `ip` argument; nullptr for other kinds.
const NetAddress* as(Kind kind, const Value& value) {
  return value.is(kind) ? &value.as_network() : nullptr;
}

Value family(Frame&, Args args) {
  const NetAddress* const ip = as(Kind::ip, args[0]);
  return ip != nullptr ? Value::of_int(ip->is_v6 ? 6 : 4)
                       : Value::of_overload_error(args[0].kind());
}

bool is_unspecified(const NetAddress& ip) {
  return ip.bytes == std::array<std::uint8_t, 16>{};
}
bool is_loopback(const NetAddress& ip) {
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  return ip.is_v6 ? ip.bytes == one : ip.bytes[0] == 127;
}
bool is_multicast(const NetAddress& ip) {
  return ip.is_v6 ? ip.bytes[0] == 0xFF : (ip.bytes[0] & 0xF0) == 0xE0;
}
bool is_link_local_multicast(const NetAddress& ip) {
  return ip.is_v6 ? ip.bytes[0] == 0xFF && (ip.bytes[1] & 0x0F) == 0x02
                  : ip.bytes[0] == 224 && ip.bytes[1] == 0 && ip.bytes[2] == 0;
}
bool is_link_local_unicast(const NetAddress& ip) {
  return ip.is_v6 ? ip.bytes[0] == 0xFE && (ip.bytes[1] & 0xC0) == 0x80
                  : ip.bytes[0] == 169 && ip.bytes[1] == 254;
}
bool is_broadcast(const NetAddress& ip) {
  return !ip.is_v6 && ip.bytes[0] == 255 && ip.bytes[1] == 255 && ip.bytes[2] == 255 &&
         ip.bytes[3] == 255;
}
/// Private addresses are global unicast ones, as in the specification's examples.
bool is_global_unicast(const NetAddress& ip) {
  return !is_unspecified(ip) && !is_loopback(ip) && !is_multicast(ip) &&
         !is_link_local_unicast(ip) && !is_broadcast(ip);
}

template <bool (*k_test)(const NetAddress&)>
Value test(Frame&, Args args) {
  const NetAddress* const ip = as(Kind::ip, args[0]);
  return ip != nullptr ? Value::of_bool(k_test(*ip)) : Value::of_overload_error(args[0].kind());
}

/// containsIP and containsCIDR take the value or its text.
template <Kind k_kind, Parse k_parse>
Value contains_network(Frame&, Args args) {
  const NetAddress* const network = as(Kind::cidr, args[0]);
  const NetAddress* other = as(k_kind, args[1]);
  std::optional<NetAddress> parsed;
  if (args[1].is(Kind::string)) {
    parsed = k_parse(args[1].as_text());
    if (!parsed) {
      return Value::of_error(ErrorCode::invalid_text);
    }
    other = &*parsed;
  }
  if (network == nullptr || other == nullptr) {
    return Value::of_overload_error(args[0].kind(), args[1].kind());
  }
  const bool narrower = k_kind == Kind::ip || other->prefix_length >= network->prefix_length;
  return Value::of_bool(narrower && contains(*network, *other));
}

Value address_of(Frame& frame, Args args) {
  const NetAddress* const network = as(Kind::cidr, args[0]);
  if (network == nullptr) {
    return Value::of_overload_error(args[0].kind());
  }
  NetAddress out = *network;
  out.prefix_length = 0;
  return make(frame, Kind::ip, out);
}

Value masked_network(Frame& frame, Args args) {
  const NetAddress* const network = as(Kind::cidr, args[0]);
  return network != nullptr ? make(frame, Kind::cidr, masked(*network))
                            : Value::of_overload_error(args[0].kind());
}

Value prefix_length(Frame&, Args args) {
  const NetAddress* const network = as(Kind::cidr, args[0]);
  return network != nullptr ? Value::of_int(network->prefix_length)
                            : Value::of_overload_error(args[0].kind());
}

constexpr std::string_view k_test = "(net.IP) -> bool";

constexpr Function k_functions[] = {
    {"ip",
     CallStyle::global,
     1,
     1,
     from_text<Kind::ip, parse_ip>,
     "(string) -> net.IP; (net.IP) -> net.IP",
     "the address a text stands for; zones and IPv4 inside IPv6 are errors"},
    {"cidr",
     CallStyle::global,
     1,
     1,
     from_text<Kind::cidr, parse_cidr>,
     "(string) -> net.CIDR; (net.CIDR) -> net.CIDR",
     "the network a text such as '10.0.0.0/8' stands for"},
    {"isIP",
     CallStyle::global,
     1,
     1,
     is_text_of<parse_ip>,
     "(string) -> bool",
     "whether ip() takes the text"},
    {"isCIDR",
     CallStyle::global,
     1,
     1,
     is_text_of<parse_cidr>,
     "(string) -> bool",
     "whether cidr() takes the text"},
    {"ip.isCanonical",
     CallStyle::global,
     1,
     1,
     is_canonical,
     "(string) -> bool",
     "whether the text is the one canonical form of its address (RFC 5952)"},
    {"family", CallStyle::member, 1, 1, family, "(net.IP) -> int", "4 or 6"},
    {"isUnspecified", CallStyle::member, 1, 1, test<is_unspecified>, k_test, "0.0.0.0 or ::"},
    {"isLoopback", CallStyle::member, 1, 1, test<is_loopback>, k_test, "127.0.0.0/8 or ::1"},
    {"isLinkLocalMulticast",
     CallStyle::member,
     1,
     1,
     test<is_link_local_multicast>,
     k_test,
     "224.0.0.0/24 or ff02::/16"},
    {"isLinkLocalUnicast",
     CallStyle::member,
     1,
     1,
     test<is_link_local_unicast>,
     k_test,
     "169.254.0.0/16 or fe80::/10"},
    {"isGlobalUnicast",
     CallStyle::member,
     1,
     1,
     test<is_global_unicast>,
     k_test,
     "neither unspecified, loopback, multicast, link-local nor broadcast"},
    {"containsIP",
     CallStyle::member,
     2,
     2,
     contains_network<Kind::ip, parse_ip>,
     "(net.CIDR, net.IP) -> bool; (net.CIDR, string) -> bool",
     "whether the address lies in the network"},
    {"containsCIDR",
     CallStyle::member,
     2,
     2,
     contains_network<Kind::cidr, parse_cidr>,
     "(net.CIDR, net.CIDR) -> bool; (net.CIDR, string) -> bool",
     "whether the whole network lies in it"},
    {"ip",
     CallStyle::member,
     1,
     1,
     address_of,
     "(net.CIDR) -> net.IP",
     "the network's address as written"},
    {"masked",
     CallStyle::member,
     1,
     1,
     masked_network,
     "(net.CIDR) -> net.CIDR",
     "the network with the bits beyond its prefix cleared"},
    {"prefixLength", CallStyle::member, 1, 1, prefix_length, "(net.CIDR) -> int", "its length"},
};

}  // namespace

std::span<const Function> network_functions() {
  return k_functions;
}

}  // namespace preloop::cel
