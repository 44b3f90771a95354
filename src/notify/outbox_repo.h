#pragma once
#include "core/crypto.h"
#include "core/result.h"
#include "core/task.h"
#include "notify/types.h"
#include "store/database.h"

#include <optional>
#include <vector>

namespace preloop::notify {

/// What a decision link stands for.
struct LinkRow {
  core::ApprovalId request;
  core::PersonId person;
  Kind kind = Kind::email;
  core::WallTime expires_at;
  std::optional<core::WallTime> used_at;
};

/// SQL of the outbox, its place in the change feed, and decision links. Any loop.
class OutboxRepo {
 public:
  explicit OutboxRepo(store::Database& database) : database_(database) {}

  /// Does nothing when there is one with this `dedupe`.
  static store::Statement insert(const Message& message);
  /// The request moved to `revision`: messages that show an older one and can be changed are due.
  static store::Statement want(core::AccountId account,
                               core::ApprovalId request,
                               std::int64_t revision,
                               core::WallTime now);
  /// After a try: everything that a try changes. A message whose request moved on while it was
  /// being sent is due again.
  static store::Statement settle(const Message& message);
  /// The person's later steps for this request come now.
  static store::Statement bring_forward(const Message& failed, core::WallTime now);

  core::Task<core::Result<std::vector<Message>>> due(core::AccountId account,
                                                     core::WallTime now,
                                                     std::int64_t limit);
  core::Task<core::Result<std::optional<core::WallTime>>> next_due(core::AccountId account);
  struct Filter {
    std::optional<core::PersonId> person;
    std::optional<core::ApprovalId> request;
    std::optional<MessageId> before;
    std::size_t limit = 50;
  };
  /// Newest first.
  core::Task<core::Result<std::vector<Message>>> list(core::AccountId account, Filter filter);
  static store::Statement purge(core::AccountId account, core::WallTime before);

  core::Task<core::Result<std::optional<std::int64_t>>> cursor(core::AccountId account);
  static store::Statement set_cursor(core::AccountId account, std::int64_t seq);

  static store::Statement insert_link(core::AccountId account,
                                      core::Digest token_hash,
                                      const LinkRow& link,
                                      core::WallTime now);
  core::Task<core::Result<std::optional<LinkRow>>> find_link(core::AccountId account,
                                                             core::Digest token_hash);
  /// One row when it was unused and has not expired.
  static store::Statement use_link(core::AccountId account,
                                   core::Digest token_hash,
                                   core::WallTime now);
  /// It was not used after all.
  static store::Statement release_link(core::AccountId account, core::Digest token_hash);
  /// Every unused link: after a restore, one may have been used since.
  static store::Statement forget_unused_links(core::AccountId account);
  static store::Statement purge_links(core::AccountId account, core::WallTime before);

 private:
  store::Database& database_;
};

}  // namespace preloop::notify
