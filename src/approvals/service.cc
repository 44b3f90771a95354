#include "approvals/approval_record.h"
#include "approvals/service_impl.h"
#include "core/log.h"

#include <algorithm>

namespace preloop::approvals {

using core::Code;
using core::fail;
using core::Status;
using core::Task;

namespace {

/// The timer looks at least so often, so that a jump of the wall clock is seen.
constexpr core::seconds k_longest_sleep{30};
/// Requests that end in the same moment are committed so many at a time.
constexpr std::size_t k_batch = 256;

}  // namespace

Task<Status> ServiceImpl::do_start() {
  PRELOOP_CO_CHECK(co_await load_halts());
  PRELOOP_CO_TRY(std::vector<Request> rows, co_await repo_.live());
  std::size_t lost = 0;
  for (Request& request : rows) {
    auto live = std::make_shared<Live>(std::move(request), owner_.executor());
    if (live->request->state == State::executing) {
      // Decision 29: what was executing when the process ended is unknown, before anybody can
      // ask.
      PRELOOP_CO_CHECK(co_await move(*live, State::unknown, "the server stopped meanwhile", {}));
      ++lost;
      continue;
    }
    live_.put(live);
  }
  if (lost > 0) {
    core::log::warn(
        "approved calls were executing when the server stopped; a person must release "
        "them before they can be made again",
        {{"calls", lost}});
  }
  count_pending();
  tasks_.spawn("approval timers", run_timers());
  co_return Status();
}

Task<void> ServiceImpl::do_stop() {
  stopping_ = true;
  for (const auto& [id, live] : live_.all()) {
    live->wake();
  }
  co_await tasks_.stop();
}

Task<void> ServiceImpl::run_timers() {
  while (!co_await core::is_cancelled()) {
    timer_.reset();
    co_await do_expire_due();
    // Halted, releasing wakes us.
    const auto next = switches_.is_on(HaltScope::tools) ? std::nullopt : live_.next_due();
    const auto until = next ? std::clamp<core::microseconds>(
                                  *next - clock_.wall(), core::milliseconds(1), k_longest_sleep)
                            : core::microseconds(k_longest_sleep);
    if (co_await timer_.wait_until(std::chrono::steady_clock::now() + until) ==
        core::Outcome::cancelled) {
      co_return;
    }
  }
}

Task<void> ServiceImpl::do_expire_due() {
  const core::WallTime now = clock_.wall();
  // In parts that the writer takes together. Halted, every clock stands still.
  while (!switches_.is_on(HaltScope::tools)) {
    const std::vector<LivePtr> due = live_.due(now, k_batch);
    core::TaskScope batch(owner_.executor());
    std::size_t failed = 0;
    for (const LivePtr& live : due) {
      batch.spawn("approval step", step(live, now, failed));
    }
    co_await batch.idle();
    if (due.size() < k_batch || failed > 0) {
      break;
    }
  }
  if (now - swept_at_ > core::seconds(600)) {
    swept_at_ = now;
    store::Unit unit;
    unit.add(ApprovalRepo::drop_results_before(now));
    if (const auto swept = co_await database_.commit(std::move(unit), store::Durability::standard);
        !swept) {
      core::log::warn("kept results could not be dropped", {{"error", swept.error().message}});
    }
  }
}

/// What is due for one request.
Task<void> ServiceImpl::step(LivePtr live, core::WallTime now, std::size_t& failed) {
  const auto turn = co_await live->turn.lock();
  const auto due = due_at(*live->request);
  if (live->gone || !due || *due > now || switches_.is_on(HaltScope::tools)) {
    co_return;
  }
  const Status moved = live->request->state == State::pending && live->request->expires_at > now
                           ? co_await escalate(*live, now)
                           : co_await move(*live, State::expired, "", {});
  if (!moved) {
    ++failed;
    core::log::error(
        "what was due for an approval request could not be stored; it is tried again",
        {{"request", live->request->id.to_string()}, {"error", moved.error().message}});
  }
}

/// Reminders and levels. Whoever is asked now is in the record and, by the events, in messages.
Task<Status> ServiceImpl::escalate(Live& live, core::WallTime now) {
  Request next = *live.request;
  const std::vector<Step> heard = advance(next, now);
  store::Unit unit;
  for (const Step& step : heard) {
    if (step.kind == Step::Kind::level) {
      unit.drafts.push_back(escalated_draft(next, step));
      announce(unit, next, events::Kind::approval_escalated, now);
    } else {
      announce(unit, next, events::Kind::approval_reminder, now);
    }
  }
  // A decline that waited for these people's voices may be one now, and so may an approval.
  const State state = tally(next, voter_finder(next), everybody(next));
  co_return co_await move(live, state, "", std::move(unit), std::move(next));
}

Task<core::Result<std::optional<std::string>>> ServiceImpl::kept_result(core::AccountId account,
                                                                        core::ApprovalId id) {
  PRELOOP_CO_TRY(const std::optional<KeptResult> kept,
                 co_await repo_.kept(account, id, clock_.wall()));
  if (!kept) {
    co_return std::nullopt;
  }
  auto opened = core::aes256_gcm_open(result_key_, kept->sealed, id.as_bytes());
  if (!opened) {
    co_return fail(Code::data_loss, "the kept result of an identical call cannot be read");
  }
  co_return opened->reveal();
}

Task<Status> ServiceImpl::delivered(core::AccountId account, core::ApprovalId id) {
  store::Unit unit;
  unit.add(ApprovalRepo::drop_result(account, id));
  co_return co_await database_.commit(std::move(unit), store::Durability::standard);
}

Task<core::Result<RequestPtr>> ServiceImpl::wait(core::ApprovalId id,
                                                 State state,
                                                 const core::CallContext& context) {
  const auto waiter = std::make_shared<Waiter>(*core::Loop::current());
  const auto gone = context.cancelled.subscribe([waiter] { waiter->changed.set(); });
  PRELOOP_CO_TRY(RequestPtr now, co_await core::on_loop(owner_, enlist(id, state, waiter)));
  if (now) {  // it has moved on, or nothing will ever move it
    co_return std::move(now);
  }
  co_await waiter->changed.wait();
  co_return co_await core::on_loop(owner_, leave(id, waiter));
}

std::unique_ptr<ApprovalService> ApprovalService::create(Dependencies dependencies) {
  return std::make_unique<ServiceImpl>(std::move(dependencies));
}

}  // namespace preloop::approvals
