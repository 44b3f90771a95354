#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/directory.h"
#include "identity/revocation.h"
#include "identity/turnstile.h"
#include "store/database.h"

#include <functional>
#include <memory>
#include <vector>

namespace preloop::identity {

/// What a change is, decided by pure code on the directory of the moment.
struct Planned {
  store::Unit unit;
  /// The same change in memory; empty when the directory stays as it is.
  std::function<void(Directory::Contents&)> edit;
  std::vector<Revocation> revocations;
};
using Plan = std::move_only_function<core::Result<Planned>(const Directory&)>;

/// The one place where the directory changes: plan, commit (strict), publish to every loop, tell
/// the listeners, acknowledge. One change at a time. Owned by one loop, may be called from any.
class Registry {
 public:
  Registry(core::Loop& owner,
           core::LoopPool& loops,
           store::Database& database,
           const core::Clock& clock);

  /// Reads everything from the store and publishes it. Before serving, and whenever another node
  /// says that it changed something.
  core::Task<core::Status> load();

  const IdentitySnapshot& snapshot() const { return snapshot_; }
  /// Before serving. The listener outlives us.
  void add_listener(RevocationListener& listener) { listeners_.push_back(&listener); }

  /// Runs `plan` when its turn comes. An error of the plan or the commit leaves the directory as it
  /// was. When this returns success, no loop reads the old directory any more.
  ///
  /// Cancellation: while waiting for the turn; none once the commit has begun. Lifetimes: `plan`
  /// may borrow from a caller that awaits directly.
  core::Task<core::Status> change(Plan plan);

  /// Takes keys that expired out of the directory and tells the listeners; from app's minute tick.
  core::Task<core::Status> expire();

  /// Tells the listeners of something that is not in the directory (a console session). Any loop.
  void announce(Revocation revocation);

  core::Loop& owner() const { return owner_; }
  store::Database& database() const { return database_; }
  const core::Clock& clock() const { return clock_; }

 private:
  core::Task<core::Status> load_here();
  core::Task<core::Status> read_and_publish();
  core::Task<core::Status> change_here(Plan plan);
  void tell(const Revocation& revocation);

  core::Loop& owner_;
  store::Database& database_;
  const core::Clock& clock_;
  IdentitySnapshot snapshot_;
  Turnstile one_at_a_time_;
  std::vector<RevocationListener*> listeners_;
};

}  // namespace preloop::identity
