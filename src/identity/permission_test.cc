#include "identity/permission.h"

#include "core/clock.h"
#include "identity/principal.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <type_traits>

namespace preloop::identity {
namespace {

using namespace std::chrono_literals;

constexpr Role k_every_role[] = {
    Role::viewer, Role::member, Role::approver, Role::admin, Role::owner};
constexpr core::WallTime k_now = core::WallTime{core::microseconds{1'767'225'600'000'000}};

/// The whole matrix by hand, in the order viewer, member, approver, admin, owner, then the scopes
/// read, decide, configure. Written out so that a change of the table needs a change here.
const std::map<std::string, std::pair<std::string, std::string>> k_expected = {
    {"read", {"yyyyy", "y--"}},
    {"read_audit", {"--yyy", "y--"}},
    {"audit_export", {"---yy", "y--"}},
    {"manage_own_keys", {"yyyyy", "--y"}},
    {"manage_own_agents", {"-yyyy", "--y"}},
    {"decide", {"--yyy", "-y-"}},
    {"halt", {"--yyy", "-y-"}},
    {"reveal", {"---yy", "-y-"}},
    {"configure_policy", {"---yy", "--y"}},
    {"configure_servers", {"---yy", "--y"}},
    {"register_command", {"----y", "---"}},
    {"manage_agents", {"---yy", "--y"}},
    {"manage_keys", {"---yy", "--y"}},
    {"manage_people", {"---yy", "--y"}},
    {"manage_secrets", {"---yy", "--y"}},
    {"configure_account", {"---yy", "--y"}},
    {"manage_owners", {"----y", "---"}},
    {"admin_backup", {"----y", "---"}},
};

TEST_CASE("the permission table is what we mean it to be") {
  CHECK(permission_table().size() == k_expected.size());
  for (const PermissionRow& row : permission_table()) {
    const std::string name(row.name);
    CAPTURE(name);
    REQUIRE(k_expected.contains(name));
    const auto& [roles, scopes] = k_expected.at(name);
    for (const Role role : k_every_role) {
      const bool expected = roles[static_cast<std::size_t>(role)] == 'y';
      CHECK(role_may(role, row.permission) == expected);
      const PersonPrincipal person{{}, {}, role, {}, k_now};
      CHECK(may(person, row.permission) == expected);
      CHECK(authorize(person, row.permission, k_now).has_value() == expected);
      for (const Scope scope : {Scope::read, Scope::decide, Scope::configure}) {
        const OperatorPrincipal key{{}, {}, role, {}, ScopeSet{scope}};
        const bool with_key = expected && scopes[static_cast<std::size_t>(scope)] == 'y';
        CHECK(may(key, row.permission) == with_key);
        CHECK(authorize(key, row.permission, k_now).has_value() == with_key);
      }
    }
    for (const KeyClass key_class : {KeyClass::agent_key, KeyClass::execution_key}) {
      const AgentPrincipal agent{{}, {}, {}, key_class, {}};
      CHECK(!may(agent, row.permission));
      CHECK(authorize(agent, row.permission, k_now).error().code == core::Code::permission_denied);
    }
    CHECK(parse_permission(row.name) == row.permission);
  }
}

TEST_CASE("a key never does more than its person's role, nor more than its scopes") {
  const ScopeSet all{Scope::read, Scope::decide, Scope::configure};
  for (const PermissionRow& row : permission_table()) {
    for (const Role role : k_every_role) {
      const OperatorPrincipal key{{}, {}, role, {}, all};
      CHECK((!may(key, row.permission) || role_may(role, row.permission)));
      CHECK(!may(OperatorPrincipal{{}, {}, role, {}, {}}, row.permission));
    }
  }
}

TEST_CASE("what `preloop login` stores can neither decide nor configure") {
  for (const Role role : k_every_role) {
    const OperatorPrincipal login{{}, {}, role, {}, ScopeSet{Scope::read}};
    for (const PermissionRow& row : permission_table()) {
      if (row.scope != Scope::read) {
        CHECK(!may(login, row.permission));
      }
    }
    const auto refused = authorize(login, Permission::decide, k_now);
    CHECK(refused.error().code == core::Code::permission_denied);
    if (role >= Role::approver) {
      CHECK(refused.error().details.at(0).message == "elevate");
    }
  }
}

TEST_CASE("step-up needs a password entered within five minutes") {
  const PersonPrincipal owner{{}, {}, Role::owner, {}, k_now};
  CHECK(authorize(owner, Permission::register_command, k_now + 5min).has_value());
  CHECK(authorize(owner, Permission::register_command, k_now + 5min + 1us)
            .error()
            .details.at(0)
            .message == "step_up");
  // A session from the future is a clock that was set back, not a fresh password.
  CHECK(!authorize(owner, Permission::register_command, k_now - 1s));
  CHECK(authorize(owner, Permission::configure_policy, k_now + 12h).has_value());
}

TEST_CASE("an actor is never made from an agent") {
  static_assert(
      !std::is_invocable_v<decltype([](auto p) -> decltype(Actor::of(p)) { return Actor::of(p); }),
                           AgentPrincipal>);
  CHECK(Actor::from(Principal(AgentPrincipal{})).error().code == core::Code::permission_denied);
  CHECK(Actor::from(Principal(PersonPrincipal{}))->kind == Actor::Kind::person);
  CHECK(Actor::from(Principal(OperatorPrincipal{}))->kind == Actor::Kind::key);
  CHECK(!person_of(AgentPrincipal{}));
}

TEST_CASE("the administrator of the machine may everything but decide in a person's name") {
  for (const Actor& actor : {Actor::admin({}), Actor::server({})}) {
    CHECK(actor.authorize(Permission::admin_backup, k_now).has_value());
    CHECK(actor.authorize(Permission::manage_owners, k_now).has_value());
    CHECK(!actor.authorize(Permission::decide, k_now));
    CHECK(!actor.authorize(Permission::reveal, k_now));
  }
}

TEST_CASE("an actor that is only a name has no rights") {
  const Actor actor = Actor::named({}, {});
  CHECK(actor.role() == Role::viewer);
  for (const PermissionRow& row : permission_table()) {
    CHECK(!actor.authorize(row.permission, k_now));
  }
}

TEST_CASE("scopes and roles are read as they are written") {
  CHECK(ScopeSet::parse("read, decide") == ScopeSet{Scope::read, Scope::decide});
  CHECK(ScopeSet::parse("") == ScopeSet{});
  CHECK(!ScopeSet::parse("read,"));
  CHECK(!ScopeSet::parse("READ"));
  CHECK(!ScopeSet::parse("admin"));
  CHECK(ScopeSet{Scope::configure, Scope::read}.to_string() == "read,configure");
  CHECK(ScopeSet{Scope::configure, Scope::read}.contains(ScopeSet{Scope::read}));
  CHECK(!ScopeSet{Scope::read}.contains(ScopeSet{Scope::decide}));
  for (const Role role : k_every_role) {
    CHECK(parse_role(to_string(role)) == role);
  }
  CHECK(!parse_role("root"));
}

}  // namespace
}  // namespace preloop::identity
