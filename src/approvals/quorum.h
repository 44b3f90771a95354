#pragma once
#include "approvals/types.h"
#include "core/result.h"
#include "identity/permission.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::approvals {

// Who may vote, and what the votes add up to, as pure functions: no clock, no I/O.

/// A person as eligibility sees them, now.
struct Voter {
  core::PersonId person;
  std::string email;
  identity::Role role = identity::Role::viewer;
  bool active = true;
  bool owns_agent = false;
};

/// One way to satisfy a workflow: so many distinct people of these. The first is the workflow's own
/// approvers with those of the levels that were entered, the others its alternatives.
struct Way {
  std::vector<std::string> approvers;  ///< empty: role approver
  int quorum = 1;
  bool require_reason = false;
};
/// At a level that was reached.
std::vector<Way> ways_of(const policy::Workflow& workflow, std::size_t level = 0);

/// May this person speak for this workflow at that level? Approvers are named by address or role
/// (that role or one above); an empty list is role approver. The agent's owner is out where the
/// workflow says so.
bool is_eligible(const policy::Workflow& workflow, const Voter& voter, std::size_t level = 0);
/// Are there enough of these people for one of its ways at that level?
bool is_reachable(const policy::Workflow& workflow,
                  const std::vector<Voter>& people,
                  std::size_t level);
/// May this person vote on the request as it stands: who is asked now.
bool is_asked(const Request& request, const Voter& voter);

/// Looks a person up as they are now; inactive when unknown.
using FindVoter = std::function<Voter(core::PersonId)>;
/// Everybody there is now; where declines count by arithmetic.
using Everybody = std::function<std::vector<Voter>()>;

/// May the person vote on the request at all? permission_denied with the reason;
/// failed_precondition when it is not pending; invalid_argument when a reason is required and
/// missing; already_exists when they voted otherwise before.
core::Status check_vote(const Request& request,
                        const Voter& voter,
                        Decision decision,
                        std::string_view comment);

/// What the votes add up to with everybody's rights of this moment. Approved when every workflow
/// has one of its ways satisfied by distinct eligible people. Declined by one decline; where the
/// workflow counts declines by arithmetic, when no way can be satisfied any more by those who have
/// not declined, levels to come included (without `everybody`: by one decline). Else pending.
State tally(const Request& request, const FindVoter& find_voter, const Everybody& everybody = {});

/// "anyone with the role approver", "ana@example.com or anyone with the role admin": for agents and
/// people who ask who may decide.
std::string describe_approvers(const Request& request);
std::string describe(const std::vector<Way>& ways);

}  // namespace preloop::approvals
