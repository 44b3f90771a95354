#include "firewall/governed_call.h"
#include "firewall/words.h"

#include <algorithm>

namespace preloop::firewall {

// The stages of a call that waits for people: asked, followed, and run when it was approved.

using Kind = CallResult::Kind;
using approvals::State;
using core::Task;

approvals::Request GovernedCall::approval_request() const {
  approvals::Request request;
  request.account = principal_.account;
  request.call = identity_.call.id;
  request.agent = principal_.agent;
  request.agent_name = identity_.agent_name;
  request.key = principal_.key;
  request.session = principal_.session;
  request.server = tool_->server;
  request.server_name = tool_->server_name;
  request.tool = tool_->name;
  request.arguments = arguments_text_;
  request.call_key = call_key();
  request.tool_definition = tool_->definition;
  request.accepted_definition = tool_->accepted_definition;
  request.verdict = verdict_;
  request.verdict.justification = identity_.justification;
  const auto hides = [](const policy::Redaction* one) { return !one->shown.empty(); };
  if (std::ranges::any_of(identity_.redactions, hides)) {
    // What cannot be looked through is not shown.
    request.verdict.shown_arguments =
        redact_json(arguments_text_, identity_.redactions, &policy::Redaction::shown)
            .value_or(R"("[redacted]")");
  }
  return request;
}

Task<CallResult> GovernedCall::ask_a_person() {
  store::Unit unit;
  unit.drafts.push_back(decided_draft(identity_, verdict_, arguments_text_));
  auto ticket = co_await services_.approvals.admit(approval_request(), std::move(unit));
  if (!ticket) {
    co_return result(Kind::refused, failed_closed_text(ticket.error()));
  }
  if (place_ && ticket->how != approvals::Ticket::How::finished) {
    co_await services_.counter.waits_with(*place_, ticket->id);
    place_.reset();  // the request's from now on
  }
  if (ticket->how != approvals::Ticket::How::created) {
    // Nothing new was stored with the ticket; this call's own decision is recorded all the same.
    store::Unit own;
    own.drafts.push_back(decided_draft(identity_, verdict_, arguments_text_));
    const auto recorded =
        co_await services_.database.commit(std::move(own), store::Durability::standard);
    if (!recorded) {
      co_return result(Kind::refused, failed_closed_text(recorded.error()));
    }
  }
  co_return co_await follow(std::move(*ticket));
}

/// Waits until the request can be used or has ended. The state is in the database; this is only the
/// one who waits.
Task<CallResult> GovernedCall::follow(approvals::Ticket ticket) {
  identity_.call.approval = ticket.id;
  approvers_ = ticket.approvers;
  if (ticket.how == approvals::Ticket::How::finished) {
    CallResult out = result(Kind::answered, {});
    out.json = std::move(ticket.result);
    co_return out;
  }
  if (ticket.state == State::pending) {
    observer_.held({ticket.id, ticket.approvers, ticket.expires_at});
  }
  State state = ticket.state;
  approvals::Request request;
  while (true) {
    if (state == State::pending || state == State::executing) {
      auto waited = co_await services_.approvals.wait(ticket.id, state, context_);
      if (!waited) {
        co_return result(Kind::refused, failed_closed_text(waited.error()));
      }
      request = std::move(*waited);
      if (request.state == state) {  // the caller went away, or the server stops
        co_return result(Kind::pending, pending_text(ticket.id, approvers_));
      }
      state = request.state;
    } else if (request.id != ticket.id) {
      auto found = co_await services_.approvals.find(principal_.account, ticket.id);
      if (!found) {
        co_return result(Kind::refused, failed_closed_text(found.error()));
      }
      request = std::move(*found);
      state = request.state;
    } else if (state == State::approved) {
      co_return co_await run_approved(request);
    } else {
      co_return co_await closed(request);
    }
  }
}

/// The request ended without this call having been sent.
Task<CallResult> GovernedCall::closed(const approvals::Request& request) {
  if (request.state != State::succeeded && request.state != State::failed) {
    co_return result(Kind::refused, closed_text(request));
  }
  // An identical call was quicker; its result may be kept for this one.
  auto kept = co_await services_.approvals.kept_result(principal_.account, request.id);
  if (!kept || !*kept) {
    co_return result(Kind::refused,
                     "An identical call was executed with this approval, and its result was not "
                     "kept. This one was not executed.");
  }
  CallResult out = result(Kind::answered, {});
  out.json = std::move(**kept);
  co_return out;
}

Task<CallResult> GovernedCall::run_approved(const approvals::Request& request) {
  if (context_.cancelled.requested()) {
    // Approved, and nobody waits: nothing runs. The identical call made again consumes it.
    co_return result(Kind::pending, pending_text(request.id, approvers_));
  }
  // At execution the policy is asked again: the approval is bound to the call and its workflows,
  // not to the whole policy.
  if (!co_await still_holds(&request)) {
    if (is_unsure_) {
      co_return result(Kind::refused, denied_text(verdict_));  // the approval stays
    }
    const bool denied = verdict_.action == policy::Action::deny;
    place_.reset();  // the request's, which ends here
    const auto cancelled = co_await services_.approvals.cancel(
        request.id, denied ? "the rules now deny it" : "the rules now ask for more");
    if (!cancelled) {
      co_return result(Kind::refused, failed_closed_text(cancelled.error()));
    }
    if (denied) {
      co_return co_await refuse();
    }
    co_return result(Kind::refused,
                     "The rules changed after this call was approved, and now ask for another "
                     "approval. Nothing was executed; make the call again to ask.");
  }
  if (place_) {
    place_ = request.call;  // where its request took it
  }
  store::Unit unit;
  unit.drafts.push_back(dispatched_draft(identity_));
  entry_.begin(in_flight_, identity_.call);
  const auto begun = co_await services_.approvals.begin_execution(request.id, std::move(unit));
  if (!begun) {
    entry_.end();
  }
  if (!begun && begun.error().code == core::Code::aborted) {
    // Somebody else consumed it, or it is no longer valid: look again, but not for ever.
    place_.reset();
    constexpr int k_most_races = 3;
    if (++lost_races_ > k_most_races) {
      co_return result(Kind::refused, failed_closed_text(begun.error()));
    }
    auto now = co_await services_.approvals.find(principal_.account, request.id);
    if (now && now->state != State::approved) {
      co_return co_await follow({.id = request.id,
                                 .state = now->state,
                                 .how = approvals::Ticket::How::attached,
                                 .expires_at = now->expires_at,
                                 .approvers = approvers_,
                                 .result = {}});
    }
  }
  if (!begun) {
    place_.reset();  // still the request's
    co_return result(Kind::refused, failed_closed_text(begun.error()));
  }
  entry_.begun();
  // A change acknowledged before this point is obeyed, here too.
  if (!is_current() && !co_await still_holds(&request)) {
    co_return co_await withdraw();
  }
  co_return co_await dispatch();
}

/// The approval was used, and then the rules, the tool or the credential changed: nothing is sent.
Task<CallResult> GovernedCall::withdraw() {
  const std::string why =
      "The rules changed right before this approved call was sent. Nothing was executed; make the "
      "call again to ask.";
  const auto recorded = co_await record_outcome(Outcome::not_sent, why, {});
  if (!recorded) {
    co_return result(Kind::refused, failed_closed_text(recorded.error()));
  }
  entry_.end();
  co_return result(Kind::refused, why);
}

}  // namespace preloop::firewall
