#include "mcp/call_gate.h"

namespace preloop::mcp {

using core::Code;
using core::fail;

CallGate::CallGate(const boost::asio::any_io_executor& executor, UpstreamLimits limits)
    : executor_(executor), limits_(limits), state_(std::make_shared<State>()) {}

CallGate::Pass::~Pass() {
  if (!state_) {
    return;
  }
  if (state_->line.empty()) {
    --state_->in_flight;
    return;
  }
  // The place goes on to the next without becoming free, so nobody overtakes.
  Waiter* const next = state_->line.front();
  state_->line.pop_front();
  next->admitted = true;
  next->changed.set();
}

bool CallGate::open() const {
  return state_->in_flight < limits_.in_flight;
}

CallGate::Pass CallGate::take() {
  ++state_->in_flight;
  return Pass(state_);
}

core::Task<core::Result<CallGate::Pass>> CallGate::enter(const core::CancelToken& cancelled,
                                                         core::MonoTime deadline) {
  if (open()) {
    co_return take();
  }
  if (state_->line.size() >= limits_.queued) {
    co_return fail(Code::unavailable, "too many calls wait for the server");
  }
  const std::shared_ptr<State> state = state_;
  Waiter waiter{core::Wakeup(executor_)};
  state->line.push_back(&waiter);
  const auto gone = cancelled.subscribe([&waiter] { waiter.changed.set(); });
  const core::Outcome outcome = co_await waiter.changed.wait_until(deadline);
  if (waiter.admitted) {
    Pass pass(state);
    if (cancelled.requested() || outcome == core::Outcome::cancelled) {
      co_return fail(Code::cancelled, "the caller went away");
    }
    co_return pass;
  }
  state->line.remove(&waiter);
  if (outcome == core::Outcome::late) {
    co_return fail(Code::unavailable, "the server was busy for too long");
  }
  co_return fail(Code::cancelled, "the caller went away");
}

std::size_t CallGate::in_flight() const {
  return state_->in_flight;
}
std::size_t CallGate::queued() const {
  return state_->line.size();
}

}  // namespace preloop::mcp
