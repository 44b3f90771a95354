#include "cel/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace preloop::cel {
namespace {

/// Decimal digits without a sign or a leading zero, at most `limit`.
std::optional<unsigned> parse_number(std::string_view text, unsigned limit) {
  unsigned out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || end != text.data() + text.size() || text.size() > 3 ||
      out > limit || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return out;
}

std::optional<NetAddress> parse_v4(std::string_view text) {
  NetAddress out;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) {
      return std::nullopt;
    }
    const auto byte = parse_number(text.substr(0, dot), 255);
    if (!byte) {
      return std::nullopt;
    }
    out.bytes[i] = static_cast<std::uint8_t>(*byte);
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return out;
}

/// One to four hexadecimal digits.
std::optional<std::uint16_t> parse_group(std::string_view text) {
  std::uint16_t out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  return problem == std::errc() && end == text.data() + text.size() && text.size() <= 4
             ? std::optional(out)
             : std::nullopt;
}

/// Groups between colons into `bytes` from `at` on; the number of bytes, or nullopt.
std::optional<std::size_t> parse_groups(std::string_view text,
                                        std::array<std::uint8_t, 16>& bytes) {
  std::size_t at = 0;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const auto group = parse_group(text.substr(0, colon));
    if (!group || at + 2 > bytes.size() || colon + 1 == text.size()) {
      return std::nullopt;
    }
    bytes[at++] = static_cast<std::uint8_t>(*group >> 8);
    bytes[at++] = static_cast<std::uint8_t>(*group & 0xFF);
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
  }
  return at;
}

std::optional<NetAddress> parse_v6(std::string_view text) {
  NetAddress out;
  out.is_v6 = true;
  const std::size_t gap = text.find("::");
  const auto before = parse_groups(text.substr(0, gap), out.bytes);
  if (!before) {
    return std::nullopt;
  }
  if (gap == std::string_view::npos) {
    return *before == 16 ? std::optional(out) : std::nullopt;
  }
  std::array<std::uint8_t, 16> tail{};
  const auto after = parse_groups(text.substr(gap + 2), tail);
  // "::" stands for one group at least.
  if (!after || *before + *after > 14) {
    return std::nullopt;
  }
  std::copy_n(tail.begin(), *after, out.bytes.end() - static_cast<std::ptrdiff_t>(*after));
  return out;
}

/// RFC 5952: lower case, no leading zeros, "::" for the first longest run of two or more groups.
std::string v6_text(const std::array<std::uint8_t, 16>& bytes) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  std::size_t start = 8;
  std::size_t longest = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) {
      ++end;
    }
    if (end - i > longest) {
      start = i;
      longest = end - i;
    }
    i = end + 1;
  }
  std::string out;
  for (std::size_t i = 0; i < 8;) {
    if (i == start) {
      out += "::";
      i += longest;
    } else {
      out += out.empty() || out.ends_with("::") ? "" : ":";
      out += fmt::format("{:x}", groups[i++]);
    }
  }
  return out;
}

std::uint8_t mask_of(const NetAddress& network, std::size_t byte) {
  const int bits = static_cast<int>(network.prefix_length) - static_cast<int>(byte * 8);
  return bits >= 8 ? 0xFF : bits <= 0 ? 0 : static_cast<std::uint8_t>(0xFF << (8 - bits));
}

}  // namespace

std::optional<NetAddress> parse_ip(std::string_view text) {
  return text.find(':') == std::string_view::npos ? parse_v4(text) : parse_v6(text);
}

std::optional<NetAddress> parse_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  auto out = parse_ip(text.substr(0, slash));
  const auto length = parse_number(text.substr(slash + 1), out && out->is_v6 ? 128 : 32);
  if (!out || !length) {
    return std::nullopt;
  }
  out->prefix_length = static_cast<std::uint8_t>(*length);
  return out;
}

std::string network_text(Kind kind, const NetAddress& address) {
  const auto& b = address.bytes;
  std::string out = address.is_v6 ? v6_text(b) : fmt::format("{}.{}.{}.{}", b[0], b[1], b[2], b[3]);
  return kind == Kind::cidr ? fmt::format("{}/{}", out, address.prefix_length) : out;
}

bool contains(const NetAddress& network, const NetAddress& address) {
  if (network.is_v6 != address.is_v6) {
    return false;
  }
  for (std::size_t i = 0; i < network.bytes.size(); ++i) {
    const std::uint8_t mask = mask_of(network, i);
    if ((network.bytes[i] & mask) != (address.bytes[i] & mask)) {
      return false;
    }
  }
  return true;
}

NetAddress masked(const NetAddress& network) {
  NetAddress out = network;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    out.bytes[i] &= mask_of(network, i);
  }
  return out;
}

}  // namespace preloop::cel
