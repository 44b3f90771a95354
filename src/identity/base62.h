#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace preloop::identity {

// Fixed-width base 62 (0-9, A-Z, a-z), most significant digit first: the alphabet of keys and
// tokens. It has no '_' or '-', so a key is selected by one double click and its parts are
// separated without doubt. Pure.

/// `bytes` as one big-endian number in exactly `width` digits, which must be enough for it (22 for
/// 16 bytes, 43 for 32, 6 for 4).
std::string to_base62(std::string_view bytes, std::size_t width);
/// The `size` bytes; nullopt for other characters and for a number that does not fit, so that every
/// value has one spelling.
std::optional<std::string> from_base62(std::string_view digits, std::size_t size);
bool is_base62(std::string_view text);

}  // namespace preloop::identity
