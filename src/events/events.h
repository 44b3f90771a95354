#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "store/database.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::events {

/// What changed. On the wire the first `_` is a dot: `approval.created`.
enum class Kind : std::uint8_t {
  approval_created,
  approval_updated,
  call_completed,
  server_updated,
  tool_updated,
  policy_applied,
  agent_updated,
  key_updated,
  person_updated,
  session_updated,
  settings_updated,
  audit_head,
  storage_level,
  halt_updated,
  approval_escalated,  ///< more people are asked
  approval_reminder,   ///< half, or most, of a level's time is over
};
std::string_view to_string(Kind kind);

/// One entry of the durable change feed: a reference only. A reader reads what it names again,
/// under its own rights.
struct Event {
  std::int64_t seq = 0;  ///< grows; the SSE `id`
  std::string kind;      ///< text, so that a node relays what a newer one wrote
  std::string ref;       ///< id of what changed
  core::WallTime at;
};

/// Adds the event to the unit of the change itself and marks the unit as announcing, so that what
/// is committed is announced and nothing else.
void announce(
    store::Unit& unit, core::AccountId account, Kind kind, std::string_view ref, core::WallTime at);

}  // namespace preloop::events
