#include "events/events.h"

#include "events/event_repo.h"

#include <array>

namespace preloop::events {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 16> k_kinds{"approval.created",
                                                   "approval.updated",
                                                   "call.completed",
                                                   "server.updated",
                                                   "tool.updated",
                                                   "policy.applied",
                                                   "agent.updated",
                                                   "key.updated",
                                                   "person.updated",
                                                   "session.updated",
                                                   "settings.updated",
                                                   "audit.head",
                                                   "storage.level",
                                                   "halt.updated",
                                                   "approval.escalated",
                                                   "approval.reminder"};
static_assert(k_kinds.size() == static_cast<std::size_t>(Kind::approval_reminder) + 1);

}  // namespace

std::string_view to_string(Kind kind) {
  return k_kinds[static_cast<std::size_t>(kind)];
}

void announce(store::Unit& unit,
              core::AccountId account,
              Kind kind,
              std::string_view ref,
              core::WallTime at) {
  unit.add(insert_event(account, kind, ref, at));
  unit.announces = true;
}

}  // namespace preloop::events
