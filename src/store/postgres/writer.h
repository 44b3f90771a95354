#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/mailbox.h"
#include "core/result.h"
#include "core/task.h"
#include "core/wakeup.h"
#include "store/database.h"
#include "store/postgres/commit_listener.h"
#include "store/postgres/connector.h"
#include "store/postgres/transaction.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace preloop::store::postgres {

/// The one writer of a process: takes what has queued up, writes it in one transaction, answers
/// each unit. A batch that fails is written again unit by unit, so that only the unit at fault
/// fails. commit(), set_sealer() and health() may be called from any loop, the rest on the owner.
///
/// When the connection goes while a COMMIT is on its way, nothing is answered until a new session
/// has asked the database whether the batch is there (at most 30 s, then `deadline_exceeded`).
/// While the server cannot be reached, units are refused at once with `unavailable`.
class Writer {
 public:
  Writer(core::Loop& owner,
         Connector& connector,
         const core::Clock& clock,
         const CommitListener& listener,
         std::string node);

  core::Task<core::Status> commit(Unit unit, Durability durability);
  void set_sealer(Sealer* sealer) { sealer_ = sealer; }
  Health health() const;

  /// Connects for the first time; without it run() starts disconnected.
  core::Task<core::Status> start();
  /// Ends after close(), when everything queued has been answered.
  core::Task<void> run();
  void close();

 private:
  /// A batch whose COMMIT may or may not have arrived.
  struct Doubt {
    core::Uuid batch;
    Jobs jobs;
    Attempt attempt;
    core::MonoTime since;
    std::optional<bool> stored;  ///< once the database was asked
  };

  void accept(const std::shared_ptr<CommitJob>& job);
  void answer(CommitJob& job, core::Status result);
  void answer_all(const Jobs& jobs, const core::Error& error);
  core::Task<core::Status> ensure_session();
  core::Task<core::Status> begin_session();
  void settle(bool stored);
  void answer_unknown();
  core::Task<void> wait_for_server(core::Error problem);
  core::Task<void> write(Jobs jobs);
  core::Task<void> write_alone(std::shared_ptr<CommitJob> job);
  core::Task<std::optional<Attempt>> attempt(const Jobs& jobs);
  void finish(const Jobs& jobs, const Attempt& attempt);
  void set_problem(std::string problem);
  std::string problem() const;

  core::Loop& owner_;
  Connector& connector_;
  const core::Clock& clock_;
  const CommitListener& listener_;
  const std::string node_;

  core::Mailbox<std::shared_ptr<CommitJob>> jobs_;
  core::Wakeup closing_;
  std::unique_ptr<Connection> connection_;
  core::Uuid session_;  ///< nil before the first session; may be one that was lost
  std::optional<Doubt> doubt_;
  BackOff back_off_;

  std::atomic<Sealer*> sealer_ = nullptr;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> refusing_ = false;
  std::atomic<std::uint64_t> queued_ = 0;
  std::atomic<std::uint64_t> units_ = 0;
  std::atomic<std::uint64_t> batches_ = 0;
  mutable std::mutex problem_mutex_;
  std::string problem_;
};

}  // namespace preloop::store::postgres
