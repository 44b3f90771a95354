#pragma once
#include "audit/audit_repo.h"
#include "audit/head.h"
#include "core/clock.h"
#include "store/database.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace preloop::audit {

/// Gives records their place, inside the writer's transaction: number, link, time, position. One
/// chain per account and incarnation; the first record of each is chain.opened.
///
/// Threading: the store::Sealer members as store says (one thread at a time); `heads` from any.
class ChainSealer final : public store::Sealer {
 public:
  /// Reads where earlier chains ended. Before Database::set_sealer; `clock` and `cipher` are
  /// borrowed for life.
  static core::Task<core::Result<std::unique_ptr<ChainSealer>>> open(AuditRepo& repo,
                                                                     const core::Clock& clock,
                                                                     const PayloadCipher& cipher);

  /// For tests and `open`: nothing is read.
  ChainSealer(const core::Clock& clock, const PayloadCipher& cipher, core::Uuid incarnation);

  void begin() override;
  core::Result<std::vector<store::Statement>> seal(const store::Draft& draft) override;
  void committed() override;
  void rolled_back() override;

  struct Tail {
    ChainId chain;
    Link last;
  };
  /// Every record up to this position is committed, and none behind it. Any thread, no lock.
  Position committed_position() const {
    return committed_position_.load(std::memory_order_acquire);
  }
  /// The last committed record of each chain of this incarnation.
  std::vector<Tail> heads() const;
  const core::Uuid& incarnation() const { return incarnation_; }

  /// Called behind each commit that wrote records, on the writer's thread: it must only post. From
  /// any thread; one that runs may still end after another was set.
  void set_listener(std::function<void()> listener);

 private:
  void append(const ChainId& chain,
              Link& last,
              const PreparedRecord& record,
              std::vector<store::Statement>& out);
  void open_chain(const ChainId& chain, Link& last, std::vector<store::Statement>& out);

  const core::Clock& clock_;
  const PayloadCipher& cipher_;
  core::Uuid incarnation_;
  std::map<core::AccountId, std::vector<RecordView::Named>> predecessors_;

  mutable std::mutex mutex_;  ///< guards committed_ and listener_
  std::map<core::AccountId, Link> committed_;
  std::shared_ptr<const std::function<void()>> listener_;
  std::atomic<Position> committed_position_ = 0;

  // Of the transaction in progress.
  std::map<core::AccountId, Link> working_;
  Position position_ = 0;
  core::WallTime at_;
  std::string at_text_;
};

}  // namespace preloop::audit
