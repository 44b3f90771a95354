#include "redact/shapes.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>

namespace preloop::redact {
namespace {

// Classes of characters, one bit each.
constexpr std::uint8_t k_digit = 1, k_upper = 2, k_alnum = 4, k_word = 8, k_name = 16, k_local = 32,
                       k_token68 = 64, k_domain = 128;

constexpr std::array<std::uint8_t, 256> k_classes = [] {
  std::array<std::uint8_t, 256> out{};
  const auto set = [&](char low, char high, unsigned classes) {
    for (int c = low; c <= high; ++c) {
      out[static_cast<std::size_t>(c)] |= static_cast<std::uint8_t>(classes);
    }
  };
  constexpr unsigned k_everywhere = k_alnum | k_word | k_name | k_local | k_token68 | k_domain;
  set('0', '9', k_digit | k_everywhere);
  set('A', 'Z', k_upper | k_everywhere);
  set('a', 'z', k_everywhere);
  set('_', '_', k_word | k_name | k_local | k_token68);
  set('-', '-', k_name | k_local | k_token68 | k_domain);
  set('.', '.', k_local | k_token68 | k_domain);
  set('+', '+', k_local | k_token68);
  set('%', '%', k_local);
  for (const char c : {'~', '/', '='}) {  // RFC 9110 section 11.2
    set(c, c, k_token68);
  }
  return out;
}();

bool in(char c, unsigned classes) {
  return (k_classes[static_cast<unsigned char>(c)] & classes) != 0;
}

std::size_t run_length(std::string_view text, unsigned classes) {
  std::size_t length = 0;
  while (length < text.size() && in(text[length], classes)) {
    ++length;
  }
  return length;
}

/// A token is a prefix and then at least `least` characters of a class; `exact` when not more.
struct Shape {
  std::string_view prefix;
  unsigned body;
  std::size_t least;
  bool exact;
  std::string_view kind;
};

/// By first character; of two prefixes, the longer one first.
constexpr std::array<Shape, 42> k_shapes{{
    {"AKIA", k_upper | k_digit, 16, true, "aws_key"},
    {"ASIA", k_upper | k_digit, 16, true, "aws_key"},
    {"ABIA", k_upper | k_digit, 16, true, "aws_key"},
    {"ACCA", k_upper | k_digit, 16, true, "aws_key"},
    {"AIza", k_name, 35, true, "google_key"},
    {"ghp_", k_alnum, 30, false, "github_token"},
    {"gho_", k_alnum, 30, false, "github_token"},
    {"ghu_", k_alnum, 30, false, "github_token"},
    {"ghs_", k_alnum, 30, false, "github_token"},
    {"ghr_", k_alnum, 30, false, "github_token"},
    {"github_pat_", k_word, 22, false, "github_token"},
    {"glpat-", k_name, 20, false, "gitlab_token"},
    {"gldt-", k_name, 20, false, "gitlab_token"},
    {"glrt-", k_name, 20, false, "gitlab_token"},
    {"glptt-", k_name, 20, false, "gitlab_token"},
    {"glcbt-", k_name, 20, false, "gitlab_token"},
    {"hf_", k_alnum, 30, false, "huggingface_token"},
    {"npm_", k_alnum, 36, true, "npm_token"},
    {"pypi-", k_name, 50, false, "pypi_token"},
    {"plo_", k_word, 40, false, "preloop_key"},
    {"pla_", k_word, 40, false, "preloop_key"},
    {"plx_", k_word, 40, false, "preloop_key"},
    {"rk_live_", k_alnum, 16, false, "stripe_key"},
    {"rk_test_", k_alnum, 16, false, "stripe_key"},
    {"sk-ant-", k_name, 16, false, "anthropic_key"},
    {"sk-proj-", k_name, 16, false, "openai_key"},
    {"sk-svcacct-", k_name, 16, false, "openai_key"},
    {"sk-admin-", k_name, 16, false, "openai_key"},
    {"sk-", k_alnum, 20, false, "openai_key"},
    {"sk_live_", k_alnum, 16, false, "stripe_key"},
    {"sk_test_", k_alnum, 16, false, "stripe_key"},
    {"whsec_", k_token68, 16, false, "stripe_key"},
    {"xoxb-", k_name, 10, false, "slack_token"},
    {"xoxp-", k_name, 10, false, "slack_token"},
    {"xoxa-", k_name, 10, false, "slack_token"},
    {"xoxo-", k_name, 10, false, "slack_token"},
    {"xoxs-", k_name, 10, false, "slack_token"},
    {"xoxr-", k_name, 10, false, "slack_token"},
    {"xoxe-", k_name, 10, false, "slack_token"},
    {"xoxc-", k_name, 10, false, "slack_token"},
    {"xoxd-", k_name, 10, false, "slack_token"},
    {"xapp-", k_name, 10, false, "slack_token"},
}};

/// Where the shapes of a first character begin in k_shapes; beyond it when there are none.
constexpr std::array<std::uint8_t, 128> k_first = [] {
  std::array<std::uint8_t, 128> out{};
  out.fill(k_shapes.size());
  for (std::size_t i = k_shapes.size(); i-- > 0;) {
    out[static_cast<std::size_t>(k_shapes[i].prefix[0])] = static_cast<std::uint8_t>(i);
  }
  return out;
}();

Match match_shape(std::string_view text) {
  const char first = text.front();
  for (std::size_t i = k_first[static_cast<unsigned char>(first) % k_first.size()];
       i < k_shapes.size() && k_shapes[i].prefix[0] == first;
       ++i) {
    const Shape& shape = k_shapes[i];
    if (!text.starts_with(shape.prefix)) {
      continue;
    }
    const std::string_view body = text.substr(shape.prefix.size());
    if (run_length(body.substr(0, shape.least), shape.body) < shape.least) {
      continue;
    }
    if (shape.exact && body.size() > shape.least && in(body[shape.least], shape.body)) {
      continue;
    }
    return {shape.kind, 0, shape.prefix.size() + run_length(body, shape.body)};
  }
  return {};
}

/// RFC 7468, and OpenPGP's "PRIVATE KEY BLOCK". Without its end, all that follows is masked.
Match match_private_key(std::string_view text) {
  constexpr std::string_view k_begin = "-----BEGIN ", k_end = "-----END ", k_dashes = "-----";
  if (!text.starts_with(k_begin)) {
    return {};
  }
  const std::string_view label = text.substr(k_begin.size(), 64);
  const auto dashes = label.find(k_dashes);
  if (dashes == label.npos || label.substr(0, dashes).find("PRIVATE KEY") == label.npos) {
    return {};
  }
  const auto end = text.find(k_end, k_begin.size() + dashes);
  const auto close = end == text.npos ? end : text.find(k_dashes, end + k_end.size());
  return {"private_key", 0, close == text.npos ? text.size() : close + k_dashes.size()};
}

/// RFC 7515: three base64url parts; the first is an object, so it begins with `{"`.
Match match_jwt(std::string_view text) {
  if (!text.starts_with("eyJ")) {
    return {};
  }
  std::size_t at = run_length(text, k_name);
  for (int part = 0; part < 2; ++part) {
    if (at >= text.size() || text[at] != '.') {
      return {};
    }
    const std::size_t length = run_length(text.substr(at + 1), k_name);
    if (length < 4) {
      return {};
    }
    at += 1 + length;
  }
  return {"jwt", 0, at};
}

/// "Bearer x", "Basic x", "token x": what follows the scheme of an Authorization header.
Match match_scheme(std::string_view text) {
  if ((text.front() | 0x20) != 'b') {
    return {};
  }
  struct Scheme {
    std::string_view name;
    std::size_t least;
  };
  for (const Scheme scheme : {Scheme{"bearer ", 16}, Scheme{"basic ", 12}}) {
    if (!core::iequals(text.substr(0, scheme.name.size()), scheme.name)) {
      continue;
    }
    const std::string_view value = text.substr(scheme.name.size());
    // A word of a sentence has no digit and no padding.
    const std::string_view head = value.substr(0, 256);
    const std::size_t length = run_length(head, k_token68);
    const bool telling = std::ranges::any_of(head.substr(0, length),
                                             [](char c) { return in(c, k_digit) || c == '='; });
    if (length >= scheme.least && telling) {
      return {"authorization", scheme.name.size(), run_length(value, k_token68)};
    }
  }
  return {};
}

/// "//user:password@host": the password, RFC 3986 section 3.2.1.
Match match_url_password(std::string_view text) {
  if (!text.starts_with("//")) {
    return {};
  }
  constexpr std::size_t k_longest = 256;
  const std::string_view head = text.substr(2, k_longest);
  const std::string_view authority = head.substr(0, head.find_first_of("/?# \t\r\n\"'<>\\"));
  const auto at = authority.rfind('@');
  const auto colon = authority.find(':');
  if (at == authority.npos || colon >= at || colon + 1 == at) {
    return {};
  }
  if (authority.substr(colon + 1).starts_with("[redacted:")) {
    return {};
  }
  return {"password", 2 + colon + 1, at - colon - 1};
}

bool luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto it = digits.rbegin(); it != digits.rend(); ++it, twice = !twice) {
    const int digit = *it - '0';
    sum += !twice ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
  }
  return sum % 10 == 0;
}

/// Issuer ranges of ISO/IEC 7812 in use, and how long their numbers are.
bool is_card_number(std::string_view digits) {
  const auto leading = [&](std::size_t count) {
    int value = 0;
    for (const char c : digits.substr(0, count)) {
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const auto between = [](int value, int low, int high) { return value >= low && value <= high; };
  const std::size_t size = digits.size();
  const bool visa = digits[0] == '4' && (size == 13 || size == 16 || size == 19);
  const bool mastercard =
      size == 16 && (between(leading(2), 51, 55) || between(leading(4), 2221, 2720));
  const bool amex = size == 15 && (leading(2) == 34 || leading(2) == 37);
  const bool discover =
      size >= 16 && (leading(4) == 6011 || leading(2) == 65 || between(leading(3), 644, 649));
  const bool diners = size == 14 && (leading(2) == 36 || leading(2) == 38 || leading(2) == 39 ||
                                     between(leading(3), 300, 305));
  const bool jcb = size >= 16 && between(leading(4), 3528, 3589);
  const bool union_pay = size >= 16 && leading(2) == 62;
  return (visa || mastercard || amex || discover || diners || jcb || union_pay) && luhn(digits);
}

/// Calls `each(first, second)` for what anything but an address or an account number begins with.
constexpr void each_pair(auto&& each) {
  for (const Shape& shape : k_shapes) {
    each(shape.prefix[0], shape.prefix[1]);
  }
  each('-', '-');  // -----BEGIN
  each('/', '/');  // //user:password@
  each('e', 'y');  // a JSON Web Token
  for (const char b : {'b', 'B'}) {
    for (const char next : {'e', 'E', 'a', 'A'}) {  // Bearer, Basic
      each(b, next);
    }
  }
  for (char digit = '0'; digit <= '9'; ++digit) {
    each(digit, ' ');
    each(digit, '-');
    for (char next = '0'; next <= '9'; ++next) {
      each(digit, next);
    }
  }
}

constexpr std::array<std::uint8_t, 256> k_bytes_made = [] {
  std::array<std::uint8_t, 256> out{};
  const auto set = [&](char c, std::uint8_t bit) { out[static_cast<unsigned char>(c)] |= bit; };
  for (std::size_t c = 0; c < out.size(); ++c) {
    out[c] |= (k_classes[c] & k_word) != 0 ? k_word_byte : 0;
    out[c] |= (k_classes[c] & k_alnum) != 0 ? k_alphanumeric : 0;
  }
  each_pair([&](char one, char) { set(one, k_may_begin); });
  set('=', k_assignment);
  set(':', k_assignment);
  return out;
}();

}  // namespace

constinit const std::array<std::uint8_t, 256> k_bytes = k_bytes_made;

bool may_begin(char first, char second) {
  // One bit for each pair of ASCII characters.
  static const std::bitset<128 * 128> k_pairs = [] {
    std::bitset<128 * 128> out;
    each_pair([&](char one, char two) {
      out.set(static_cast<std::size_t>(one) * 128 + static_cast<std::size_t>(two));
    });
    return out;
  }();
  const auto one = static_cast<unsigned char>(first), two = static_cast<unsigned char>(second);
  return one < 128 && two < 128 && k_pairs[std::size_t{one} * 128 + two];
}

Match match_secret(std::string_view text, Before before) {
  if (text.front() == '-') {
    return match_private_key(text);
  }
  if (text.front() == '/') {
    return match_url_password(text);
  }
  if (is_word(before)) {
    return {};
  }
  if (const Match match = match_shape(text)) {
    return match;
  }
  if (const Match match = match_scheme(text)) {
    return match;
  }
  // Only at the start of the whole run, or "eyJ-eyJ-eyJ-…" would be read again and again.
  return before == '-' || before == '.' ? Match() : match_jwt(text);
}

Match match_credit_card(std::string_view text, Before before) {
  if (!in(text.front(), k_digit) || is_word(before) || before == '-' || before == '.') {
    return {};
  }
  constexpr std::size_t k_least = 13, k_most = 19;
  std::array<char, k_most> digits;
  std::size_t count = 0, at = 0, best = 0;
  char separator = '\0';
  while (at < text.size() && count < k_most && in(text[at], k_digit)) {
    digits[count++] = text[at++];
    const char next = at < text.size() ? text[at] : '\0';
    if (in(next, k_digit)) {
      continue;
    }
    // The end of a group: what follows may be part of the number or the date after it.
    if (count >= k_least && !is_word(next) && is_card_number({digits.data(), count})) {
      best = at;
    }
    if ((next != ' ' && next != '-') || (separator != '\0' && separator != next)) {
      break;
    }
    separator = next;
    ++at;
  }
  return {"credit_card", 0, best};
}

Match match_email(std::string_view text, Before before) {
  if (!in(text.front(), k_alnum) || in(before, k_local)) {
    return {};
  }
  constexpr std::size_t k_longest_local = 64, k_longest_domain = 253;  // RFC 5321 section 4.5.3.1
  const std::size_t local = run_length(text.substr(0, k_longest_local + 1), k_local);
  if (local > k_longest_local || local >= text.size() || text[local] != '@') {
    return {};
  }
  std::string_view domain = text.substr(local + 1, k_longest_domain);
  domain = domain.substr(0, run_length(domain, k_domain));
  while (!domain.empty() && !in(domain.back(), k_alnum)) {
    domain.remove_suffix(1);
  }
  const auto dot = domain.rfind('.');
  if (dot == domain.npos || dot == 0 || domain.size() - dot < 3 || !in(domain.front(), k_alnum)) {
    return {};
  }
  return {"email", 0, local + 1 + domain.size()};
}

Match match_iban(std::string_view text, Before before) {
  constexpr std::size_t k_least = 15, k_most = 34;
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() < k_least || is_word(before) || !is_upper(text[0]) || !is_upper(text[1]) ||
      !in(text[2], k_digit) || !in(text[3], k_digit)) {
    return {};
  }
  // Groups of four behind single spaces, as it is printed, or without any.
  std::array<char, k_most> number;
  std::size_t count = 0, at = 0;
  while (at < text.size() && count < k_most) {
    if (text[at] == ' ' && count % 4 == 0 && count > 0 && text[at - 1] != ' ') {
      ++at;
      continue;
    }
    if (!is_upper(text[at]) && !in(text[at], k_digit)) {
      break;
    }
    number[count++] = text[at++];
  }
  while (at > 0 && text[at - 1] == ' ') {
    --at;
  }
  if (count < k_least || (at < text.size() && is_word(text[at]))) {
    return {};
  }
  // ISO 7064: the first four behind the rest, letters as 10 to 35, modulo 97.
  unsigned rest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = number[(i + 4) % count];
    rest = is_upper(c) ? (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97
                       : (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
  }
  return rest == 1 ? Match{"iban", 0, at} : Match();
}

}  // namespace preloop::redact
