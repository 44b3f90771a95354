#pragma once
#include "core/result.h"
#include "core/task.h"
#include "identity/password_hasher.h"
#include "identity/plans.h"
#include "identity/registry.h"
#include "identity/types.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace preloop::identity {

/// People, agents and keys, for REST and `preloop admin`. Rights, errors and rules are those of
/// plans.h; every change is recorded, announced, committed strictly and in force on every loop when
/// it returns. May be called from any loop. Reading people and agents: from the snapshot.
class Management {
 public:
  Management(Registry& registry, PasswordHasher& hasher);

  /// `password` empty: they get a link (Links).
  core::Task<core::Result<Person>> create_person(Actor by,
                                                 NewPerson input,
                                                 std::optional<core::Secret> password = {});
  core::Task<core::Result<Person>> update_person(Actor by,
                                                 core::PersonId id,
                                                 std::int64_t revision,
                                                 PersonPatch patch);

  core::Task<core::Result<Agent>> create_agent(Actor by, NewAgent input);
  core::Task<core::Result<Agent>> update_agent(Actor by,
                                               core::AgentId id,
                                               std::int64_t revision,
                                               AgentPatch patch);
  core::Task<core::Status> remove_agent(Actor by, core::AgentId id);

  core::Task<core::Result<IssuedKey>> create_key(Actor by, NewKeyRequest input);
  core::Task<core::Status> revoke_key(Actor by, core::KeyId id, std::string reason);
  /// Newest first, also revoked and expired ones; the rights to see others' are the caller's
  /// matter.
  core::Task<core::Result<std::vector<KeyInfo>>> keys(core::AccountId account,
                                                      std::optional<core::KeyId> before,
                                                      std::size_t limit);

 private:
  Registry& registry_;
  PasswordHasher& hasher_;
};

}  // namespace preloop::identity
