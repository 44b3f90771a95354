#include "identity/key_format.h"

#include "identity/base62.h"

#include <fmt/format.h>

#include <string>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

constexpr std::size_t k_prefix_length = 4;
constexpr std::size_t k_id_length = 22;
constexpr std::size_t k_secret_length = 43;
constexpr std::size_t k_check_length = 6;
constexpr std::size_t k_separator_at = k_prefix_length + k_id_length;
constexpr std::size_t k_secret_at = k_separator_at + 1;
constexpr std::size_t k_check_at = k_secret_at + k_secret_length;
static_assert(k_check_at + k_check_length == k_key_length);

struct ClassName {
  KeyClass key_class;
  std::string_view prefix;
  std::string_view name;
};
constexpr std::array<ClassName, 3> k_classes = {{
    {KeyClass::operator_key, "plo_", "operator"},
    {KeyClass::agent_key, "pla_", "agent"},
    {KeyClass::execution_key, "plx_", "execution"},
}};

std::string checksum(std::string_view text) {
  const std::uint32_t crc = core::crc32(text);
  std::string bytes(4, '\0');
  for (int i = 0; i < 4; ++i) {
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(crc >> (24 - 8 * i));
  }
  return to_base62(bytes, k_check_length);
}

std::string random_text() {
  std::string raw = core::random_bytes(32);
  std::string text = to_base62(raw, k_secret_length);
  core::wipe(raw.data(), raw.size());
  return text;
}

}  // namespace

std::string_view to_string(KeyClass key_class) {
  return k_classes[static_cast<std::size_t>(key_class)].name;
}

std::optional<KeyClass> key_class_from(std::string_view text) {
  for (const ClassName& entry : k_classes) {
    if (entry.name == text) {
      return entry.key_class;
    }
  }
  return std::nullopt;
}

NewKey make_key(KeyClass key_class, core::KeyId id) {
  std::string secret = random_text();
  std::string text;
  text.reserve(k_key_length);
  text += k_classes[static_cast<std::size_t>(key_class)].prefix;
  text += to_base62(id.as_bytes(), k_id_length);
  text += '_';
  text += secret;
  text += checksum(text);
  const ParsedKey stored{key_class, id, core::sha256(secret)};
  core::wipe(secret.data(), secret.size());
  return NewKey{core::Secret(std::move(text)), stored};
}

core::Result<ParsedKey> parse_key(std::string_view text) {
  if (text.size() != k_key_length || text[k_separator_at] != '_') {
    return fail(Code::unauthenticated,
                fmt::format("this is not a Preloop key: one has {} characters and begins with "
                            "plo_, pla_ or plx_",
                            k_key_length));
  }
  const ClassName* found = nullptr;
  for (const ClassName& entry : k_classes) {
    if (text.starts_with(entry.prefix)) {
      found = &entry;
    }
  }
  if (found == nullptr) {
    return fail(Code::unauthenticated,
                "this is not a Preloop key: one begins with plo_, pla_ or plx_");
  }
  const std::string_view secret = text.substr(k_secret_at, k_secret_length);
  const auto id = from_base62(text.substr(k_prefix_length, k_id_length), 16);
  if (!id || !is_base62(secret) ||
      !core::constant_time_equal(checksum(text.substr(0, k_check_at)), text.substr(k_check_at))) {
    return fail(Code::unauthenticated,
                "the key has a typing error (its checksum does not match); copy it again");
  }
  return ParsedKey{found->key_class, core::KeyId::from_bytes(*id).value(), core::sha256(secret)};
}

bool same_hash(const core::Digest& a, const core::Digest& b) {
  return core::constant_time_equal(core::as_bytes(a), core::as_bytes(b));
}

core::Secret make_token() {
  return core::Secret(random_text());
}

core::Digest token_hash(std::string_view token) {
  return core::sha256(token);
}

bool is_token(std::string_view text) {
  return text.size() == k_secret_length && is_base62(text);
}

}  // namespace preloop::identity
