#pragma once
#include <cstddef>
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

/// Whether any match can begin with this character; most cannot.
bool may_begin(char c);

bool is_word(char c);  ///< letter, digit or "_"

}  // namespace preloop::redact
