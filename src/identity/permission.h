#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::identity {

/// What a person is in an account; each role has everything the ones before it have.
enum class Role : std::uint8_t { viewer, member, approver, admin, owner };
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

/// What an operator key may be used for; an upper bound over its person's role.
enum class Scope : std::uint8_t { read, decide, configure };
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

class ScopeSet {
 public:
  constexpr ScopeSet() = default;
  constexpr ScopeSet(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) {
      add(scope);
    }
  }
  constexpr void add(Scope scope) { bits_ |= bit(scope); }
  constexpr bool has(Scope scope) const { return (bits_ & bit(scope)) != 0; }
  constexpr bool contains(ScopeSet other) const { return (bits_ | other.bits_) == bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const ScopeSet&) const = default;

  /// As stored and shown: "read,decide".
  std::string to_string() const;
  /// nullopt for an unknown or an empty name; the empty text is the empty set.
  static std::optional<ScopeSet> parse(std::string_view text);

 private:
  static constexpr std::uint8_t bit(Scope scope) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(scope));
  }
  std::uint8_t bits_ = 0;
};

/// Everything REST and the console can ask for. Agents have none of these.
enum class Permission : std::uint8_t {
  read,
  read_audit,
  audit_export,
  manage_own_keys,
  manage_own_agents,
  decide,
  halt,
  reveal,
  configure_policy,
  configure_servers,
  register_command,
  manage_agents,
  manage_keys,
  manage_people,
  manage_secrets,
  configure_account,
  manage_owners,
  admin_backup,
};

/// Whether the password must have been entered within the last five minutes.
enum class StepUp : std::uint8_t { none, recent_sign_in };

/// One row of the table that the console shows and the route walk tests.
struct PermissionRow {
  Permission permission;
  std::string_view name;       ///< as in contracts/openapi.yaml
  Role least;                  ///< this role and every one above
  std::optional<Scope> scope;  ///< which scope an operator key needs; none: no key ever
  StepUp step_up;
  std::string_view title;
};
std::span<const PermissionRow> permission_table();
const PermissionRow& row_of(Permission permission);
std::string_view to_string(Permission permission);
std::optional<Permission> parse_permission(std::string_view text);

bool role_may(Role role, Permission permission);
bool scopes_allow(ScopeSet scopes, Permission permission);

}  // namespace preloop::identity
