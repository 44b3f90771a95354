#include "core/id.h"

#include "core/crypto.h"

#include <algorithm>

namespace preloop::core {

Uuid Uuid::v7(WallTime now) {
  // The 12 bits after the version are a counter within the millisecond (RFC 9562, 6.2 method 1).
  thread_local std::uint64_t last_millis = 0;
  thread_local std::uint32_t counter = 0;
  auto millis = static_cast<std::uint64_t>(
      std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count());
  if (millis > last_millis) {
    last_millis = millis;
    counter = 0;
  } else {
    if (++counter > 0xfff) {
      ++last_millis;
      counter = 0;
    }
    millis = last_millis;
  }
  Uuid id;
  random_bytes(id.bytes.data() + 8, 8);
  for (int i = 0; i < 6; ++i) {
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (counter >> 8));
  id.bytes[7] = static_cast<std::uint8_t>(counter);
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) {
    return std::nullopt;
  }
  const auto nibble = [](char c) -> int {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
      return c - 'A' + 10;
    }
    return -1;
  };
  Uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      if (text[at++] != '-') {
        return std::nullopt;
      }
    }
    const int high = nibble(text[at]), low = nibble(text[at + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return id;
}

std::optional<Uuid> Uuid::from_bytes(std::string_view raw) {
  if (raw.size() != 16) {
    return std::nullopt;
  }
  Uuid id;
  std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(id.bytes.data()));
  return id;
}

Uuid::Text Uuid::text() const {
  static constexpr char k_hex[] = "0123456789abcdef";
  Text text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text.chars[at++] = '-';
    }
    text.chars[at++] = k_hex[bytes[i] >> 4];
    text.chars[at++] = k_hex[bytes[i] & 15];
  }
  return text;
}

}  // namespace preloop::core
