#include "api/testing/world.h"
#include "identity/permission.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace preloop::api {
namespace {

using identity::Role;
using identity::Scope;
using identity::ScopeSet;
using testing::Answer;
using testing::Credential;
using testing::World;

constexpr Role k_roles[] = {Role::viewer, Role::member, Role::approver, Role::admin, Role::owner};
constexpr std::string_view k_nobody = "01890000-0000-7000-8000-000000000000";

/// Somebody who knocks at every door. No role: not a person.
struct Visitor {
  std::string name;
  std::optional<Role> role;
  std::optional<ScopeSet> scopes;  ///< of an operator key
  bool is_agent = false;
};

/// From the table of permissions and the contract's own word, by the rules of surface.md alone.
bool may(const Visitor& visitor, std::string_view permission) {
  if (visitor.is_agent) {
    return false;
  }
  if (permission == "public") {
    return true;
  }
  if (!visitor.role) {
    return false;
  }
  if (permission == "person") {
    return true;
  }
  if (permission == "session") {
    return !visitor.scopes;
  }
  if (permission == "operator_key") {
    return visitor.scopes.has_value();
  }
  const auto parsed = identity::parse_permission(permission);
  REQUIRE_MESSAGE(parsed, permission);
  const identity::PermissionRow& row = identity::row_of(*parsed);
  if (*visitor.role < row.least) {
    return false;
  }
  return !visitor.scopes || (row.scope && visitor.scopes->has(*row.scope));
}

std::string fill(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '{') {
      out += path[i];
      continue;
    }
    const auto end = path.find('}', i);
    const std::string_view name = path.substr(i + 1, end - i - 1);
    out += name == "name" ? "nothing" : name == "number" ? "999" : k_nobody;
    i = end;
  }
  return out;
}

TEST_CASE("every route, every class and role: who may use it") {
  World world;
  std::vector<Visitor> visitors = {{"anonymous", {}, {}, false}, {"agent key", {}, {}, true}};
  for (const Role role : k_roles) {
    visitors.push_back({std::string(identity::to_string(role)), role, {}, false});
  }
  for (const ScopeSet scopes : {ScopeSet{Scope::read},
                                ScopeSet{Scope::decide},
                                ScopeSet{Scope::configure},
                                ScopeSet{Scope::read, Scope::decide, Scope::configure}}) {
    visitors.push_back({"owner's key " + scopes.to_string(), Role::owner, scopes, false});
  }
  visitors.push_back({"viewer's key with every scope",
                      Role::viewer,
                      ScopeSet{Scope::read, Scope::decide, Scope::configure},
                      false});
  const auto document = core::JsonDocument::parse(world.contract.json);
  REQUIRE(document);
  int allowed = 0, refused = 0;
  for (const Visitor& visitor : visitors) {
    Credential standing;
    if (visitor.is_agent) {
      standing = world.agent_key();
    } else if (visitor.scopes) {
      standing = world.operator_key(*visitor.role, *visitor.scopes);
    }
    for (const core::JsonMember& path : document->root()["paths"].members()) {
      for (const core::JsonMember& method : path.value().members()) {
        // A session for each: signing out is a route like any other.
        const Credential who =
            visitor.role && !visitor.scopes ? world.session(*visitor.role) : standing;
        std::string verb(method.key);
        for (char& c : verb) {
          c = static_cast<char>(c - 'a' + 'A');
        }
        const Answer answer = world.ask(who,
                                        {.method = verb,
                                         .target = fill(path.key),
                                         .body = {},
                                         .headers = {},
                                         .client = testing::Ask::Client::is_gone});
        const std::string_view permission = method.value()["x-permission"].as_string().value_or("");
        const bool stopped = answer.status == 401 || answer.status == 403;
        CHECK_MESSAGE(stopped == !may(visitor, permission),
                      visitor.name << ": " << verb << " " << path.key << " (" << permission
                                   << ") gave " << answer.status << " " << answer.body);
        if (stopped) {
          CHECK_MESSAGE(answer.status == (visitor.role || visitor.is_agent ? 403 : 401),
                        visitor.name << ": " << verb << " " << path.key);
        }
        CHECK_MESSAGE(answer.status != 500, verb << " " << path.key << " " << answer.body);
        ++(stopped ? refused : allowed);
      }
    }
  }
  CHECK(allowed > 300);
  CHECK(refused > 200);
}

TEST_CASE("a suspended person's session and keys open nothing") {
  World world;
  const Credential session = world.session(Role::approver);
  const Credential key = world.operator_key(Role::approver, {Scope::read});
  REQUIRE(world.ask(session, {"GET", "/tools"}).status == 200);
  REQUIRE(world.ask(key, {"GET", "/tools"}).status == 200);
  const identity::Person& person = world.person(Role::approver);
  REQUIRE(world.run(world.parts->management->update_person(
      identity::Actor::admin(world.account),
      person.id,
      person.revision,
      {.display_name = {}, .role = {}, .standing = identity::Standing::suspended})));
  CHECK(world.ask(session, {"GET", "/tools"}).status >= 401);
  CHECK(world.ask(key, {"GET", "/tools"}).status == 403);
}

}  // namespace
}  // namespace preloop::api
