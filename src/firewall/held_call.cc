#include "firewall/governed_call.h"
#include "firewall/words.h"

#include <algorithm>

namespace preloop::firewall {

// The stages of a call that waits for people: asked, followed, and run when it was approved.

using Kind = CallResult::Kind;
using approvals::State;
using approvals::Ticket;
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

Task<bool> GovernedCall::ask_a_person() {
  store::Unit unit;
  unit.drafts.push_back(decided_draft(identity_, verdict_, arguments_text_));
  auto ticket = co_await services_.approvals.admit(approval_request(), std::move(unit));
  if (!ticket) {
    end(ticket.error());
    co_return false;
  }
  if (place_ && ticket->how != Ticket::How::finished) {
    co_await services_.counter.waits_with(*place_, ticket->id);
    place_.reset();  // the request's from now on
  }
  if (ticket->how != Ticket::How::created) {
    // Nothing new was stored with the ticket; this call's own decision is recorded all the same.
    store::Unit own;
    own.drafts.push_back(decided_draft(identity_, verdict_, arguments_text_));
    const auto recorded =
        co_await services_.database.commit(std::move(own), store::Durability::standard);
    if (!recorded) {
      end(recorded.error());
      co_return false;
    }
  }
  identity_.call.approval = ticket->id;
  approvers_ = std::move(ticket->approvers);
  if (ticket->how == Ticket::How::finished) {
    end_with(Kind::answered, std::move(ticket->result));
    co_return false;
  }
  if (ticket->state == State::pending && ticket->is_async) {
    // `mode: async`: nobody waits; the identical call made again finds what became of it.
    end(Kind::pending, pending_text(ticket->id, approvers_));
    co_return false;
  }
  if (ticket->state == State::pending) {
    observer_.held({ticket->id, approvers_, ticket->expires_at});
  }
  followed_ = ticket->state;
  co_return true;
}

/// Waits until the request can be used or has ended. The state is in the database; this is only the
/// one who waits. Thousands may be here, so its frame is small.
Task<void> GovernedCall::follow() {
  const core::ApprovalId id = *identity_.call.approval;
  do {
    while (followed_ == State::pending || followed_ == State::executing) {
      auto waited = co_await services_.approvals.wait(id, followed_, context_);
      if (!waited) {
        co_return end(waited.error());
      }
      request_ = std::move(*waited);
      if (request_->state == followed_) {  // the caller went away, or the server stops
        co_return end(Kind::pending, pending_text(id, approvers_));
      }
      followed_ = request_->state;
    }
  } while (co_await use(id));
}

/// The request is approved or has ended: what the call can do with it. True when it must be
/// followed further, because somebody else uses it.
Task<bool> GovernedCall::use(core::ApprovalId id) {
  if (!request_) {
    auto found = co_await services_.approvals.find(principal_.account, id);
    if (!found) {
      end(found.error());
      co_return false;
    }
    followed_ = found->state;
    request_ = std::make_shared<const approvals::Request>(std::move(*found));
  }
  const approvals::RequestPtr request = std::exchange(request_, nullptr);
  switch (request->state) {
    case State::pending:
    case State::executing:
      co_return true;
    case State::approved:
      co_return co_await run_approved(*request);
    default:
      co_await closed(*request);
      co_return false;
  }
}

/// The request ended without this call having been sent.
Task<void> GovernedCall::closed(const approvals::Request& request) {
  if (request.state != State::succeeded && request.state != State::failed) {
    co_return end(Kind::refused, closed_text(request));
  }
  // An identical call was quicker; its result may be kept for this one.
  auto kept = co_await services_.approvals.kept_result(principal_.account, request.id);
  if (!kept || !*kept) {
    co_return end(Kind::refused,
                  "An identical call was executed with this approval, and its result was not "
                  "kept. This one was not executed.");
  }
  end_with(Kind::answered, std::move(**kept));
}

Task<bool> GovernedCall::run_approved(const approvals::Request& request) {
  if (context_.cancelled.requested()) {
    // Approved, and nobody waits: nothing runs. The identical call made again consumes it.
    end(Kind::pending, pending_text(request.id, approvers_));
    co_return false;
  }
  // At execution the policy is asked again: the approval is bound to the call and its workflows,
  // not to the whole policy.
  if (!co_await still_holds(&request)) {
    co_await give_up(request.id);
    co_return false;
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
    place_.reset();  // still the request's
    // Somebody else consumed it, or it is no longer valid: look again, but not for ever.
    constexpr int k_most_races = 3;
    if (begun.error().code == core::Code::aborted && ++lost_races_ <= k_most_races) {
      followed_ = State::approved;  // by what is stored, which use() looks up
      co_return true;
    }
    end(begun.error());
    co_return false;
  }
  entry_.begun();
  // A change acknowledged before this point is obeyed, here too.
  if (is_current() || co_await still_holds(&request)) {
    co_await dispatch();
  } else {
    co_await withdraw();
  }
  co_return false;
}

/// Approved, but the rules say something else now.
Task<void> GovernedCall::give_up(core::ApprovalId id) {
  if (is_unsure_) {
    co_return end(Kind::refused, denied_text(verdict_));  // the approval stays
  }
  const bool denied = verdict_.action == policy::Action::deny;
  place_.reset();  // the request's, which ends here
  const auto cancelled =
      denied ? co_await services_.approvals.cancel(id, "the rules now deny it")
             : co_await services_.approvals.supersede(id, "the rules now ask for more");
  if (!cancelled) {
    co_return end(cancelled.error());
  }
  if (denied) {
    co_return co_await refuse();
  }
  end(Kind::refused,
      "The rules changed after this call was approved, and now ask for another approval. Nothing "
      "was executed; make the call again to ask.");
}

/// The approval was used, and then the rules, the tool or the credential changed: nothing is sent.
Task<void> GovernedCall::withdraw() {
  const std::string why =
      verdict_.cause == policy::Cause::halted
          ? "All tool calls were halted right before this approved call was sent. Nothing was "
            "executed; when they are released, make the call again to ask."
          : "The rules changed right before this approved call was sent. Nothing was executed; "
            "make "
            "the call again to ask.";
  const auto recorded = co_await record_outcome(Outcome::not_sent, why, {});
  if (!recorded) {
    co_return end(recorded.error());
  }
  entry_.end();
  end(Kind::refused, why);
}

}  // namespace preloop::firewall
