#pragma once
#include "core/json.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::redact {

/// What to look for, spelled as in policy documents.
enum class Detector : std::uint8_t {
  secrets,      ///< keys, tokens, passwords: by their shape, or by the name they stand under
  credit_card,  ///< 13 to 19 digits of a known issuer that pass the Luhn check
  email,
  iban,  ///< an account number of 15 to 34 characters whose check digits are right (ISO 13616)
};

std::string_view to_string(Detector detector);
std::optional<Detector> detector_from(std::string_view name);

/// A set of detectors; a value.
class Detectors {
 public:
  constexpr Detectors() = default;
  constexpr Detectors(std::initializer_list<Detector> detectors) {
    for (const Detector detector : detectors) {
      add(detector);
    }
  }
  constexpr void add(Detector detector) { bits_ |= bit(detector); }
  constexpr bool has(Detector detector) const { return (bits_ & bit(detector)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  bool operator==(const Detectors&) const = default;

 private:
  static constexpr unsigned bit(Detector detector) { return 1U << static_cast<unsigned>(detector); }
  unsigned bits_ = 0;
};

/// How often one kind was masked.
struct Masked {
  std::string_view kind;  ///< static, for instance "github_token", "password", "credit_card"
  std::size_t count = 0;
  bool operator==(const Masked&) const = default;
};

/// A text with its secrets replaced by `[redacted:<kind>]`. Holds nothing of what was masked.
struct Redaction {
  std::string text;            ///< the input, byte for byte, when nothing was masked
  std::vector<Masked> masked;  ///< by kind, in order of first appearance; at most a few dozen
  bool changed() const { return !masked.empty(); }
};

/// What stands in the place of something masked.
enum class Style : std::uint8_t {
  kind,          ///< `[redacted:credit_card]`
  recognisable,  ///< `[redacted:credit_card, 16 characters, ends 1111]`: for people who must tell
                 ///< one from another; the end only of what is at least 12 characters long
};

// Pure and linear in the input; safe on any bytes. Masking is idempotent. It is a net, not a
// proof: a secret of a shape nobody knows under a name that says nothing passes.

/// Masks what the detectors find in `text`, which may itself hold JSON, headers, environment files
/// or URLs. Of `name=value` and `"name": "value"` only the value is masked.
Redaction mask(std::string_view text, Detectors detectors, Style style = Style::kind);

/// Masks inside strings of `value`, names included, and (with `secrets`) whole values under
/// sensitive names, unless they are null, true, false or empty. The result is valid JSON.
/// `original` are the bytes `value` was parsed from: they are returned when nothing was masked;
/// otherwise the whole value is written anew, without spaces.
Redaction redact_json(core::Json value,
                      std::string_view original,
                      Detectors detectors,
                      Style style = Style::kind);

/// What the value under this name is called when it is sensitive ("password" for
/// "DB_Password" and "newPassword2"), else nothing. Case and separators do not matter. Names such
/// as max_tokens, page_token and password_policy are not sensitive.
std::optional<std::string_view> sensitive_kind(std::string_view name);

}  // namespace preloop::redact
