#include "audit/types.h"

#include <algorithm>

namespace preloop::audit {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 63> k_kinds{
    "call.requested",
    "call.decided",
    "call.dispatched",
    "call.completed",
    "call.cancelled",
    "call.unknown",
    "call.released",
    "approval.created",
    "approval.voted",
    "approval.approved",
    "approval.declined",
    "approval.expired",
    "approval.cancelled",
    "approval.escalated",
    "approval.superseded",
    "approval.consumed",
    "approval.revealed",
    "config.policy_applied",
    "config.server_added",
    "config.server_updated",
    "config.server_removed",
    "config.tool_accepted",
    "config.tool_updated",
    "config.secret_set",
    "config.secret_removed",
    "config.settings_changed",
    "key.created",
    "key.revoked",
    "key.rotated",
    "agent.created",
    "agent.updated",
    "agent.suspended",
    "agent.resumed",
    "agent.removed",
    "person.created",
    "person.updated",
    "person.disabled",
    "auth.signed_in",
    "auth.failed",
    "auth.signed_out",
    "auth.locked",
    "auth.link_created",
    "auth.link_used",
    "auth.password_changed",
    "auth.reauthenticated",
    "auth.login_confirmed",
    "session.started",
    "session.ended",
    "system.started",
    "system.stopped",
    "system.clock_jumped",
    "system.storage_level",
    "system.halted",
    "system.resumed",
    "chain.opened",
    "retention.applied",
    "retention.payloads_erased",
    "backup.created",
    "restore.completed",
    "export.created",
    "notification.sent",
    "notification.failed",
    "approval.refused",
};
static_assert(k_kinds.size() == static_cast<std::size_t>(Kind::approval_refused) + 1);
static_assert(k_kinds[static_cast<std::size_t>(Kind::chain_opened)] == "chain.opened");
static_assert(k_kinds[static_cast<std::size_t>(Kind::key_created)] == "key.created");

constexpr std::array<std::string_view, 6> k_actors{
    "system", "person", "agent", "operator_key", "admin", "anonymous"};
constexpr std::array<std::string_view, k_payload_kinds> k_payloads{
    "args", "result", "error", "comment"};

template <class E, std::size_t N>
std::optional<E> parse(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto* const found = std::ranges::find(names, text);
  return found == names.end() ? std::nullopt : std::optional(static_cast<E>(found - names.begin()));
}

}  // namespace

std::string_view to_string(Kind kind) {
  return k_kinds[static_cast<std::size_t>(kind)];
}
std::optional<Kind> parse_kind(std::string_view text) {
  return parse<Kind>(k_kinds, text);
}
std::string_view to_string(ActorClass actor) {
  return k_actors[static_cast<std::size_t>(actor)];
}
std::string_view to_string(PayloadKind kind) {
  return k_payloads[static_cast<std::size_t>(kind)];
}
std::optional<PayloadKind> parse_payload_kind(std::string_view text) {
  return parse<PayloadKind>(k_payloads, text);
}

}  // namespace preloop::audit
