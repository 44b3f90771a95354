#pragma once
#include "approvals/types.h"
#include "core/result.h"
#include "identity/permission.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::approvals {

// The request's life as pure functions: which steps exist, who may vote, what the votes add up to.
// No clock, no I/O; service.cc carries them out.

/// May a request go from `from` to `to`? The only list of the steps there are (types.h).
bool may_move(State from, State to);
/// Is anything still to come? pending, approved, executing.
bool is_live(State state);

/// A person as eligibility sees them, now.
struct Voter {
  core::PersonId person;
  std::string email;
  identity::Role role = identity::Role::viewer;
  bool active = true;
  bool owns_agent = false;
};

/// May this person speak for this workflow? Approvers named by address or role (that role or one
/// above); an empty list is role approver. The agent's owner is out where the workflow says so.
bool is_eligible(const policy::Workflow& workflow, const Voter& voter);

/// Looks a person up as they are now; inactive when unknown.
using FindVoter = std::function<Voter(core::PersonId)>;

/// May the person vote on the request at all? permission_denied with the reason;
/// failed_precondition when it is not pending; invalid_argument when a reason is required and
/// missing; already_exists when they voted otherwise before.
core::Status check_vote(const Request& request,
                        const Voter& voter,
                        Decision decision,
                        std::string_view comment);

/// What the votes add up to with everybody's rights of this moment: one decline declines; approved
/// when every workflow has its quorum of distinct eligible people; else pending.
State tally(const Request& request, const FindVoter& find_voter);

/// "anyone with the role approver", "ana@example.com or anyone with the role admin": for agents and
/// people who ask who may decide.
std::string describe_approvers(const Request& request);

/// When the next thing happens to it by itself: a pending one ends, an approval that nobody used
/// lapses. nullopt for every other.
std::optional<core::WallTime> due_at(const Request& request);

/// The latest moment of the decision: the earliest of the workflows' timeouts.
core::WallTime expiry(const Request& request);
/// How long an approval stays usable when nobody waits: the shortest of the workflows'.
core::seconds validity(const Request& request);

}  // namespace preloop::approvals
