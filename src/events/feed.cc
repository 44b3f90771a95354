#include "events/feed.h"

#include "core/log.h"
#include "core/loop_call.h"
#include "core/task_scope.h"
#include "core/wakeup.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <utility>

namespace preloop::events {
namespace {

constexpr std::int64_t k_page = 256;
constexpr std::int64_t k_retention_batch = 1000;
constexpr std::size_t k_max_subscriptions = 1000;

}  // namespace

/// One account's newest events on one loop: all with numbers in (floor, last].
struct Feed::Tail {
  Tail(core::AccountId id, const boost::asio::any_io_executor& executor)
      : account(id), changed(executor) {}

  core::AccountId account;
  std::deque<Event> ring;
  std::int64_t floor = 0;
  std::int64_t last = 0;
  bool closed = false;
  core::Wakeup changed;  ///< something was committed, or nobody listens any more
  std::vector<core::Wakeup*> readers;

  void wake_readers() {
    for (core::Wakeup* const reader : readers) {
      reader->set();
    }
  }
  void take(std::vector<Event> events, std::size_t most) {
    for (Event& event : events) {
      last = event.seq;
      ring.push_back(std::move(event));
    }
    while (ring.size() > most) {
      floor = ring.front().seq;
      ring.pop_front();
    }
    wake_readers();
  }
};

struct Feed::PerLoop {
  explicit PerLoop(core::Loop& owner) : loop(owner), scope(owner.executor()) {}

  core::Loop& loop;
  core::TaskScope scope;
  std::map<core::AccountId, std::shared_ptr<Tail>> tails;
  std::size_t subscriptions = 0;
  bool stopped = false;
  std::atomic<bool> wake_posted = false;  ///< coalesces the commits between two turns of the loop

  void wake() {
    wake_posted = false;
    for (const auto& [account, tail] : tails) {
      tail->changed.set();
    }
  }
};

struct Subscription::Link {
  Link(EventRepo& events, std::shared_ptr<Feed::PerLoop> on, std::shared_ptr<Feed::Tail> followed)
      : repo(events), loop(std::move(on)), tail(std::move(followed)), ready(loop->loop.executor()) {
    tail->readers.push_back(&ready);
    ++loop->subscriptions;
  }
  ~Link() {
    std::erase(tail->readers, &ready);
    --loop->subscriptions;
    if (tail->readers.empty()) {
      tail->changed.set();
    }
  }
  EventRepo& repo;
  std::shared_ptr<Feed::PerLoop> loop;
  std::shared_ptr<Feed::Tail> tail;
  core::Wakeup ready;
};

Subscription::Subscription() = default;
Subscription::~Subscription() = default;

std::optional<Event> Subscription::try_next() {
  if (!behind_.empty()) {
    Event event = std::move(behind_.back());
    behind_.pop_back();
    position_ = event.seq;
    return event;
  }
  const Feed::Tail& tail = *link_->tail;
  if (position_ < tail.floor) {
    return std::nullopt;
  }
  joined_ = true;
  const auto found = std::ranges::upper_bound(tail.ring, position_, {}, &Event::seq);
  if (found == tail.ring.end()) {
    return std::nullopt;
  }
  position_ = found->seq;
  return *found;
}

core::Task<std::optional<Event>> Subscription::next() {
  while (end_ == End::open) {
    Feed::Tail& tail = *link_->tail;
    if (tail.closed) {
      end_ = End::closed;
      break;
    }
    link_->ready.reset();
    if (auto event = try_next()) {
      co_return event;
    }
    if (position_ < tail.floor) {
      if (joined_) {
        end_ = End::slow;
        break;
      }
      const std::int64_t floor = tail.floor;
      auto page = co_await link_->repo.read(tail.account, position_, k_page);
      if (!page) {
        end_ = co_await core::is_cancelled() ? End::cancelled : End::failed;
        break;
      }
      behind_ = std::move(*page);
      std::ranges::reverse(behind_);
      if (behind_.empty()) {
        position_ = floor;  // retention took the rest while we read
      }
      continue;
    }
    if (co_await link_->ready.wait() == core::Outcome::cancelled) {
      end_ = End::cancelled;
    }
  }
  co_return std::nullopt;
}

Feed::Feed(store::Database& database,
           core::LoopPool& loops,
           const core::Clock& clock,
           FeedLimits limits)
    : repo_(database), database_(database), clock_(clock), limits_(limits) {
  for (std::size_t i = 0; i < loops.size(); ++i) {
    loops_.push_back(std::make_shared<PerLoop>(loops.at(i)));
  }
}

Feed::~Feed() = default;

void Feed::start() {
  // The listener may still run while we stop; it owns what it touches.
  database_.set_commit_listener([loops = loops_] {
    for (const auto& on : loops) {
      if (!on->wake_posted.exchange(true)) {
        on->loop.post([on] { on->wake(); });
      }
    }
  });
}

core::Task<void> Feed::stop() {
  database_.set_commit_listener({});
  for (const auto& on : loops_) {
    co_await core::on_loop(on->loop, stop_on(*on));
  }
}

core::Task<void> Feed::stop_on(PerLoop& on) {
  on.stopped = true;
  for (const auto& [account, tail] : on.tails) {
    tail->closed = true;
    tail->wake_readers();
  }
  co_await on.scope.stop();
  on.tails.clear();
}

core::Task<core::Result<std::unique_ptr<Subscription>>> Feed::subscribe(
    core::AccountId account, std::optional<std::int64_t> after) {
  const std::shared_ptr<PerLoop> on = loops_.at(core::Loop::current()->index());
  if (on->subscriptions >= k_max_subscriptions) {
    co_return core::fail(core::Code::resource_exhausted,
                         "too many open event streams; close one and try again");
  }
  PRELOOP_CO_TRY(const EventRepo::Bounds bounds, co_await repo_.bounds(account));
  if (on->stopped) {
    co_return core::fail(core::Code::unavailable, "the server is stopping");
  }
  std::shared_ptr<Tail>& known = on->tails[account];
  const bool is_new = known == nullptr;
  if (is_new) {
    known = std::make_shared<Tail>(account, on->loop.executor());
    known->floor = known->last = bounds.last;
  }
  const std::shared_ptr<Tail> tail = known;
  std::unique_ptr<Subscription> out(new Subscription);
  out->link_ = std::make_unique<Subscription::Link>(repo_, on, tail);
  if (is_new) {
    on->scope.spawn("event feed", follow(*on, tail));  // ends by itself without a reader
  }
  const std::int64_t newest = std::max(bounds.last, tail->last);
  // Higher than anything there was: of a database that has been restored since.
  out->was_reset_ = after && (*after < bounds.floor || *after > newest);
  out->position_ = after && !out->was_reset_ ? *after : newest;
  co_return out;
}

core::Task<void> Feed::follow(PerLoop& on, std::shared_ptr<Tail> tail) {
  bool failing = false;
  while (!tail->readers.empty() && !co_await core::is_cancelled()) {
    tail->changed.reset();
    auto events = co_await repo_.read(tail->account, tail->last, k_page);
    if (!events && events.error().code != core::Code::cancelled && !std::exchange(failing, true)) {
      core::log::warn("the change feed cannot be read", {{"error", events.error().message}});
    }
    if (events) {
      failing = false;
      const bool more = std::ssize(*events) == k_page;
      if (!events->empty()) {
        tail->take(std::move(*events), limits_.ring);
      }
      if (more) {
        continue;
      }
    }
    co_await tail->changed.wait_until(std::chrono::steady_clock::now() + limits_.poll);
  }
  // A new reader may have come while the last query ran; then the loop above went on.
  if (const auto found = on.tails.find(tail->account);
      found != on.tails.end() && found->second == tail && !on.stopped) {
    on.tails.erase(found);
  }
}

core::Task<core::Status> Feed::apply_retention() {
  PRELOOP_CO_TRY(const auto accounts, co_await repo_.accounts());
  for (const core::AccountId account : accounts) {
    while (!co_await core::is_cancelled()) {
      PRELOOP_CO_TRY(
          const std::int64_t last,
          co_await repo_.expired(
              account, clock_.wall() - limits_.keep, limits_.keep_count, k_retention_batch));
      if (last == 0) {
        break;
      }
      PRELOOP_CO_CHECK(co_await repo_.remove_until(account, last));
    }
  }
  co_return core::Status{};
}

}  // namespace preloop::events
