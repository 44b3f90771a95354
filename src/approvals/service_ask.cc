#include "approvals/approval_record.h"
#include "approvals/digest.h"
#include "approvals/service_impl.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::approvals {

using core::Code;
using core::fail;
using core::Status;
using core::Task;

namespace {

constexpr std::size_t k_max_kept_result = 1024 * 1024;
constexpr core::seconds k_keep_result{24 * 3600};

}  // namespace

Task<core::Result<Ticket>> ServiceImpl::do_admit(Request request, store::Unit more) {
  if (stopping_) {
    co_return fail(Code::unavailable, "the server is stopping");
  }
  PRELOOP_CO_CHECK(not_halted());
  if (const LivePtr live = live_.find_call(request)) {
    const auto turn = co_await live->turn.lock();
    if (live->gone) {
      co_return fail(Code::unavailable, "an identical request ended just now; ask again");
    }
    co_return ticket_of(*live->request, Ticket::How::attached);
  }
  const std::size_t waiting = live_.pending_of(request.agent);
  if (waiting >= max_pending_per_agent_) {
    co_return fail(Code::resource_exhausted,
                   fmt::format("this agent has {} requests waiting already", waiting));
  }
  request.created_at = clock_.wall();
  request.id = core::ApprovalId::make(request.created_at);
  request.state = State::pending;
  request.expires_at = expiry(request);
  request.approval_digest =
      approval_digest(request.call_key, request.verdict.workflows, request.id, request.expires_at);
  // In the registry before it is in the database, and taken: an identical call waits its turn.
  const auto live = std::make_shared<Live>(request, owner_.executor());
  const auto turn = co_await live->turn.lock();
  live_.put(live);
  auto earlier = co_await earlier_ticket(request);
  if (earlier && !*earlier) {
    more.add(ApprovalRepo::insert(request));
    more.drafts.push_back(created_draft(request));
    announce(more, request, events::Kind::approval_created, clock_.wall());
    if (const auto kept = co_await database_.commit(std::move(more), store::Durability::strict);
        !kept) {
      earlier = std::unexpected(kept.error());
    }
  }
  if (!earlier || *earlier) {
    live->gone = true;
    live_.erase(*live);
    if (!earlier) {
      co_return std::unexpected(earlier.error());
    }
    co_return std::move(**earlier);
  }
  count_pending();
  timer_.set();
  co_return ticket_of(request, Ticket::How::created);
}

Task<core::Result<std::optional<Ticket>>> ServiceImpl::earlier_ticket(const Request& request) {
  PRELOOP_CO_TRY(const std::optional<Request> newest,
                 co_await repo_.newest(request.account, request.call_key));
  if (!newest) {
    co_return std::nullopt;
  }
  if (newest->state == State::unknown) {
    co_return fail(
        Code::failed_precondition,
        fmt::format("an identical call (request {}) was sent and its outcome was lost; it "
                    "may have been executed. A person has to look and release it first",
                    newest->id.to_string()));
  }
  if (newest->state != State::succeeded && newest->state != State::failed) {
    co_return std::nullopt;
  }
  PRELOOP_CO_TRY(std::optional<std::string> kept,
                 co_await kept_result(request.account, newest->id));
  if (!kept) {
    co_return std::nullopt;
  }
  Ticket ticket = ticket_of(*newest, Ticket::How::finished);
  ticket.result = std::move(*kept);
  co_return ticket;
}

Ticket ServiceImpl::ticket_of(const Request& request, Ticket::How how) {
  return {.id = request.id,
          .state = request.state,
          .how = how,
          .is_async = std::ranges::any_of(request.verdict.workflows, &policy::Workflow::async),
          .expires_at = request.expires_at,
          .approvers = describe_approvers(request),
          .result = {}};
}

Task<core::Result<RequestPtr>> ServiceImpl::enlist(core::ApprovalId id,
                                                   State state,
                                                   WaiterPtr waiter) {
  const LivePtr live = live_.find(id);
  if (!live) {
    PRELOOP_CO_TRY(Request found, co_await find_anywhere(id));
    co_return without_texts(std::move(found));
  }
  if (live->request->state != state || stopping_) {
    co_return live->request;
  }
  waiter->account = live->request->account;
  live->waiters.push_back(std::move(waiter));
  co_return nullptr;
}

Task<core::Result<RequestPtr>> ServiceImpl::leave(core::ApprovalId id, WaiterPtr waiter) {
  const LivePtr live = live_.find(id);
  if (!live) {
    PRELOOP_CO_TRY(Request found, co_await repo_.find(waiter->account, id));
    co_return without_texts(std::move(found));
  }
  std::erase(live->waiters, waiter);
  co_return live->request;
}

Status ServiceImpl::not_halted() const {
  if (!switches_.is_on(HaltScope::tools)) {
    return {};
  }
  return fail(Code::failed_precondition, "tool calls are halted; a person has to release them");
}

Task<Status> ServiceImpl::do_begin(core::ApprovalId id, store::Unit more) {
  PRELOOP_CO_CHECK(not_halted());
  const LivePtr live = live_.find(id);
  if (!live) {
    co_return fail(Code::aborted, "the approval was used or ended meanwhile");
  }
  const auto turn = co_await live->turn.lock();
  const Request& request = *live->request;
  if (live->gone || request.state != State::approved ||
      (request.valid_until && *request.valid_until <= clock_.wall())) {
    co_return fail(Code::aborted, "the approval was used or ended meanwhile");
  }
  // Eligibility is checked again at consumption.
  if (tally(request, voter_finder(request), everybody(request)) != State::approved) {
    PRELOOP_CO_CHECK(
        co_await move(*live, State::cancelled, "an approver lost the right to approve", {}));
    co_return fail(Code::aborted, "an approver lost the right to approve");
  }
  co_return co_await move(*live, State::executing, "", std::move(more));
}

Task<Status> ServiceImpl::do_finish(core::ApprovalId id,
                                    State outcome,
                                    std::string result,
                                    store::Unit more) {
  const LivePtr live = live_.find(id);
  if (!live) {
    co_return fail(Code::internal, "an execution ended that never began");
  }
  const auto turn = co_await live->turn.lock();
  if (!result.empty() && result.size() <= k_max_kept_result) {
    more.add(ApprovalRepo::keep_result(
        *live->request,
        core::aes256_gcm_seal(result_key_, result, live->request->id.as_bytes()),
        clock_.wall() + k_keep_result));
  }
  co_return co_await move(*live, outcome, "", std::move(more));
}

}  // namespace preloop::approvals
