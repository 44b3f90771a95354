#pragma once
#include "approvals/types.h"

namespace preloop::approvals {

// The request's states as pure functions. Who may decide is in quorum.h, what happens by itself in
// escalation.h; service.h carries them out.

/// May a request go from `from` to `to`? The only list of the steps there are (types.h).
bool may_move(State from, State to);
/// Is anything still to come? pending, approved, executing.
bool is_live(State state);

/// How long an approval stays usable when nobody waits: the shortest of the workflows'.
core::seconds validity(const Request& request);

}  // namespace preloop::approvals
