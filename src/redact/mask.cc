#include "core/text.h"
#include "redact/masker.h"
#include "redact/redact.h"
#include "redact/shapes.h"

#include <algorithm>
#include <string>

namespace preloop::redact {
namespace {

constexpr std::string_view k_marker = "[redacted:";

bool is_space(char c) {
  return c == ' ' || c == '\t';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool ends_value(char c) {
  return static_cast<unsigned char>(c) <= ' ' ||
         std::string_view("\"'`&;,<>|)}]\\").find(c) != std::string_view::npos;
}

/// The name that ends at `end`, without the quotes around it; empty when there is none.
std::string_view name_before(std::string_view text, std::size_t end) {
  constexpr std::size_t k_longest = 64;
  while (end > 0 && is_space(text[end - 1])) {
    --end;
  }
  if (end > 0 && (text[end - 1] == '"' || text[end - 1] == '\'')) {
    --end;
    if (end > 0 && text[end - 1] == '\\') {
      --end;
    }
  }
  std::size_t start = end;
  while (start > 0 && end - start < k_longest &&
         (is_word(text[start - 1]) || text[start - 1] == '-' || text[start - 1] == '.')) {
    --start;
  }
  return text.substr(start, end - start);
}

/// A header value of several words goes to the end of the line, or of the quotes it is in.
Match match_header(std::string_view value, std::size_t skip, std::string_view kind) {
  constexpr std::size_t k_looked_at = 256, k_least = 6;
  const auto end = std::min(value.find_first_of("\r\n\"'"), value.size());
  const std::string_view head = value.substr(0, std::min(end, k_looked_at));
  if (head.size() < k_least || head.find(k_marker) != head.npos ||
      std::ranges::none_of(head, is_digit)) {
    return {};
  }
  return {kind, skip, end};
}

/// `password="x"`, `"password": "x"`, `{\"password\":\"x\"}`, `TOKEN=x1`, `?token=x1`, `token: x1`.
/// `text` begins at the "=" or ":"; bytes read and not masked are bounded.
Match match_assignment(std::string_view text, std::string_view kind) {
  constexpr std::size_t k_most_spaces = 8;
  std::size_t at = 1;
  while (at < text.size() && at <= k_most_spaces && is_space(text[at])) {
    ++at;
  }
  const bool spaced = at > 1;
  std::string_view quote;
  for (const std::string_view candidate : {"\\\"", "\"", "'"}) {
    if (text.substr(at).starts_with(candidate)) {
      quote = text.substr(at, candidate.size());
      at += candidate.size();
      break;
    }
  }
  const std::string_view value = text.substr(at);
  if (value.starts_with(k_marker)) {
    return {};
  }
  if (!quote.empty()) {
    // A quoted value goes to its closing quote, whatever is inside.
    std::size_t end = 0;
    while (end < value.size() && !value.substr(end).starts_with(quote)) {
      end += value[end] == '\\' && quote.size() == 1 ? 2 : 1;
    }
    end = std::min(end, value.size());
    return {kind, at, end};
  }
  if (value.empty() || std::string_view("${[").find(value.front()) != std::string_view::npos) {
    return {};  // a variable, a template or structure
  }
  if (text[0] == ':' && (kind == "cookie" || kind == "authorization")) {
    return match_header(value, at, kind);
  }
  // A bare one is a value and not code or prose when it is long enough and has a digit.
  constexpr std::size_t k_looked_at = 256, k_least = 6;
  const std::string_view head = value.substr(0, k_looked_at);
  const auto head_end = std::ranges::find_if(head, ends_value);
  if (head_end - head.begin() < static_cast<std::ptrdiff_t>(k_least) ||
      std::none_of(head.begin(), head_end, is_digit) || (text[0] == '=' && spaced)) {
    return {};
  }
  const auto end = std::ranges::find_if(value, ends_value);
  return {kind, at, static_cast<std::size_t>(end - value.begin())};
}

}  // namespace

Masker::Masker(Detectors detectors, Style style) : detectors_(detectors), style_(style) {
  const auto looks = [&](std::initializer_list<Detector> any, std::uint8_t bit) {
    if (std::ranges::any_of(any, [&](Detector one) { return detectors.has(one); })) {
      begins_ |= bit;
    }
  };
  looks({Detector::secrets}, k_assignment);
  looks({Detector::secrets, Detector::credit_card}, k_may_begin);
  looks({Detector::email, Detector::iban}, k_alphanumeric);
}

bool Masker::find(std::string_view text, std::size_t at, Match& match) const {
  const char c = text[at];
  const char before = at == 0 ? '\0' : text[at - 1];
  const std::string_view rest = text.substr(at);
  if ((c == '=' || c == ':') && detectors_.has(Detector::secrets)) {
    const std::string_view name = name_before(text, at);
    // "secret:deployer" names an entry of the secret store and is none itself.
    const bool reference = rest.starts_with(':') && name == "secret" && rest.size() > 1 &&
                           (is_word(rest[1]) || rest[1] == '-');
    if (const auto kind = sensitive_kind(name); kind && !reference) {
      match = match_assignment(rest, *kind);
    }
    return static_cast<bool>(match);
  }
  if (may_begin(c, rest.size() > 1 ? rest[1] : '\0')) {
    if (detectors_.has(Detector::secrets)) {
      match = match_secret(rest, before);
    }
    if (!match && detectors_.has(Detector::credit_card)) {
      match = match_credit_card(rest, before);
    }
  }
  if (!match && detectors_.has(Detector::email)) {
    match = match_email(rest, before);
  }
  if (!match && detectors_.has(Detector::iban)) {
    match = match_iban(rest, before);
  }
  return static_cast<bool>(match);
}

bool Masker::append(std::string& out, std::string_view text) {
  const auto byte = [&](std::size_t at) { return k_bytes[static_cast<unsigned char>(text[at])]; };
  std::size_t copied = 0;
  bool changed = false;
  for (std::size_t at = 0; at < text.size();) {
    Match match;
    // Most bytes can be the first of nothing, and nothing begins inside a word.
    if ((byte(at) & begins_) == 0 || !find(text, at, match)) {
      const bool in_word = (byte(at++) & k_word_byte) != 0;
      while (in_word && at < text.size() && (byte(at) & k_word_byte) != 0) {
        ++at;
      }
      continue;
    }
    changed = true;
    out += text.substr(copied, at + match.skip - copied);
    out += marker(match.kind, text.substr(at + match.skip, match.length));
    at += match.skip + match.length;
    copied = at;
  }
  out += text.substr(copied);
  return changed;
}

std::string Masker::marker(std::string_view kind, std::string_view masked) {
  const auto known = std::ranges::find(masked_, kind, &Masked::kind);
  if (known == masked_.end()) {
    masked_.push_back({kind, 1});
  } else {
    ++known->count;
  }
  std::string out = std::string(k_marker).append(kind);
  if (style_ == Style::recognisable) {
    constexpr std::size_t k_end = 4, k_least = 12;
    const std::size_t length =
        core::is_valid_utf8(masked) ? core::utf8_length(masked) : masked.size();
    out += ", " + std::to_string(length) + " characters";
    const std::string_view end =
        length >= k_least ? masked.substr(masked.size() - k_end) : std::string_view();
    if (!end.empty() && std::ranges::all_of(end, is_word)) {
      out.append(", ends ").append(end);
    }
  }
  return out.append("]");
}

bool Masker::is_marker(std::string_view text) {
  constexpr std::size_t k_longest = 96;
  return text.starts_with(k_marker) && text.ends_with(']') && text.size() <= k_longest;
}

Redaction mask(std::string_view text, Detectors detectors, Style style) {
  Redaction out;
  Masker masker(detectors, style);
  out.text.reserve(text.size());
  masker.append(out.text, text);
  out.masked = masker.take_masked();
  return out;
}

}  // namespace preloop::redact
