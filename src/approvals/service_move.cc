#include "approvals/approval_record.h"
#include "approvals/service_impl.h"

#include <fmt/format.h>

namespace preloop::approvals {

using core::Code;
using core::fail;
using core::Status;
using core::Task;

Task<Status> ServiceImpl::cancel_where(Which which, std::string reason) {
  return core::on_loop(owner_, do_end(std::move(which), State::cancelled, std::move(reason)));
}

Task<Status> ServiceImpl::do_end(Which which, State state, std::string reason) {
  Status outcome;
  for (const LivePtr& live : live_.select(which)) {
    const auto turn = co_await live->turn.lock();
    if (!live->gone && may_move(live->request->state, state)) {
      if (auto moved = co_await move(*live, state, reason, {}); !moved) {
        outcome = std::move(moved);
      }
    }
  }
  co_return outcome;
}

Task<core::Result<Request>> ServiceImpl::find_anywhere(core::ApprovalId id) const {
  for (const identity::Person& person : identity_.latest()->people()) {
    co_return co_await repo_.find(person.account, id);
  }
  co_return fail(Code::not_found, "there is no such approval request");
}

Task<Status> ServiceImpl::move(
    Live& live, State to, std::string reason, store::Unit unit, std::optional<Request> voted) {
  const State from = live.request->state;
  if (from != to && !may_move(from, to)) {
    co_return fail(Code::failed_precondition,
                   fmt::format("the request is {} already", to_string(from)));
  }
  Request next = voted ? std::move(*voted) : Request(*live.request);
  // I1, in every build: whatever led here, nothing is approved or used without its quorum.
  if ((to == State::approved || to == State::executing) &&
      tally(next, voter_finder(next), everybody(next)) != State::approved) {
    co_return fail(Code::internal, "an approval without its quorum was stopped; this is a bug");
  }
  next.state = to;
  ++next.revision;
  const core::WallTime now = clock_.wall();
  if (from == State::pending && to != State::pending) {
    next.decided_at = now;
  }
  if (to == State::approved && from != to) {
    next.valid_until = now + validity(next);
  }
  if (!reason.empty()) {
    next.closing_reason = std::move(reason);
  }
  unit.guard = store::Unit::Guard{ApprovalRepo::move(next, from)};
  if (from != to) {
    if (auto draft = moved_draft(next, from)) {
      unit.drafts.push_back(std::move(*draft));
    }
  }
  announce(unit, next, events::Kind::approval_updated, now);
  PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
  live_.replace(live, std::make_shared<const Request>(std::move(next)));
  if (!is_live(to)) {
    live.gone = true;
    live_.erase(live);
    if (observer_ != nullptr) {
      observer_->request_ended(*live.request);
    }
  }
  count_pending();
  if (from != to) {
    live.wake();
  }
  timer_.set();
  co_return Status();
}

void ServiceImpl::count_pending() {
  pending_.store(live_.pending(), std::memory_order_relaxed);
}

}  // namespace preloop::approvals
