#include "firewall/call_counter.h"

#include "core/loop_call.h"
#include "firewall/call_history.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::firewall {
namespace {

/// A call is recorded a little after its place was taken.
constexpr core::seconds k_overlap{120};

/// Two policies with the same text count the same.
std::string signature(const policy::StateReads& state) {
  std::string out = fmt::format("{}|{}", state.every_call, state.window.count());
  for (const policy::ToolPattern& pattern : state.counted) {
    out += fmt::format("|{}/{}", pattern.server, pattern.name);
  }
  return out;
}

}  // namespace

core::Task<core::Result<policy::Verdict>> CallCounter::decide(Policy policy,
                                                              policy::CallFacts facts,
                                                              CountedCall call) {
  return core::on_loop(owner_, decide_here(std::move(policy), facts, std::move(call)));
}

core::Task<core::Result<policy::Verdict>> CallCounter::decide_here(Policy policy,
                                                                   policy::CallFacts facts,
                                                                   CountedCall call) {
  if (policy.generation > generation_) {
    PRELOOP_CO_CHECK(co_await catch_up(policy));
  }
  // From here on nothing suspends: the verdict and its place are one step.
  if (policy.generation == generation_) {  // a slower loop's policy may look back less far
    ledger_.forget_before(facts.now - policy->state().window - k_overlap);
  }
  complete_until_ = std::max(complete_until_, facts.now);
  co_return ledger_.decide(*policy, facts, std::move(call));
}

core::Task<core::Result<std::shared_ptr<const policy::Usage>>> CallCounter::past_of(
    Policy policy, core::AgentId agent) {
  return core::on_loop(owner_, past_here(std::move(policy), agent));
}

core::Task<core::Result<std::shared_ptr<const policy::Usage>>> CallCounter::past_here(
    Policy policy, core::AgentId agent) {
  if (policy->state().any() && policy.generation > generation_) {
    PRELOOP_CO_CHECK(co_await catch_up(policy));
  }
  co_return ledger_.past_of(agent);
}

core::Task<core::Status> CallCounter::catch_up(const Policy& policy) {
  const auto turn = co_await reading_.lock();
  if (policy.generation <= generation_) {
    co_return core::Status();
  }
  const core::WallTime now = clock_.wall();
  const std::string counted = signature(policy->state());
  core::WallTime since = now - policy->state().window;
  if (counted == counted_) {
    // Nothing but what happened under policies in between is missing.
    since = std::max(since, complete_until_ - k_overlap);
  }
  PRELOOP_CO_TRY(std::vector<CountedCall> calls,
                 co_await calls_let_go(record_, account_, since, now + k_overlap));
  PRELOOP_CO_CHECK(co_await read_requests());
  for (CountedCall& call : calls) {
    ledger_.add(std::move(call));
  }
  counted_ = counted;
  generation_ = policy.generation;
  co_return core::Status();
}

/// Open requests hold a place, whoever asked for them.
core::Task<core::Status> CallCounter::read_requests() {
  constexpr std::size_t k_page = 200;
  for (const approvals::State state :
       {approvals::State::pending, approvals::State::approved, approvals::State::executing}) {
    approvals::ListFilter filter{.state = state, .limit = k_page};
    while (true) {
      PRELOOP_CO_TRY(const std::vector<approvals::Request> page,
                     co_await approvals_.list(account_, filter));
      for (const approvals::Request& request : page) {
        ledger_.add({.id = request.call,
                     .agent = request.agent,
                     .session = request.session,
                     .server = request.server_name,
                     .tool = request.tool,
                     .call_key = request.call_key,
                     .at = request.created_at,
                     .approval = request.id,
                     .held = true});
      }
      if (page.size() < k_page) {
        break;
      }
      filter.before = page.back().id;
    }
  }
  co_return core::Status();
}

core::Task<void> CallCounter::release(core::CallId id) {
  const auto there = [](CallLedger& ledger, core::CallId which) -> core::Task<void> {
    ledger.release(which);
    co_return;
  };
  co_await core::on_loop(owner_, there(ledger_, id));
}

core::Task<void> CallCounter::waits_with(core::CallId id, core::ApprovalId request) {
  const auto there =
      [](CallLedger& ledger, core::CallId which, core::ApprovalId with) -> core::Task<void> {
    ledger.waits_with(which, with);
    co_return;
  };
  co_await core::on_loop(owner_, there(ledger_, id, request));
}

void CallCounter::request_ended(const approvals::Request& request) {
  using approvals::State;
  const bool went = request.state == State::succeeded || request.state == State::failed ||
                    request.state == State::unknown;
  ledger_.ended(request.id, went);
  if (!went) {
    ledger_.release(request.call);  // it may have ended before it was told of
  }
}

}  // namespace preloop::firewall
