#pragma once
#include "identity/registry.h"
#include "identity/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preloop::identity {

// Who may change what, and what that change is: pure functions over the directory of the moment,
// run by Registry::change. Each checks rights, input and state, in this order, and writes what it
// made or found into `out` when given.
//
// Errors: permission_denied, invalid_argument, not_found, already_exists, `aborted` (the revision
// moved on), failed_precondition (the state forbids it), resource_exhausted (too many).

/// When, by whom, with which id for what is made.
struct PlanContext {
  Actor by;
  core::WallTime now;
};

struct NewPerson {
  std::string email;
  std::string display_name;  ///< empty: the address
  Role role = Role::viewer;
};
core::Result<Planned> plan_create_person(const Directory& directory,
                                         const PlanContext& context,
                                         const NewPerson& input,
                                         const std::optional<std::string>& password_hash,
                                         Person& out);

struct PersonPatch {
  std::optional<std::string> display_name;
  std::optional<Role> role;
  std::optional<Standing> standing;
};
/// The last active owner stays one. Suspending ends the person's sessions (see Revocation).
core::Result<Planned> plan_update_person(const Directory& directory,
                                         const PlanContext& context,
                                         core::PersonId id,
                                         std::int64_t revision,
                                         PersonPatch patch,
                                         Person& out);

struct NewAgent {
  std::string name;
  std::string kind;
  std::vector<std::string> tags;
  std::optional<core::PersonId> owner;
};
core::Result<Planned> plan_create_agent(const Directory& directory,
                                        const PlanContext& context,
                                        NewAgent input,
                                        Agent& out);

struct AgentPatch {
  std::optional<std::string> name;
  std::optional<std::string> kind;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::optional<core::PersonId>> owner;
  std::optional<Standing> standing;
};
core::Result<Planned> plan_update_agent(const Directory& directory,
                                        const PlanContext& context,
                                        core::AgentId id,
                                        std::int64_t revision,
                                        AgentPatch patch,
                                        Agent& out);
/// Revokes its keys; the row stays for the record.
core::Result<Planned> plan_remove_agent(const Directory& directory,
                                        const PlanContext& context,
                                        core::AgentId id);

struct NewKeyRequest {
  KeyClass key_class = KeyClass::agent_key;
  std::string name;
  std::optional<core::AgentId> agent;    ///< agent and execution keys
  std::optional<core::PersonId> person;  ///< operator keys by `admin`; else the caller's own
  ScopeSet scopes;                       ///< operator keys
  std::optional<core::WallTime> expires_at;
};
/// A person makes operator keys for themselves only, with `decide` and `configure` only right after
/// entering the password; a key gives at most its own scopes on. `made` has the secret's hash.
core::Result<Planned> plan_create_key(const Directory& directory,
                                      const PlanContext& context,
                                      NewKeyRequest input,
                                      const NewKey& made,
                                      KeyInfo& out);
/// Always allowed for the key one came with; revokes elevations obtained with it too.
core::Result<Planned> plan_revoke_key(const Directory& directory,
                                      const PlanContext& context,
                                      core::KeyId id,
                                      const std::string& reason);

/// A key made by the server for a person who has just proved who they are (device login,
/// elevation): no right of its own is asked. It never outlives `parent`.
core::Result<Planned> plan_issue_key(const Directory& directory,
                                     const PlanContext& context,
                                     KeyInfo key);

}  // namespace preloop::identity
