#pragma once
#include "core/crypto.h"
#include "core/id.h"
#include "core/result.h"
#include "core/secret.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace preloop::identity {

/// What kind of key it is, written in its first four characters, so that a key in the wrong place
/// is refused by its class before anything is looked up.
enum class KeyClass : std::uint8_t {
  operator_key,   ///< `plo_`: a person's, REST only
  agent_key,      ///< `pla_`: one agent's, MCP and models only
  execution_key,  ///< `plx_`: like an agent's, for one flow execution
};
/// "operator", "agent" or "execution": as in REST, SQL and `--class`.
std::string_view to_string(KeyClass key_class);
std::optional<KeyClass> key_class_from(std::string_view text);

/// A key as its holder has it: class prefix, 22 characters id, `_`, 43 characters secret, 6
/// characters CRC-32 of everything before, all in base 62; 76 in total (docs/formats/keys.md).
constexpr std::size_t k_key_length = 4 + 22 + 1 + 43 + 6;

struct ParsedKey {
  KeyClass key_class = KeyClass::agent_key;
  core::KeyId id;
  core::Digest hash{};  ///< SHA-256 of the secret's 43 characters: what is stored and compared
};

/// A new key: what is shown once, and what is stored.
struct NewKey {
  core::Secret text;
  ParsedKey stored;
};
NewKey make_key(KeyClass key_class, core::KeyId id);

/// Checks shape and checksum, then hashes. unauthenticated with a message that says which of the
/// two is wrong and never repeats the input. About 0.5 µs; no allocation on the way in.
core::Result<ParsedKey> parse_key(std::string_view text);

/// Constant time.
bool same_hash(const core::Digest& a, const core::Digest& b);

/// Random text of 43 base 62 characters (256 bits) for links, sessions and device secrets, and its
/// stored form.
core::Secret make_token();
core::Digest token_hash(std::string_view token);
/// Has it the shape of one? Anything else is refused before it is hashed.
bool is_token(std::string_view text);

}  // namespace preloop::identity
