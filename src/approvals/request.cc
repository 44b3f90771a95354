#include "approvals/request.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::approvals {

using core::Code;
using core::fail;

bool may_move(State from, State to) {
  switch (from) {
    case State::pending:
      return to == State::approved || to == State::declined || to == State::expired ||
             to == State::cancelled;
    case State::approved:
      return to == State::executing || to == State::expired || to == State::cancelled;
    case State::executing:
      return to == State::succeeded || to == State::failed || to == State::unknown;
    case State::unknown:
      return to == State::failed;  // a person released it
    default:
      return false;
  }
}

bool is_live(State state) {
  return state == State::pending || state == State::approved || state == State::executing;
}

bool is_eligible(const policy::Workflow& workflow, const Voter& voter) {
  if (!voter.active || (workflow.exclude_agent_owner && voter.owns_agent)) {
    return false;
  }
  if (workflow.approvers.empty()) {
    return voter.role >= identity::Role::approver;
  }
  return std::ranges::any_of(workflow.approvers, [&](const std::string& approver) {
    const auto role = identity::parse_role(approver);
    return role ? voter.role >= *role : approver == voter.email;
  });
}

core::Status check_vote(const Request& request,
                        const Voter& voter,
                        Decision decision,
                        std::string_view comment) {
  if (request.state != State::pending) {
    return fail(Code::failed_precondition,
                fmt::format("the request is {} already", to_string(request.state)));
  }
  const auto& workflows = request.verdict.workflows;
  if (std::ranges::none_of(workflows,
                           [&](const auto& workflow) { return is_eligible(*workflow, voter); })) {
    return fail(Code::permission_denied,
                fmt::format("this request is decided by {}", describe_approvers(request)));
  }
  if (comment.empty() && std::ranges::any_of(workflows, &policy::Workflow::require_reason)) {
    return fail(Code::invalid_argument, "this decision needs a reason; give it as the comment");
  }
  const auto before = std::ranges::find(request.votes, voter.person, &Vote::person);
  if (before != request.votes.end() && before->decision != decision) {
    return fail(Code::already_exists, "you have voted on this request already");
  }
  return {};
}

State tally(const Request& request, const FindVoter& find_voter) {
  const auto counts = [&](const policy::Workflow& workflow, Decision decision) {
    return std::ranges::count_if(request.votes, [&](const Vote& vote) {
      return vote.decision == decision && is_eligible(workflow, find_voter(vote.person));
    });
  };
  const auto& workflows = request.verdict.workflows;
  if (std::ranges::any_of(workflows, [&](const auto& workflow) {
        return counts(*workflow, Decision::decline) > 0;
      })) {
    return State::declined;
  }
  const bool approved =
      !workflows.empty() && std::ranges::all_of(workflows, [&](const auto& workflow) {
        return counts(*workflow, Decision::approve) >= workflow->quorum;
      });
  return approved ? State::approved : State::pending;
}

std::string describe_approvers(const Request& request) {
  std::string text;
  for (const policy::WorkflowPtr& workflow : request.verdict.workflows) {
    std::string who;
    for (const std::string& approver : workflow->approvers) {
      who += who.empty() ? "" : " or ";
      who += identity::parse_role(approver) ? fmt::format("anyone with the role {}", approver)
                                            : approver;
    }
    if (who.empty()) {
      who = "anyone with the role approver";
    }
    if (workflow->quorum > 1) {
      who = fmt::format("{} people: {}", workflow->quorum, who);
    }
    text += text.empty() ? "" : ", and ";
    text += who;
  }
  return text.empty() ? "nobody" : text;
}

std::optional<core::WallTime> due_at(const Request& request) {
  switch (request.state) {
    case State::pending:
      return request.expires_at;
    case State::approved:
      return request.valid_until;
    default:
      return std::nullopt;
  }
}

core::WallTime expiry(const Request& request) {
  core::seconds shortest{30 * 24 * 3600};
  for (const policy::WorkflowPtr& workflow : request.verdict.workflows) {
    shortest = std::min(shortest, workflow->timeout);
  }
  return request.created_at + shortest;
}

core::seconds validity(const Request& request) {
  core::seconds shortest{24 * 3600};
  for (const policy::WorkflowPtr& workflow : request.verdict.workflows) {
    shortest = std::min(shortest, workflow->approval_valid_for);
  }
  return shortest;
}

}  // namespace preloop::approvals
