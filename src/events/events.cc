#include "events/events.h"

#include <array>

namespace preloop::events {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 13> k_kinds{"approval.created",
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
                                                   "storage.level"};
static_assert(k_kinds.size() == static_cast<std::size_t>(Kind::storage_level) + 1);

}  // namespace

std::string_view to_string(Kind kind) {
  return k_kinds[static_cast<std::size_t>(kind)];
}

store::Statement insert_event(core::AccountId account,
                              Kind kind,
                              std::string_view ref,
                              core::WallTime at) {
  // PostgreSQL: a plain sequence would give 100 to a transaction that began later than the one that
  // gets 101; a reader behind 101 would never see 100. With the transaction id in front, the order
  // of numbers is the order in which pg_snapshot_xmin lets rows be read.
  return store::statement(
      store::Sql("INSERT INTO event (account, kind, ref, at) VALUES ($1, $2, $3, $4)",
                 "INSERT INTO event (account, seq, kind, ref, at) VALUES ($1, "
                 "(pg_current_xact_id()::text::bigint << 20) | (nextval('event_seq_seq') & "
                 "1048575), $2, $3, $4)"),
      account,
      to_string(kind),
      ref,
      at);
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
