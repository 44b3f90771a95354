#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "events/event_repo.h"
#include "events/events.h"
#include "store/database.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace preloop::events {

/// A reader's place in its account's feed. Belongs to the loop that subscribed; destroy it there.
class Subscription {
 public:
  /// Why `next` answered nothing.
  enum class End : std::uint8_t {
    open,       ///< it did not
    closed,     ///< the server stops
    slow,       ///< the reader fell out of the ring: it comes back with its last id
    failed,     ///< the database could not be read
    cancelled,  ///< the task was
  };

  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// The next event, in order; waits for it. One caller at a time.
  core::Task<std::optional<Event>> next();
  /// The next event if there is one in memory, without waiting.
  std::optional<Event> try_next();
  End end() const { return end_; }
  /// The asked-for place is not kept any more: the reader reads its things anew first.
  bool was_reset() const { return was_reset_; }
  /// The last number delivered, or where reading starts: what a `reset` message carries as its id.
  std::int64_t position() const { return position_; }

 private:
  friend class Feed;
  struct Link;
  Subscription();

  std::unique_ptr<Link> link_;
  std::int64_t position_ = 0;
  End end_ = End::open;
  bool was_reset_ = false;
  bool joined_ = false;
  std::vector<Event> behind_;  ///< read from the database, newest first
};

struct FeedLimits {
  std::size_t ring = 1024;  ///< events kept in memory, per loop and account
  core::seconds keep{24 * 3600};
  std::int64_t keep_count = 100'000;
  /// How often the table is read when nothing wakes us: rows of other nodes, and rows that
  /// PostgreSQL held back behind a transaction in progress.
  core::milliseconds poll{1000};
};

/// The live change feed: wakes on commits, reads the table once a loop and account, and hands the
/// events to any number of subscriptions. An account nobody listens to costs nothing.
class Feed {
 public:
  /// `loops` must have started and must outlive the feed.
  Feed(store::Database& database,
       core::LoopPool& loops,
       const core::Clock& clock,
       FeedLimits limits = {});
  ~Feed();  ///< After stop().

  /// Becomes the database's commit listener.
  void start();
  /// Ends every subscription (`closed`) and the reading. From any loop.
  core::Task<void> stop();

  /// Events behind `after`, or only new ones. On a loop of the pool; the subscription stays there.
  /// `resource_exhausted` for more than 1,000 on one loop.
  core::Task<core::Result<std::unique_ptr<Subscription>>> subscribe(
      core::AccountId account, std::optional<std::int64_t> after);

  /// Deletes what is older than the limits say; a thousand rows a unit. To be called hourly.
  core::Task<core::Status> apply_retention();

 private:
  struct PerLoop;
  struct Tail;
  friend class Subscription;
  core::Task<void> follow(PerLoop& on, std::shared_ptr<Tail> tail);
  core::Task<void> stop_on(PerLoop& on);

  EventRepo repo_;
  store::Database& database_;
  const core::Clock& clock_;
  FeedLimits limits_;
  std::vector<std::shared_ptr<PerLoop>> loops_;  ///< shared with the commit listener
};

}  // namespace preloop::events
