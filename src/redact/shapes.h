#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace preloop::redact {

/// Something found at the start of a text: `skip` bytes to keep, then `length` bytes to mask.
struct Match {
  std::string_view kind;
  std::size_t skip = 0;
  std::size_t length = 0;
  explicit operator bool() const { return length != 0; }
};

/// The character before the text, which decides whether a word can begin there; 0 at the start.
using Before = char;

// Each looks at the start of `text` only and reads a bounded number of bytes, or else bytes that it
// then masks: a scan that calls them at every position stays linear.

/// Tokens that providers gave a recognisable shape, PEM private keys, JSON Web Tokens, values after
/// "Bearer" and "Basic", passwords in URLs.
Match match_secret(std::string_view text, Before before);
Match match_credit_card(std::string_view text, Before before);
Match match_email(std::string_view text, Before before);
Match match_iban(std::string_view text, Before before);

/// Whether match_secret or match_credit_card can find anything that begins with these two
/// characters; most words cannot. `second` is 0 at the end.
bool may_begin(char first, char second);

/// What a byte may be the first of, and whether it goes on a word; bits of k_bytes.
constexpr std::uint8_t k_word_byte = 1;
constexpr std::uint8_t k_may_begin = 2;     ///< the first of a pair that may_begin knows
constexpr std::uint8_t k_assignment = 4;    ///< "=" or ":", behind a name
constexpr std::uint8_t k_alphanumeric = 8;  ///< an address or an account number
extern const std::array<std::uint8_t, 256> k_bytes;

/// Letter, digit or "_".
inline bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace preloop::redact
