#pragma once
#include "audit/audit_repo.h"
#include "core/clock.h"

#include <cstdint>
#include <map>
#include <vector>

namespace preloop::audit {

// What agents did lately, counted from `call.decided` records. Pure.

struct ActivityCounts {
  std::uint64_t allowed = 0;
  std::uint64_t held = 0;  ///< a person was asked
  std::uint64_t denied = 0;
  std::uint64_t calls() const { return allowed + held + denied; }
};

struct AgentActivity {
  core::AgentId agent;
  ActivityCounts counts;
  core::WallTime last;
};

/// Counts what it is given: the records of the last 24 hours, in any order.
class ActivityTally {
 public:
  explicit ActivityTally(core::WallTime now) : hour_ago_(now - core::seconds(3600)) {}

  /// Ignores records of other kinds; data_loss for one that cannot be read.
  core::Status add(const StoredRecord& record);

  const ActivityCounts& hour() const { return hour_; }
  const ActivityCounts& day() const { return day_; }
  /// The busiest first.
  std::vector<AgentActivity> agents() const;

 private:
  core::WallTime hour_ago_;
  ActivityCounts hour_;
  ActivityCounts day_;
  std::map<core::AgentId, AgentActivity> agents_;
};

}  // namespace preloop::audit
