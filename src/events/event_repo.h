#pragma once
#include "core/result.h"
#include "core/task.h"
#include "events/events.h"
#include "store/database.h"

#include <string_view>
#include <vector>

namespace preloop::events {

/// For the unit of the change itself; use `announce` (events.h), which also wakes the feed.
store::Statement insert_event(core::AccountId account,
                              Kind kind,
                              std::string_view ref,
                              core::WallTime at);

/// The table `event`. Any loop.
class EventRepo {
 public:
  explicit EventRepo(store::Database& database) : database_(database) {}

  /// Oldest first, numbers above `after`. On PostgreSQL only rows that no transaction still running
  /// could precede.
  core::Task<core::Result<std::vector<Event>>> read(core::AccountId account,
                                                    std::int64_t after,
                                                    std::int64_t limit);
  struct Bounds {
    std::int64_t floor = 0;  ///< highest number that retention deleted
    std::int64_t last = 0;   ///< highest number a reader may have been given
  };
  core::Task<core::Result<Bounds>> bounds(core::AccountId account);

  core::Task<core::Result<std::vector<core::AccountId>>> accounts();
  /// The last of up to `batch` oldest events that are older than `before` or beyond the newest
  /// `keep`; 0 when there is none.
  core::Task<core::Result<std::int64_t>> expired(core::AccountId account,
                                                 core::WallTime before,
                                                 std::int64_t keep,
                                                 std::int64_t batch);
  /// Deletes and moves the floor, in one unit.
  core::Task<core::Status> remove_until(core::AccountId account, std::int64_t seq);

 private:
  store::Database& database_;
};

}  // namespace preloop::events
