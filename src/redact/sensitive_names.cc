#include "redact/redact.h"

#include <algorithm>
#include <array>
#include <utility>

namespace preloop::redact {
namespace {

/// The end of a name without separators, in lower case, and what to call the value.
constexpr std::array<std::pair<std::string_view, std::string_view>, 39> k_endings{{
    {"password", "password"},
    {"passwords", "password"},
    {"passwd", "password"},
    {"passphrase", "password"},
    {"passcode", "password"},
    {"pwd", "password"},
    {"secret", "secret"},
    {"secrets", "secret"},
    {"token", "token"},
    {"accesstokens", "token"},
    {"refreshtokens", "token"},
    {"apitokens", "token"},
    {"bearer", "token"},
    {"jwt", "token"},
    {"credential", "credential"},
    {"credentials", "credential"},
    {"authorization", "authorization"},
    {"authheader", "authorization"},
    {"cookie", "cookie"},
    {"cookies", "cookie"},
    {"sessionid", "token"},
    {"apikey", "api_key"},
    {"apikeys", "api_key"},
    {"accesskey", "api_key"},
    {"accesskeys", "api_key"},
    {"accountkey", "api_key"},
    {"sharedkey", "api_key"},
    {"servicekey", "api_key"},
    {"serviceaccountkey", "api_key"},
    {"subscriptionkey", "api_key"},
    {"authkey", "api_key"},
    {"secretkey", "secret_key"},
    {"privatekey", "private_key"},
    {"privatekeys", "private_key"},
    {"signingkey", "secret_key"},
    {"encryptionkey", "secret_key"},
    {"masterkey", "secret_key"},
    {"sshkey", "private_key"},
    {"connectionstring", "credential"},
}};

/// Names that are sensitive only alone: as endings they would match ordinary words.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> k_whole{{
    {"auth", "authorization"},
    {"pass", "password"},
    {"cvv", "secret"},
    {"cvc", "secret"},
    {"otp", "secret"},
}};

/// Cursors and special tokens of language models.
constexpr std::array<std::string_view, 12> k_harmless{"pagetoken",
                                                      "nexttoken",
                                                      "continuationtoken",
                                                      "continuetoken",
                                                      "synctoken",
                                                      "starttoken",
                                                      "stoptoken",
                                                      "padtoken",
                                                      "eostoken",
                                                      "bostoken",
                                                      "unktoken",
                                                      "masktoken"};

/// What may follow: "password_confirmation", "tokenValue", "secret_b64".
constexpr std::array<std::string_view, 9> k_decorations{
    "confirmation", "confirm", "value", "plaintext", "plain", "hash", "base64", "b64", "header"};

constexpr std::size_t k_tail = 40;  ///< longer than any ending with its decoration

}  // namespace

std::optional<std::string_view> sensitive_kind(std::string_view name) {
  if (name.starts_with("[redacted:")) {
    return std::nullopt;  // a masked name: "[redacted:github_token]"
  }
  // The last letters and digits in lower case; the rest of a long name does not matter.
  std::array<char, k_tail> tail;
  std::size_t start = k_tail;
  std::size_t at = name.size();
  while (at > 0 && start > 0) {
    const char c = name[--at];
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      tail[--start] = c;
    } else if (c >= 'A' && c <= 'Z') {
      tail[--start] = static_cast<char>(c + 32);
    }
  }
  std::string_view text(tail.data() + start, k_tail - start);
  const auto lookup = [&]() -> std::optional<std::string_view> {
    if (text.size() < 3) {
      return std::nullopt;
    }
    for (const auto& [word, kind] : k_whole) {
      if (text == word) {
        return kind;
      }
    }
    if (text.ends_with("token") &&
        std::ranges::any_of(k_harmless, [&](auto word) { return text.ends_with(word); })) {
      return std::nullopt;
    }
    for (const auto& [ending, kind] : k_endings) {
      // The last character decides nearly always, without a call.
      if (ending.back() == text.back() && text.ends_with(ending)) {
        return kind;
      }
    }
    return std::nullopt;
  };
  if (const auto kind = lookup()) {
    return kind;
  }
  const std::size_t whole = text.size();
  while (!text.empty() && text.back() >= '0' && text.back() <= '9') {
    text.remove_suffix(1);
  }
  for (const std::string_view decoration : k_decorations) {
    if (!text.empty() && text.back() == decoration.back() && text.ends_with(decoration)) {
      text.remove_suffix(decoration.size());
      break;
    }
  }
  return text.size() == whole ? std::nullopt : lookup();
}

}  // namespace preloop::redact
