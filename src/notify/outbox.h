#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "core/task_scope.h"
#include "core/wakeup.h"
#include "events/feed.h"
#include "identity/principal.h"
#include "notify/decision_links.h"
#include "notify/delivery.h"
#include "notify/outbox_repo.h"
#include "notify/settings.h"
#include "notify/subjects.h"
#include "store/database.h"

#include <optional>
#include <set>

namespace preloop::notify {

/// From durable events to messages that were delivered. The reader turns each event about a request
/// into rows and moves its place in the feed in the same unit; the sender delivers rows that are
/// due and writes down how it went. After kill -9 the reader goes on behind the last row it wrote
/// and the sender with every row that was not settled: nothing is lost, and only what was on the
/// wire at that moment is sent again, under the same name.
///
/// Belongs to one loop; members may be called from any.
class Outbox {
 public:
  struct Dependencies {
    core::Loop& owner;
    store::Database& database;
    events::Feed& feed;
    const identity::IdentitySnapshot& identity;
    Subjects& subjects;
    Settings& settings;
    DecisionLinks& links;
    Delivery& delivery;
    const core::Clock& clock;
    core::AccountId account;
  };
  explicit Outbox(Dependencies dependencies);

  core::Task<core::Status> start();
  core::Task<void> stop();

  /// Sends a test; answers once it is in the outbox. failed_precondition when the person cannot be
  /// reached so.
  core::Task<core::Result<MessageId>> test(ChannelId channel, std::optional<core::PersonId> person);

  core::Task<core::Result<std::vector<Message>>> deliveries(OutboxRepo::Filter filter) {
    return repo_.list(d_.account, filter);
  }
  /// Deletes what is settled and 30 days old.
  core::Task<core::Status> purge();

 private:
  core::Task<void> read();
  /// Follows the feed until it ends; whether to go on with a new subscription.
  core::Task<bool> follow(events::Subscription& feed);
  /// Tries until it is done or the task is cancelled: an event is never passed over.
  core::Task<bool> take(core::ApprovalId id, std::optional<std::int64_t> seq);
  core::Task<core::Status> enqueue(core::ApprovalId id, std::optional<std::int64_t> seq);
  core::Task<core::Status> catch_up();
  core::Task<core::Result<RoutesPtr>> routes();

  core::Task<void> send();
  core::Task<void> deliver(Message message);
  /// What to do about the message; settled messages come back with the fitting state and no letter.
  core::Task<core::Result<std::optional<Delivery::Letter>>> prepare(Message& message);
  core::Task<core::Status> settle(Message message, std::optional<Channel> channel, bool was_sent);
  core::Task<core::Result<MessageId>> do_test(ChannelId channel,
                                              std::optional<core::PersonId> person);
  core::Task<void> do_stop();

  Dependencies d_;
  OutboxRepo repo_;
  core::TaskScope scope_;
  core::Wakeup wake_;
  RoutesPtr routes_;  ///< null: read again
  std::set<MessageId> in_flight_;
};

}  // namespace preloop::notify
