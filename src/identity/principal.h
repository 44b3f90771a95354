#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/result.h"
#include "identity/key_format.h"
#include "identity/permission.h"

#include <optional>
#include <string>
#include <variant>

namespace preloop::core {
template <class T>
class Snapshot;
}

namespace preloop::identity {

class Directory;
/// What every request reads to learn who is asking; directory.h.
using IdentitySnapshot = core::Snapshot<Directory>;

/// How long a password entry counts as recent (step-up), and how long an elevation lives.
constexpr core::seconds k_recent_sign_in{5 * 60};

/// A person in the console: both halves of a session were shown.
struct PersonPrincipal {
  core::AccountId account;
  core::PersonId person;
  Role role = Role::viewer;
  core::LoginSessionId session;
  core::WallTime authenticated_at;  ///< when the password was last entered in this session
};

/// A person through one of their keys.
struct OperatorPrincipal {
  core::AccountId account;
  core::PersonId person;
  Role role = Role::viewer;
  core::KeyId key;
  ScopeSet scopes;
  /// Made by `preloop admin`, hence by whoever holds the data dir: a workflow may refuse it.
  bool made_by_admin = false;
};

/// An agent through one of its keys. No function that decides, configures or reads for people takes
/// one: they take an Actor, which cannot be made from it.
struct AgentPrincipal {
  core::AccountId account;
  core::AgentId agent;
  core::KeyId key;
  KeyClass key_class = KeyClass::agent_key;
  /// The credential's runtime session, from RuntimeSessions::touch; nil until then.
  core::RuntimeSessionId session;
};

/// Who is asking. Made by `authenticate` (keys), SignIn (console sessions) and
/// `principal_by_channel` only.
using Principal = std::variant<PersonPrincipal, OperatorPrincipal, AgentPrincipal>;

core::AccountId account_of(const Principal& principal);
/// The person as they are now, who has proved themselves by something that was sent to them alone
/// (a decision link, a linked chat account): the rights of their role, and never a recent sign-in.
/// permission_denied when they are unknown or suspended.
core::Result<Principal> principal_by_channel(const Directory& directory,
                                             core::AccountId account,
                                             core::PersonId person);
/// The person behind it; nullopt for an agent.
std::optional<core::PersonId> person_of(const Principal& principal);

/// Role and scopes only; an agent never may. A permission with step-up needs `authorize` besides.
bool may(const Principal& principal, Permission permission);

/// permission_denied with a sentence that says what is missing: the role, the key's scope, or a
/// recent sign-in (then with the detail {"auth", "step_up"}). Pure.
core::Status authorize(const Principal& principal, Permission permission, core::WallTime now);

/// Who changes something, for rights and for the record: a person, or this machine's administrator,
/// or the server itself. Never an agent; the deleted function makes that a compile error.
struct Actor {
  enum class Kind : std::uint8_t {
    person,  ///< console session
    key,     ///< operator key
    admin,   ///< `preloop admin`: holds the data dir
    server,  ///< the server's own doing: first start, expiry
  } kind = Kind::server;
  core::AccountId account;
  std::optional<core::PersonId> person;
  std::optional<core::KeyId> key;
  std::optional<Principal> principal;  ///< what its rights come from

  static Actor of(const PersonPrincipal& person);
  static Actor of(const OperatorPrincipal& key);
  static Actor of(const AgentPrincipal&) = delete;
  /// permission_denied for an agent.
  static core::Result<Actor> from(const Principal& principal);
  /// For the record only, when the person has proved themselves by other means than a session (a
  /// one-time link, a confirmed terminal): has no rights of its own.
  static Actor named(core::AccountId account, core::PersonId person);
  static Actor admin(core::AccountId account);
  static Actor server(core::AccountId account);

  /// The role up to which it may act: owner for `admin` and `server`.
  Role role() const;
  /// As the free function; `admin` and `server` may everything but decide and reveal.
  core::Status authorize(Permission permission, core::WallTime now) const;
};
std::string_view to_string(Actor::Kind kind);

}  // namespace preloop::identity
