#include "approvals/notices.h"

#include "approvals/quorum.h"
#include "core/json.h"
#include "identity/directory.h"
#include "redact/redact.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::approvals {
namespace {

using core::Task;

/// What people who decide see without asking for more (decision 28).
constexpr redact::Detectors k_shown{
    redact::Detector::secrets, redact::Detector::credit_card, redact::Detector::iban};
constexpr std::size_t k_page = 200;

std::string masked_arguments(const Request& request) {
  const std::string& shown = request.verdict.shown_arguments;
  const std::string& text = shown.empty() ? request.arguments : shown;
  const auto parsed = core::JsonDocument::parse(text);
  return parsed ? redact::redact_json(parsed->root(), text, k_shown).text : "{}";
}

/// "approved by ana@example.com": the last vote that made it so, or what ended it.
std::string outcome_of(const Request& request) {
  const bool was_approved = request.valid_until.has_value();
  if (request.state == State::expired || request.state == State::cancelled) {
    return request.closing_reason.empty()
               ? std::string(to_string(request.state))
               : fmt::format("{}: {}", to_string(request.state), request.closing_reason);
  }
  const Decision decision = was_approved ? Decision::approve : Decision::decline;
  for (auto vote = request.votes.rbegin(); vote != request.votes.rend(); ++vote) {
    if (vote->decision == decision) {
      return fmt::format("{} by {}", was_approved ? "approved" : "declined", vote->person_name);
    }
  }
  return std::string(to_string(request.state));
}

Channel channel_of(notify::Kind kind) {
  return kind == notify::Kind::ntfy ? Channel::ntfy : Channel::email;
}

}  // namespace

notify::Ask ask_of(const Request& request,
                   const identity::Directory& directory,
                   core::WallTime now) {
  notify::Ask ask;
  ask.id = request.id;
  ask.account = request.account;
  ask.agent = request.agent_name;
  ask.server = request.server_name;
  ask.tool = request.tool;
  ask.arguments = masked_arguments(request);
  ask.reason = request.verdict.message;
  ask.justification = request.verdict.justification;
  ask.state = to_string(request.state);
  ask.is_open = request.state == State::pending && request.expires_at > now;
  ask.created_at = request.created_at;
  ask.expires_at = request.expires_at;
  ask.revision = request.revision;
  if (!ask.is_open) {
    ask.outcome = request.state == State::pending ? "expired" : outcome_of(request);
    return ask;
  }
  const auto& workflows = request.verdict.workflows;
  ask.needs_reason = std::ranges::any_of(
      workflows, [](const policy::WorkflowPtr& workflow) { return workflow->require_reason; });
  const identity::Agent* const agent = directory.find_agent(request.agent);
  for (const identity::Person& person : directory.people()) {
    if (person.account != request.account ||
        !identity::role_may(person.role, identity::Permission::decide) ||
        std::ranges::find(request.votes, person.id, &Vote::person) != request.votes.end()) {
      continue;
    }
    const Voter voter{.person = person.id,
                      .email = person.email,
                      .role = person.role,
                      .active = person.standing == identity::Standing::active,
                      .owns_agent = agent != nullptr && agent->owner == person.id};
    if (is_asked(request, voter)) {
      ask.asked.push_back(person.id);
    }
  }
  return ask;
}

Task<core::Result<notify::Ask>> Notices::find(core::AccountId account, core::ApprovalId id) {
  PRELOOP_CO_TRY(const Request request, co_await service_.find(account, id));
  // During a halt nothing expires: the time comes back.
  const bool halted = service_.switches().is_on(HaltScope::tools);
  co_return ask_of(request, *identity_.latest(), halted ? request.created_at : clock_.wall());
}

Task<core::Result<std::vector<core::ApprovalId>>> Notices::open(core::AccountId account) {
  std::vector<core::ApprovalId> out;
  ListFilter filter;
  filter.state = State::pending;
  filter.limit = k_page;
  while (true) {
    PRELOOP_CO_TRY(const std::vector<Request> page, co_await service_.list(account, filter));
    for (const Request& request : page) {
      out.push_back(request.id);
    }
    if (page.size() < filter.limit) {
      co_return out;
    }
    filter.before = page.back().id;
  }
}

Task<core::Status> Notices::decide(core::AccountId account,
                                   core::PersonId person,
                                   core::ApprovalId id,
                                   bool approve,
                                   std::string comment,
                                   notify::Kind kind) {
  PRELOOP_CO_TRY(const identity::Principal principal,
                 identity::principal_by_channel(*identity_.latest(), account, person));
  PRELOOP_CO_CHECK(co_await service_.decide(principal,
                                            id,
                                            approve ? Decision::approve : Decision::decline,
                                            std::move(comment),
                                            channel_of(kind)));
  co_return core::Status();
}

}  // namespace preloop::approvals
