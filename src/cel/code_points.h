#pragma once
#include "cel/frame.h"
#include "cel/literal.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace preloop::cel {

// Positions in a string count code points; UTF-8 has to be walked for them.

/// The bytes before the code point of that position; the whole size for the position after the
/// last; nullopt when `position` is negative or beyond.
inline std::optional<std::size_t> byte_offset(std::string_view text, std::int64_t position) {
  std::size_t at = 0;
  for (; position > 0 && at < text.size(); --position) {
    at += utf8_sequence_length(text[at]);
  }
  return position == 0 ? std::optional(at) : std::nullopt;
}

/// Calls `visit(piece)` for each code point's bytes.
template <class Visit>
void each_code_point(std::string_view text, Visit&& visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence_length(text[at]);
    visit(text.substr(at, length));
    at += length;
  }
}

/// Pays for walking a string a few times.
inline bool spend_walk(Frame& frame, const Value& text) {
  return frame.spend(1 + text.size() / 4);
}

}  // namespace preloop::cel
