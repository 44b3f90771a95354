#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "identity/key_format.h"
#include "identity/permission.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::identity {

/// Of people and agents.
enum class Standing : std::uint8_t { active, suspended };
std::string_view to_string(Standing standing);
std::optional<Standing> parse_standing(std::string_view text);

struct Person {
  core::PersonId id;
  core::AccountId account;
  std::string email;  ///< normalised (names.h), unique in the account
  std::string display_name;
  Role role = Role::viewer;
  Standing standing = Standing::active;
  bool has_password = false;
  core::WallTime created_at;
  std::int64_t revision = 1;
};

/// A managed agent: the durable identity that keys, sessions and rules belong to.
struct Agent {
  core::AgentId id;
  core::AccountId account;
  std::string name;  ///< unique in the account
  std::string kind;  ///< for instance claude-code; a label, empty when unknown
  std::vector<std::string> tags;
  std::optional<core::PersonId> owner;
  Standing standing = Standing::active;
  core::WallTime created_at;
  std::int64_t revision = 1;
};

/// What is known of a key, without its secret.
struct KeyInfo {
  core::KeyId id;
  core::AccountId account;
  KeyClass key_class = KeyClass::agent_key;
  std::string name;
  core::Digest hash{};                   ///< of the secret; never shown
  std::optional<core::AgentId> agent;    ///< agent and execution keys
  std::optional<core::PersonId> person;  ///< operator keys
  ScopeSet scopes;                       ///< operator keys
  bool made_by_admin = false;
  std::optional<core::KeyId> parent;  ///< an elevation's: the key it was obtained with
  core::WallTime created_at;
  std::optional<core::WallTime> expires_at;
  std::optional<core::WallTime> revoked_at;
  std::optional<core::WallTime> last_used_at;  ///< to the minute
};

/// A key just made: `secret` is shown once.
struct IssuedKey {
  KeyInfo info;
  core::Secret secret;
};

/// One activity of one credential: ends after 30 idle minutes or by a person, never by what a
/// client sends (decision 16).
struct RuntimeSession {
  core::RuntimeSessionId id;
  core::AccountId account;
  core::AgentId agent;
  core::KeyId key;
  std::string client;  ///< clientInfo name and the client's own session id: labels only
  core::WallTime started_at;
  core::WallTime last_active_at;
  std::optional<core::WallTime> ended_at;
  std::string end_reason;
};

}  // namespace preloop::identity
