#include "approvals/approval_record.h"
#include "approvals/halt_repo.h"
#include "approvals/service_impl.h"
#include "core/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::approvals {

using core::Code;
using core::fail;
using core::Status;
using core::Task;

namespace {

constexpr std::size_t k_max_reason = 1024;

auto find_in(auto& halts, core::AccountId account, HaltScope scope) {
  return std::ranges::find_if(
      halts, [&](const Halt& halt) { return halt.account == account && halt.scope == scope; });
}

/// What was left of the request's time is left of it at `now` (HaltRepo::give_time_back).
Request thaw(Request request, core::WallTime since, core::WallTime now) {
  const auto asked = now - std::max(since, request.created_at);
  request.expires_at += asked;
  request.given_back += asked;
  if (request.valid_until) {
    *request.valid_until += now - std::max(since, request.decided_at.value_or(since));
  }
  return request;
}

}  // namespace

Task<Status> ServiceImpl::load_halts() {
  PRELOOP_CO_TRY(halts_, co_await HaltRepo(database_).all());
  for (const Halt& halt : halts_) {
    switches_.set(halt.scope, true);
    core::log::warn("halted, as before the start",
                    {{"scope", to_string(halt.scope)}, {"reason", halt.reason}});
  }
  co_return Status();
}

Task<core::Result<std::vector<Halt>>> ServiceImpl::do_halts(core::AccountId account) {
  std::vector<Halt> out;
  std::ranges::copy_if(
      halts_, std::back_inserter(out), [&](const Halt& halt) { return halt.account == account; });
  co_return out;
}

Task<core::Result<Halt>> ServiceImpl::do_halt(identity::Principal principal,
                                              HaltScope scope,
                                              std::string reason) {
  PRELOOP_CO_CHECK(identity::authorize(principal, identity::Permission::halt, clock_.wall()));
  if (reason.empty() || reason.size() > k_max_reason) {
    co_return fail(Code::invalid_argument,
                   "a halt needs a reason of at most 1024 bytes",
                   {{"reason", "1 to 1024 bytes"}});
  }
  const auto turn = co_await halting_.lock();
  const core::AccountId account = identity::account_of(principal);
  if (const auto found = find_in(halts_, account, scope); found != halts_.end()) {
    co_return *found;  // the button pressed twice; the first reason stands
  }
  // First of all, and whatever becomes of the rest: an emergency stop stops.
  switches_.set(scope, true);
  Halt halt{.account = account,
            .scope = scope,
            .reason = std::move(reason),
            .person = identity::person_of(principal),
            .person_name = name_of(principal),
            .since = clock_.wall()};
  halts_.push_back(halt);
  store::Unit unit;
  unit.add(HaltRepo::insert(halt));
  unit.drafts.push_back(halted_draft(halt, principal));
  events::announce(unit, account, events::Kind::halt_updated, to_string(halt.scope), halt.since);
  if (const auto kept = co_await database_.commit(std::move(unit), store::Durability::strict);
      !kept) {
    co_return fail(kept.error().code,
                   fmt::format("halted, but this could not be stored ({}): a restart would end it",
                               kept.error().message));
  }
  co_return halt;
}

Task<core::Result<std::size_t>> ServiceImpl::do_resume(identity::Principal principal,
                                                       HaltScope scope) {
  PRELOOP_CO_CHECK(identity::authorize(principal, identity::Permission::halt, clock_.wall()));
  const auto turn = co_await halting_.lock();
  const core::AccountId account = identity::account_of(principal);
  const auto found = find_in(halts_, account, scope);
  if (found == halts_.end()) {
    co_return 0;
  }
  const Halt& halt = *found;  // nobody else changes the list: `halting_` is held
  const core::WallTime now = clock_.wall();
  const auto waited = live_.select([&](const Request& request) {
    return request.account == account && due_at(request).has_value();
  });
  store::Unit unit;
  // Without a guard: one that could not be stored has no row, and is released all the same.
  unit.add(HaltRepo::remove(halt));
  unit.add(HaltRepo::give_time_back(halt, now));
  unit.drafts.push_back(resumed_draft(halt, principal, name_of(principal), now, waited.size()));
  events::announce(unit, account, events::Kind::halt_updated, to_string(scope), now);
  PRELOOP_CO_CHECK(co_await database_.commit(std::move(unit), store::Durability::strict));
  for (const LivePtr& live : waited) {
    const auto own = co_await live->turn.lock();
    if (!live->gone) {
      live_.replace(*live, std::make_shared<const Request>(thaw(*live->request, halt.since, now)));
    }
  }
  halts_.erase(found);
  // Last: nothing expires, and nothing goes, before every request has its time back.
  switches_.set(scope, false);
  timer_.set();
  co_return waited.size();
}

}  // namespace preloop::approvals
