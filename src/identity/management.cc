#include "identity/management.h"

#include "identity/key_repo.h"
#include "identity/password.h"

#include <utility>

namespace preloop::identity {

Management::Management(Registry& registry, PasswordHasher& hasher)
    : registry_(registry), hasher_(hasher) {}

core::Task<core::Result<Person>> Management::create_person(Actor by,
                                                           NewPerson input,
                                                           std::optional<core::Secret> password) {
  const PlanContext context{by, registry_.clock().wall()};
  PRELOOP_CO_CHECK(context.by.authorize(Permission::manage_people, context.now));
  std::optional<std::string> hash;
  if (password) {
    PRELOOP_CO_CHECK(check_new_password(password->reveal(), input.email));
    PRELOOP_CO_TRY(hash, co_await hasher_.hash(std::move(*password)));
  }
  Person made;
  PRELOOP_CO_CHECK(co_await registry_.change([&](const Directory& directory) {
    return plan_create_person(directory, context, input, hash, made);
  }));
  co_return made;
}

core::Task<core::Result<Person>> Management::update_person(Actor by,
                                                           core::PersonId id,
                                                           std::int64_t revision,
                                                           PersonPatch patch) {
  const PlanContext context{by, registry_.clock().wall()};
  Person changed;
  PRELOOP_CO_CHECK(co_await registry_.change([&](const Directory& directory) {
    return plan_update_person(directory, context, id, revision, patch, changed);
  }));
  co_return changed;
}

core::Task<core::Result<Agent>> Management::create_agent(Actor by, NewAgent input) {
  const PlanContext context{by, registry_.clock().wall()};
  Agent made;
  PRELOOP_CO_CHECK(co_await registry_.change([&](const Directory& directory) {
    return plan_create_agent(directory, context, input, made);
  }));
  co_return made;
}

core::Task<core::Result<Agent>> Management::update_agent(Actor by,
                                                         core::AgentId id,
                                                         std::int64_t revision,
                                                         AgentPatch patch) {
  const PlanContext context{by, registry_.clock().wall()};
  Agent changed;
  PRELOOP_CO_CHECK(co_await registry_.change([&](const Directory& directory) {
    return plan_update_agent(directory, context, id, revision, patch, changed);
  }));
  co_return changed;
}

core::Task<core::Status> Management::remove_agent(Actor by, core::AgentId id) {
  const PlanContext context{by, registry_.clock().wall()};
  co_return co_await registry_.change(
      [&](const Directory& directory) { return plan_remove_agent(directory, context, id); });
}

core::Task<core::Result<IssuedKey>> Management::create_key(Actor by, NewKeyRequest input) {
  const PlanContext context{by, registry_.clock().wall()};
  const NewKey made = make_key(input.key_class, core::KeyId::make(context.now));
  IssuedKey issued{{}, made.text};
  PRELOOP_CO_CHECK(co_await registry_.change([&](const Directory& directory) {
    return plan_create_key(directory, context, input, made, issued.info);
  }));
  co_return issued;
}

core::Task<core::Status> Management::revoke_key(Actor by, core::KeyId id, std::string reason) {
  const PlanContext context{by, registry_.clock().wall()};
  co_return co_await registry_.change(
      [&](const Directory& directory) { return plan_revoke_key(directory, context, id, reason); });
}

core::Task<core::Result<std::vector<KeyInfo>>> Management::keys(core::AccountId account,
                                                                std::optional<core::KeyId> before,
                                                                std::size_t limit) {
  return KeyRepo::page(registry_.database(), account, before, limit);
}

}  // namespace preloop::identity
