#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace preloop::core {
namespace {

constexpr std::string_view k_hex = "0123456789abcdef";
constexpr std::string_view k_base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_base64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string encode64(std::string_view bytes, std::string_view alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) {
      out += alphabet[bits >> (count - 6) & 63];
    }
  }
  if (count > 0) {
    out += alphabet[bits << (6 - count) & 63];
  }
  while (pad && out.size() % 4 != 0) {
    out += '=';
  }
  return out;
}

std::optional<std::string> decode64(std::string_view text, std::string_view alphabet) {
  std::array<std::int8_t, 256> values;
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = values[static_cast<unsigned char>(c)];
    if (value < 0) {
      return std::nullopt;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count);
    }
  }
  if (text.size() % 4 == 1 || (bits & ((1U << count) - 1)) != 0) {
    return std::nullopt;
  }
  return out;
}

/// Decodes one code point at `at` and advances; -1 (advancing one byte) when it is malformed.
std::int32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const int extra = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  static constexpr std::int32_t k_least[] = {0, 0x80, 0x800, 0x10000};
  if (first < 0xC2 || first > 0xF4 || at + static_cast<std::size_t>(extra) >= text.size()) {
    ++at;
    return -1;
  }
  std::int32_t point = first & (0x3F >> extra);
  for (int i = 1; i <= extra; ++i) {
    const unsigned char next = byte(at + static_cast<std::size_t>(i));
    if ((next & 0xC0) != 0x80) {
      ++at;
      return -1;
    }
    point = point << 6 | (next & 0x3F);
  }
  if (point < k_least[extra] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
    ++at;
    return -1;
  }
  at += static_cast<std::size_t>(extra) + 1;
  return point;
}

/// Characters that change how text is displayed without being seen: C0/C1 controls, soft hyphen,
/// zero-width and bidi controls, line separators, tags, variation selectors, byte order mark.
bool is_invisible(std::int32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0xAD || point == 0x61C ||
         (point >= 0x180B && point <= 0x180F) || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) ||
         (point >= 0xFE00 && point <= 0xFE0F) || point == 0xFEFF ||
         (point >= 0xFFF9 && point <= 0xFFFB) || (point >= 0xE0000 && point <= 0xE0FFF);
}

}  // namespace

void append_hex(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    out += k_hex[static_cast<unsigned char>(c) >> 4];
    out += k_hex[static_cast<unsigned char>(c) & 15];
  }
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  append_hex(out, bytes);
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = k_hex.find(lower(hex[i])), low = k_hex.find(lower(hex[i + 1]));
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::nullopt;
    }
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string to_base64url(std::string_view bytes) {
  return encode64(bytes, k_base64url, false);
}
std::optional<std::string> from_base64url(std::string_view text) {
  return decode64(text, k_base64url);
}
std::string to_base64(std::string_view bytes) {
  return encode64(bytes, k_base64, true);
}
std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  for (int i = 0; i < 2 && text.ends_with('='); ++i) {
    text.remove_suffix(1);
  }
  return decode64(text, k_base64);
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

bool iequals(std::string_view a, std::string_view b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_valid_utf8(std::string_view text) {
  constexpr std::uint64_t k_high_bits = 0x8080808080808080U;
  for (std::size_t at = 0; at < text.size();) {
    std::uint64_t eight = 0;
    if (at + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & k_high_bits) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    if (next_code_point(text, at) < 0) {
      return false;
    }
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string truncate_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) {
    return std::string(text);
  }
  std::size_t end = max_bytes;
  while (end > 0 && (text[end] & 0xC0) == 0x80) {
    --end;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (out.size() >= max_bytes) {
      return out + "…";
    }
    const std::size_t from = at;
    const std::int32_t point = next_code_point(text, at);
    if (point < 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[from]));
    } else if (is_invisible(point)) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += text.substr(from, at - from);
    }
  }
  return out;
}

}  // namespace preloop::core
