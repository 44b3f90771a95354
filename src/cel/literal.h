#pragma once
#include "cel/arena.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::cel {

struct LiteralForm {
  bool is_bytes = false;
  bool is_raw = false;
};

struct LiteralError {
  std::size_t offset = 0;  ///< within the body
  std::string problem;
};

/// What stands between the quotes of a string or bytes literal, with its escapes replaced. In
/// strings \xFF and \377 are code points, in bytes they are octets. The result is a view of `body`
/// when there is nothing to replace, else lives in the arena.
std::expected<std::string_view, LiteralError> decode_literal(std::string_view body,
                                                             LiteralForm form,
                                                             Arena& arena);

/// Digits with an optional 0x, and an optional leading '-'; nullopt when it does not fit.
std::optional<std::int64_t> parse_int_literal(std::string_view text);
std::optional<std::uint64_t> parse_uint_literal(std::string_view text);
/// nullopt when the magnitude is beyond double.
std::optional<double> parse_double_literal(std::string_view text);

/// Bytes of the UTF-8 sequence that starts with `first`.
inline std::size_t utf8_sequence_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}
/// Appends a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace preloop::cel
