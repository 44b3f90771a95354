#include "identity/permission.h"

#include "core/text.h"

#include <array>

namespace preloop::identity {
namespace {

constexpr std::array<std::string_view, 5> k_roles = {
    "viewer", "member", "approver", "admin", "owner"};
constexpr std::array<std::string_view, 3> k_scopes = {"read", "decide", "configure"};

using enum Permission;
using enum Role;
constexpr auto k_now = StepUp::recent_sign_in;
constexpr auto k_plain = StepUp::none;

// In the order of the enumeration, so that a row is found by index.
// clang-format off
constexpr PermissionRow k_table[] = {
    {read,              "read",              viewer,   Scope::read,      k_plain, "See tools, rules, agents, sessions and requests"},
    {read_audit,        "read_audit",        approver, Scope::read,      k_plain, "Read the record"},
    {audit_export,      "audit_export",      admin,    Scope::read,      k_plain, "Export the record"},
    {manage_own_keys,   "manage_own_keys",   viewer,   Scope::configure, k_plain, "Make and revoke one's own operator keys"},
    {manage_own_agents, "manage_own_agents", member,   Scope::configure, k_plain, "Make agents of one's own and their keys"},
    {decide,            "decide",            approver, Scope::decide,    k_plain, "Approve and decline requests"},
    {halt,              "halt",              approver, Scope::decide,    k_plain, "Stop everything, and let it go on"},
    {reveal,            "reveal",            admin,    Scope::decide,    k_plain, "See redacted arguments; recorded each time"},
    {configure_policy,  "configure_policy",  admin,    Scope::configure, k_plain, "Change rules and workflows"},
    {configure_servers, "configure_servers", admin,    Scope::configure, k_plain, "Add, change and remove servers and tools"},
    {register_command,  "register_command",  owner,    std::nullopt,     k_now,   "Register or change a command that runs on this machine"},
    {manage_agents,     "manage_agents",     admin,    Scope::configure, k_plain, "Make, suspend and remove every agent; end sessions"},
    {manage_keys,       "manage_keys",       admin,    Scope::configure, k_plain, "List and revoke every key"},
    {manage_people,     "manage_people",     admin,    Scope::configure, k_plain, "Invite people, change roles up to one's own"},
    {manage_secrets,    "manage_secrets",    admin,    Scope::configure, k_plain, "Set and remove secrets (nobody reads one)"},
    {configure_account, "configure_account", admin,    Scope::configure, k_plain, "Change retention, notification and account settings"},
    {manage_owners,     "manage_owners",     owner,    std::nullopt,     k_now,   "Make and unmake owners"},
    {admin_backup,      "admin_backup",      owner,    std::nullopt,     k_now,   "Back up the store"},
};
// clang-format on
constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < std::size(k_table); ++i) {
    if (k_table[i].permission != static_cast<Permission>(i)) {
      return false;
    }
  }
  return std::size(k_table) == static_cast<std::size_t>(admin_backup) + 1;
}
static_assert(table_is_in_order());

template <class E, std::size_t N>
std::optional<E> parse_name(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) {
      return static_cast<E>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Role role) {
  return k_roles[static_cast<std::size_t>(role)];
}
std::optional<Role> parse_role(std::string_view text) {
  return parse_name<Role>(k_roles, text);
}
std::string_view to_string(Scope scope) {
  return k_scopes[static_cast<std::size_t>(scope)];
}
std::optional<Scope> parse_scope(std::string_view text) {
  return parse_name<Scope>(k_scopes, text);
}

std::string ScopeSet::to_string() const {
  std::string out;
  for (std::size_t i = 0; i < k_scopes.size(); ++i) {
    if (has(static_cast<Scope>(i))) {
      out += out.empty() ? "" : ",";
      out += k_scopes[i];
    }
  }
  return out;
}

std::optional<ScopeSet> ScopeSet::parse(std::string_view text) {
  ScopeSet out;
  if (core::trim(text).empty()) {
    return out;
  }
  for (const std::string_view part : core::split(text, ',')) {
    const auto scope = parse_scope(core::trim(part));
    if (!scope) {
      return std::nullopt;
    }
    out.add(*scope);
  }
  return out;
}

std::span<const PermissionRow> permission_table() {
  return k_table;
}
const PermissionRow& row_of(Permission permission) {
  return k_table[static_cast<std::size_t>(permission)];
}
std::string_view to_string(Permission permission) {
  return row_of(permission).name;
}
std::optional<Permission> parse_permission(std::string_view text) {
  for (const PermissionRow& row : k_table) {
    if (row.name == text) {
      return row.permission;
    }
  }
  return std::nullopt;
}

bool role_may(Role role, Permission permission) {
  return role >= row_of(permission).least;
}
bool scopes_allow(ScopeSet scopes, Permission permission) {
  const auto needed = row_of(permission).scope;
  return needed && scopes.has(*needed);
}

}  // namespace preloop::identity
