#include "identity/base62.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace preloop::identity {
namespace {

constexpr std::string_view k_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

constexpr auto k_value = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < k_digits.size(); ++i) {
    table[static_cast<unsigned char>(k_digits[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}();

int value_of(char digit) {
  return k_value[static_cast<unsigned char>(digit)];
}

}  // namespace

std::string to_base62(std::string_view bytes, std::size_t width) {
  std::string number(bytes);
  std::string out(width, k_digits[0]);
  for (std::size_t at = width; at > 0; --at) {
    unsigned remainder = 0;
    for (char& byte : number) {
      const unsigned part = remainder * 256 + static_cast<unsigned char>(byte);
      byte = static_cast<char>(part / 62);
      remainder = part % 62;
    }
    out[at - 1] = k_digits[remainder];
  }
  return out;
}

std::optional<std::string> from_base62(std::string_view digits, std::size_t size) {
  // Eight digits at a time: every request of an agent reads a key. 62^8 < 2^48, so that a byte's
  // product and what is carried fit in 64 bits.
  constexpr std::size_t k_digits_at_once = 8;
  std::string out(size, '\0');
  while (!digits.empty()) {
    std::uint64_t factor = 1;
    std::uint64_t carry = 0;
    for (const char digit : digits.substr(0, k_digits_at_once)) {
      const int value = value_of(digit);
      if (value < 0) {
        return std::nullopt;
      }
      factor *= 62;
      carry = carry * 62 + static_cast<std::uint64_t>(value);
    }
    digits.remove_prefix(std::min(digits.size(), k_digits_at_once));
    for (std::size_t at = size; at > 0; --at) {
      const std::uint64_t part = static_cast<unsigned char>(out[at - 1]) * factor + carry;
      out[at - 1] = static_cast<char>(part & 0xFF);
      carry = part >> 8;
    }
    if (carry != 0) {
      return std::nullopt;
    }
  }
  return out;
}

bool is_base62(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return value_of(c) >= 0; });
}

}  // namespace preloop::identity
