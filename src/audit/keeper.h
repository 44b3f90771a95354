#pragma once
#include "audit/audit_repo.h"
#include "audit/head.h"
#include "audit/quota.h"
#include "audit/sealer.h"
#include "core/loop.h"
#include "core/offload.h"
#include "core/task_scope.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace preloop::audit {

/// How long things are kept; zero days: for ever.
struct RetentionRules {
  int record_days = 0;
  int payload_days = 90;
  int blob_days = 30;
};

/// Looks after the record: signs heads (hourly and at the end), applies retention (hourly) and
/// watches the storage (every ten seconds). Runs on one loop; `may_record` and `level` from any
/// thread, without a lock.
class Keeper {
 public:
  struct Dependencies {
    store::Database& database;
    AuditRepo& repo;
    ChainSealer& sealer;
    const SigningKey& key;
    const core::Clock& clock;
    core::Offload& offload;
    std::string data_dir;
    std::string origin;
    RetentionRules retention;
    QuotaRules quota;
  };
  explicit Keeper(Dependencies dependencies);

  /// Before the listener opens: stores the public key, signs where earlier chains ended, measures.
  core::Task<core::Status> prepare();
  /// Begins the periodic work on `loop`.
  void start(core::Loop& loop);
  /// On that loop: ends the work and signs the last heads; before Database::stop.
  core::Task<void> stop();

  /// Signs the heads that moved since they were last signed.
  core::Task<core::Status> sign_heads();
  /// Deletes what is older than the rules say, a thousand rows a unit, each with its record.
  core::Task<core::Status> apply_retention();
  /// Measures; a change of level is recorded for every account with a chain.
  core::Task<void> check_storage();

  /// False when nothing may happen that must be recorded.
  bool may_record() const {
    return level_.load(std::memory_order_relaxed) != StorageLevel::full &&
           database_writable_.load(std::memory_order_relaxed);
  }
  StorageLevel level() const { return level_.load(std::memory_order_relaxed); }

 private:
  core::Task<void> work();
  core::Task<core::Status> retain_records(core::AccountId account, Position before);
  core::Task<core::Status> retain_payloads(core::AccountId account,
                                           AuditRepo::Table table,
                                           Position before);
  SignedHead sign(const ChainId& chain, const Link& last, Purpose purpose) const;

  Dependencies d_;
  std::atomic<StorageLevel> level_ = StorageLevel::ok;
  std::atomic<bool> database_writable_ = true;
  std::map<ChainId, std::uint64_t> signed_;
  std::unique_ptr<core::TaskScope> scope_;
};

}  // namespace preloop::audit
