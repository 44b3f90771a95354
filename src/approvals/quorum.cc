#include "approvals/quorum.h"

#include "approvals/escalation.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::approvals {

using core::Code;
using core::fail;

namespace {

bool names(const Way& way, const Voter& voter) {
  if (way.approvers.empty()) {
    return voter.role >= identity::Role::approver;
  }
  return std::ranges::any_of(way.approvers, [&](const std::string& approver) {
    const auto role = identity::parse_role(approver);
    return role ? voter.role >= *role : approver == voter.email;
  });
}

bool may_speak(const policy::Workflow& workflow, const Voter& voter) {
  return voter.active && !(workflow.exclude_agent_owner && voter.owns_agent);
}

/// Counts people, not votes, whatever is stored.
template <class Votes>
int distinct(Votes&& votes) {
  std::vector<core::PersonId> people;
  for (const Vote& vote : votes) {
    if (std::ranges::find(people, vote.person) == people.end()) {
      people.push_back(vote.person);
    }
  }
  return static_cast<int>(people.size());
}

class Count {
 public:
  Count(const Request& request, std::size_t workflow, const FindVoter& find_voter)
      : request_(request),
        workflow_(*request.verdict.workflows[workflow]),
        ways_(ways_of(workflow_, level_of(request, workflow))),
        find_voter_(find_voter) {}

  bool is_approved() const {
    return std::ranges::any_of(
        ways_, [&](const Way& way) { return approvals(way, workflow_) >= way.quorum; });
  }

  bool is_declined(const Everybody& everybody) const {
    const bool any = std::ranges::any_of(request_.votes, [&](const Vote& vote) {
      const Voter voter = find_voter_(vote.person);
      return vote.decision == Decision::decline && may_speak(workflow_, voter) &&
             std::ranges::any_of(ways_, [&](const Way& way) { return names(way, voter); });
    });
    if (!any || workflow_.decline == policy::Declining::veto || !everybody) {
      return any;
    }
    // Could anybody still bring it about? Those of later levels will be asked, too.
    const std::vector<Voter> people = everybody();
    return std::ranges::none_of(
        ways_of(workflow_, workflow_.escalation.size()), [&](const Way& way) {
          return std::ranges::count_if(people, [&](const Voter& voter) {
                   return may_speak(workflow_, voter) && names(way, voter) && !declined(voter);
                 }) >= way.quorum;
        });
  }

 private:
  int approvals(const Way& way, const policy::Workflow& workflow) const {
    std::vector<Vote> counted;
    std::ranges::copy_if(request_.votes, std::back_inserter(counted), [&](const Vote& vote) {
      if (vote.decision != Decision::approve || (way.require_reason && vote.comment.empty())) {
        return false;
      }
      const Voter voter = find_voter_(vote.person);
      return may_speak(workflow, voter) && names(way, voter);
    });
    return distinct(counted);
  }
  bool declined(const Voter& voter) const {
    return std::ranges::any_of(request_.votes, [&](const Vote& vote) {
      return vote.person == voter.person && vote.decision == Decision::decline;
    });
  }

  const Request& request_;
  const policy::Workflow& workflow_;
  std::vector<Way> ways_;
  const FindVoter& find_voter_;
};

}  // namespace

std::vector<Way> ways_of(const policy::Workflow& workflow, std::size_t level) {
  std::vector<Way> ways{{.approvers = workflow.approvers,
                         .quorum = workflow.quorum,
                         .require_reason = workflow.require_reason}};
  std::vector<std::string>& asked = ways.front().approvers;
  if (asked.empty() && level > 0) {
    asked.emplace_back(identity::to_string(identity::Role::approver));
  }
  for (std::size_t i = 0; i < level && i < workflow.escalation.size(); ++i) {
    for (const std::string& approver : workflow.escalation[i].approvers) {
      if (std::ranges::find(asked, approver) == asked.end()) {
        asked.push_back(approver);
      }
    }
  }
  for (const policy::Alternative& other : workflow.alternatives) {
    ways.push_back({.approvers = other.approvers,
                    .quorum = other.quorum,
                    .require_reason = other.require_reason || workflow.require_reason});
  }
  return ways;
}

bool is_eligible(const policy::Workflow& workflow, const Voter& voter, std::size_t level) {
  return may_speak(workflow, voter) &&
         std::ranges::any_of(ways_of(workflow, level),
                             [&](const Way& way) { return names(way, voter); });
}

bool is_reachable(const policy::Workflow& workflow,
                  const std::vector<Voter>& people,
                  std::size_t level) {
  return std::ranges::any_of(ways_of(workflow, level), [&](const Way& way) {
    return std::ranges::count_if(people, [&](const Voter& voter) {
             return may_speak(workflow, voter) && names(way, voter);
           }) >= way.quorum;
  });
}

bool is_asked(const Request& request, const Voter& voter) {
  const auto& workflows = request.verdict.workflows;
  for (std::size_t i = 0; i < workflows.size(); ++i) {
    if (is_eligible(*workflows[i], voter, level_of(request, i))) {
      return true;
    }
  }
  return false;
}

namespace {

/// A reason is missing where this person's voice would count in no way without one.
bool needs_reason(const Request& request, const Voter& voter, Decision decision) {
  const auto& workflows = request.verdict.workflows;
  for (std::size_t i = 0; i < workflows.size(); ++i) {
    const policy::Workflow& workflow = *workflows[i];
    if (workflow.require_reason) {
      return true;
    }
    if (decision == Decision::decline || !may_speak(workflow, voter)) {
      continue;
    }
    bool speaks = false;
    bool counts = false;
    for (const Way& way : ways_of(workflow, level_of(request, i))) {
      const bool named = names(way, voter);
      speaks = speaks || named;
      counts = counts || (named && !way.require_reason);
    }
    if (speaks && !counts) {
      return true;
    }
  }
  return false;
}

}  // namespace

core::Status check_vote(const Request& request,
                        const Voter& voter,
                        Decision decision,
                        std::string_view comment) {
  if (request.state != State::pending) {
    return fail(Code::failed_precondition,
                fmt::format("the request is {} already", to_string(request.state)));
  }
  if (!is_asked(request, voter)) {
    return fail(Code::permission_denied,
                fmt::format("this request is decided by {}", describe_approvers(request)));
  }
  if (comment.empty() && needs_reason(request, voter, decision)) {
    return fail(Code::invalid_argument, "this decision needs a reason; give it as the comment");
  }
  const auto before = std::ranges::find(request.votes, voter.person, &Vote::person);
  if (before != request.votes.end() && before->decision != decision) {
    return fail(Code::already_exists, "you have voted on this request already");
  }
  return {};
}

State tally(const Request& request, const FindVoter& find_voter, const Everybody& everybody) {
  const std::size_t workflows = request.verdict.workflows.size();
  bool approved = workflows > 0;
  for (std::size_t i = 0; i < workflows; ++i) {
    const Count count(request, i, find_voter);
    if (count.is_declined(everybody)) {
      return State::declined;
    }
    approved = approved && count.is_approved();
  }
  return approved ? State::approved : State::pending;
}

std::string describe(const std::vector<Way>& ways) {
  std::string text;
  for (const Way& way : ways) {
    std::string who;
    for (const std::string& approver : way.approvers) {
      who += who.empty() ? "" : " or ";
      who += identity::parse_role(approver) ? fmt::format("anyone with the role {}", approver)
                                            : approver;
    }
    if (who.empty()) {
      who = "anyone with the role approver";
    }
    if (way.quorum > 1) {
      who = fmt::format("{} people: {}", way.quorum, who);
    }
    text += text.empty() ? "" : ", or ";
    text += who;
  }
  return text;
}

std::string describe_approvers(const Request& request) {
  std::string text;
  const auto& workflows = request.verdict.workflows;
  for (std::size_t i = 0; i < workflows.size(); ++i) {
    text += text.empty() ? "" : ", and ";
    text += describe(ways_of(*workflows[i], level_of(request, i)));
  }
  return text.empty() ? "nobody" : text;
}

}  // namespace preloop::approvals
