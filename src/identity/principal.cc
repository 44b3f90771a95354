#include "identity/principal.h"

#include "identity/directory.h"

#include <fmt/format.h>

#include <array>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

core::Status check_role(Role role, const PermissionRow& row) {
  if (role >= row.least) {
    return {};
  }
  return fail(
      Code::permission_denied,
      fmt::format(
          "this needs the role {} or above; yours is {}", to_string(row.least), to_string(role)));
}

core::Status check_person(const PersonPrincipal& person,
                          const PermissionRow& row,
                          core::WallTime now) {
  PRELOOP_CHECK(check_role(person.role, row));
  const bool is_recent =
      now >= person.authenticated_at && now - person.authenticated_at <= k_recent_sign_in;
  if (row.step_up == StepUp::recent_sign_in && !is_recent) {
    return fail(Code::permission_denied,
                "this needs your password again (entered within the last 5 minutes)",
                {{"auth", "step_up"}});
  }
  return {};
}

core::Status check_operator(const OperatorPrincipal& key, const PermissionRow& row) {
  PRELOOP_CHECK(check_role(key.role, row));
  if (!row.scope) {
    return fail(Code::permission_denied,
                "no key may do this; sign in to the console",
                {{"auth", "console_session"}});
  }
  if (!key.scopes.has(*row.scope)) {
    return fail(Code::permission_denied,
                fmt::format("this key has no scope {}; enter your password for 5 minutes of it, or "
                            "use a key made with it",
                            to_string(*row.scope)),
                {{"auth", "elevate"}});
  }
  return {};
}

}  // namespace

core::AccountId account_of(const Principal& principal) {
  return std::visit([](const auto& who) { return who.account; }, principal);
}

core::Result<Principal> principal_by_channel(const Directory& directory,
                                             core::AccountId account,
                                             core::PersonId person) {
  const Person* const found = directory.find_person(person);
  if (found == nullptr || found->account != account || found->standing != Standing::active) {
    return core::fail(core::Code::permission_denied,
                      "this person is not here any more, or suspended");
  }
  PersonPrincipal principal;
  principal.account = account;
  principal.person = person;
  principal.role = found->role;
  return Principal(principal);
}

std::optional<core::PersonId> person_of(const Principal& principal) {
  return std::visit(
      Overloaded{[](const PersonPrincipal& who) { return std::optional(who.person); },
                 [](const OperatorPrincipal& who) { return std::optional(who.person); },
                 [](const AgentPrincipal&) -> std::optional<core::PersonId> { return {}; }},
      principal);
}

bool may(const Principal& principal, Permission permission) {
  return std::visit(
      Overloaded{[&](const PersonPrincipal& who) { return role_may(who.role, permission); },
                 [&](const OperatorPrincipal& who) {
                   return role_may(who.role, permission) && scopes_allow(who.scopes, permission);
                 },
                 [](const AgentPrincipal&) { return false; }},
      principal);
}

core::Status authorize(const Principal& principal, Permission permission, core::WallTime now) {
  const PermissionRow& row = row_of(permission);
  return std::visit(
      Overloaded{[&](const PersonPrincipal& who) { return check_person(who, row, now); },
                 [&](const OperatorPrincipal& who) { return check_operator(who, row); },
                 [](const AgentPrincipal&) -> core::Status {
                   return fail(Code::permission_denied, "an agent's key cannot be used here");
                 }},
      principal);
}

Actor Actor::of(const PersonPrincipal& person) {
  return {Kind::person, person.account, person.person, std::nullopt, Principal(person)};
}
Actor Actor::of(const OperatorPrincipal& key) {
  return {Kind::key, key.account, key.person, key.key, Principal(key)};
}
Actor Actor::named(core::AccountId account, core::PersonId person) {
  return {Kind::person, account, person, std::nullopt, std::nullopt};
}
Actor Actor::admin(core::AccountId account) {
  return {Kind::admin, account, std::nullopt, std::nullopt, std::nullopt};
}
Actor Actor::server(core::AccountId account) {
  return {Kind::server, account, std::nullopt, std::nullopt, std::nullopt};
}

core::Result<Actor> Actor::from(const Principal& principal) {
  if (const auto* person = std::get_if<PersonPrincipal>(&principal)) {
    return of(*person);
  }
  if (const auto* key = std::get_if<OperatorPrincipal>(&principal)) {
    return of(*key);
  }
  return fail(Code::permission_denied, "an agent's key cannot be used here");
}

Role Actor::role() const {
  if (kind == Kind::admin || kind == Kind::server) {
    return Role::owner;
  }
  if (!principal) {
    return Role::viewer;
  }
  const auto* in_console = std::get_if<PersonPrincipal>(&*principal);
  return in_console != nullptr ? in_console->role : std::get<OperatorPrincipal>(*principal).role;
}

core::Status Actor::authorize(Permission permission, core::WallTime now) const {
  if (principal) {
    return identity::authorize(*principal, permission, now);
  }
  const bool is_machine = kind == Kind::admin || kind == Kind::server;
  if (!is_machine || permission == Permission::decide || permission == Permission::reveal) {
    return fail(Code::permission_denied, "this needs a person who is signed in");
  }
  return {};
}

std::string_view to_string(Actor::Kind kind) {
  constexpr std::array<std::string_view, 4> names = {"person", "key", "admin", "server"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace preloop::identity
