#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::core {

// Small pure text functions. Views returned point into the argument.

std::string to_hex(std::string_view bytes);
void append_hex(std::string& out, std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);

/// RFC 4648 section 5, no padding.
std::string to_base64url(std::string_view bytes);
/// Strict: no padding, no other characters, no stray bits; nullopt otherwise.
std::optional<std::string> from_base64url(std::string_view text);
/// RFC 4648 section 4, with padding.
std::string to_base64(std::string_view bytes);
/// Strict, padding required.
std::optional<std::string> from_base64(std::string_view text);

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// ASCII only, as HTTP field names and host names are compared.
bool iequals(std::string_view a, std::string_view b);
std::string ascii_lower(std::string_view text);

/// Strict UTF-8 (RFC 3629): no overlong forms, surrogates, or code points beyond U+10FFFF.
bool is_valid_utf8(std::string_view text);
/// Number of code points of valid UTF-8.
std::size_t utf8_length(std::string_view text);
/// At most `max_bytes`, cut at a code point, with "…" appended when something was cut.
std::string truncate_utf8(std::string_view text, std::size_t max_bytes);
/// One line that is safe to print: control characters, bidi and other invisible format characters
/// and invalid UTF-8 become visible escapes such as \u202e. For logs, messages and terminals.
std::string printable(std::string_view text, std::size_t max_bytes = 1024);

}  // namespace preloop::core
