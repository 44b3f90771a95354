#pragma once
#include "core/id.h"

#include <cstdint>
#include <optional>
#include <string>

namespace preloop::identity {

/// Somebody may not go on. Told after every loop reads the new directory and before the change is
/// acknowledged.
struct Revocation {
  enum class Kind : std::uint8_t {
    key,            ///< revoked or expired
    agent,          ///< suspended or removed
    person,         ///< suspended
    login_session,  ///< signed out, or all of a person's when their password changed
  } kind = Kind::key;
  core::AccountId account;
  std::optional<core::KeyId> key;
  std::optional<core::AgentId> agent;
  std::optional<core::PersonId> person;
  std::optional<core::LoginSessionId> session;
  std::string reason;  ///< for people: "revoked", "expired", "suspended" …
};

/// For layers above: end that credential's streams, cancel its held calls.
class RevocationListener {
 public:
  virtual ~RevocationListener() = default;
  /// On the identity's owning loop; must not block or suspend.
  virtual void revoked(const Revocation& /*what*/) {}
};

}  // namespace preloop::identity
