#pragma once
#include "approvals/escalation.h"
#include "approvals/halt.h"
#include "approvals/types.h"
#include "events/events.h"
#include "identity/principal.h"
#include "store/database.h"

#include <optional>
#include <string_view>

namespace preloop::approvals {

// What the record says about a request's life.

store::Draft created_draft(const Request& request);
store::Draft voted_draft(const Request& request, const identity::Principal& voter);  ///< last vote
/// A person saw the arguments unmasked.
store::Draft revealed_draft(const Request& request,
                            const identity::Principal& person,
                            std::string_view name);
store::Draft released_draft(const Request& request,
                            const identity::Principal& person,
                            std::string_view comment);
/// approval.approved, declined, expired, cancelled, consumed; nothing for the end of an execution,
/// which the firewall records.
std::optional<store::Draft> moved_draft(const Request& request, State from);

store::Draft halted_draft(const Halt& halt, const identity::Principal& by);
/// `requests` were given the time since then back.
store::Draft resumed_draft(const Halt& halt,
                           const identity::Principal& by,
                           std::string_view name,
                           core::WallTime now,
                           std::size_t requests);

/// A level was entered: which, and who is asked besides those before.
store::Draft escalated_draft(const Request& request, const Step& step);

/// Adds the live feed's event to the unit.
void announce(store::Unit& unit, const Request& request, events::Kind kind, core::WallTime at);

}  // namespace preloop::approvals
