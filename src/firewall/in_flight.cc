#include "firewall/in_flight.h"

#include "core/loop_call.h"
#include "firewall/call_record.h"
#include "firewall/in_flight_repo.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace preloop::firewall {

namespace {

/// How much of the record a start may have to read although no call has ended: what is only denied
/// or asked about is recorded, too.
constexpr audit::Position k_most_unread = audit::Position{60'000'000} << 10;  // a minute

constexpr std::string_view k_why = "the outcome could not be recorded when it was known";

store::Draft lost_draft(const InFlight& call) {
  CallIdentity identity;
  identity.call = call;
  return completed_draft(identity, Outcome::unknown, k_why);
}

}  // namespace

InFlightCalls::InFlightCalls(core::LoopPool& loops,
                             const audit::ChainSealer& record,
                             approvals::ApprovalService& approvals)
    : loops_(loops), record_(record), approvals_(approvals), shelves_(loops.size()) {}

InFlightCalls::Entry::~Entry() {
  if (phase_ == Phase::sent || phase_ == Phase::ending) {
    calls_->shelves_[loop_].lost.push_back(*call_);
  }
  end();
}

void InFlightCalls::Entry::begin(InFlightCalls& calls, const InFlight& call) {
  calls_ = &calls;
  call_ = &call;
  loop_ = core::Loop::current()->index();
  phase_ = Phase::beginning;
  after_ = calls.record_.committed_position();
  Shelf& shelf = calls.shelves_[loop_];
  next_ = shelf.first;
  link_ = &shelf.first;
  if (next_ != nullptr) {
    next_->link_ = &next_;
  }
  shelf.first = this;
}

void InFlightCalls::Entry::begun() {
  phase_ = Phase::sent;
}

void InFlightCalls::Entry::ending() {
  phase_ = Phase::ending;
  after_ = calls_->record_.committed_position();
}

void InFlightCalls::Entry::end() {
  if (phase_ == Phase::none) {
    return;
  }
  phase_ = Phase::none;
  *link_ = next_;
  if (next_ != nullptr) {
    next_->link_ = link_;
  }
  std::atomic<std::uint64_t>& changes = calls_->shelves_[loop_].changes;
  changes.store(changes.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

core::Task<void> InFlightCalls::take_from(Shelf& shelf, Picture& picture) {
  for (const Entry* entry = shelf.first; entry != nullptr; entry = entry->next_) {
    // What may be committed and not yet heard of is looked for in the record, from before it.
    if (entry->phase_ != Entry::Phase::sent) {
      picture.since = std::min(picture.since, entry->after_);
    }
    if (entry->phase_ != Entry::Phase::beginning) {
      picture.calls.push_back(*entry->call_);
    }
  }
  std::ranges::move(shelf.lost, std::back_inserter(lost_));
  shelf.lost.clear();
  co_return;
}

core::Task<core::Status> InFlightCalls::checkpoint(store::Database& database) {
  std::uint64_t changes = 0;
  for (const Shelf& shelf : shelves_) {
    changes += shelf.changes.load(std::memory_order_relaxed);
  }
  if (changes == written_changes_ && lost_.empty() &&
      record_.committed_position() - written_position_ < k_most_unread) {
    co_return core::Status();
  }
  // The position first, the calls after it: each call whose decision is at or before the position
  // is then still in a list, or its outcome is behind the position.
  Picture picture{record_.committed_position(), {}};
  for (std::size_t i = 0; i < shelves_.size(); ++i) {
    co_await core::on_loop(loops_.at(i), take_from(shelves_[i], picture));
  }
  PRELOOP_CO_CHECK(co_await end_lost_approvals());
  store::Unit unit;
  unit.add(delete_all_in_flight());
  for (const InFlight& call : picture.calls) {
    unit.add(insert_in_flight(call));
  }
  unit.add(set_checkpoint_position(picture.since));
  for (const InFlight& call : lost_) {
    unit.drafts.push_back(lost_draft(call));
  }
  PRELOOP_CO_CHECK(co_await database.commit(std::move(unit), store::Durability::standard));
  written_changes_ = changes;
  written_position_ = picture.since;
  lost_.clear();
  co_return core::Status();
}

core::Task<core::Status> InFlightCalls::end_lost_approvals() {
  for (auto call = lost_.begin(); call != lost_.end();) {
    if (!call->approval) {
      ++call;
      continue;
    }
    store::Unit unit;
    unit.drafts.push_back(lost_draft(*call));
    const core::Status ended = co_await approvals_.finish_execution(
        *call->approval, approvals::State::unknown, {}, std::move(unit));
    if (!ended && ended.error().code != core::Code::aborted) {
      co_return ended;
    }
    call = lost_.erase(call);  // aborted: it has ended after all
  }
  co_return core::Status();
}

}  // namespace preloop::firewall
