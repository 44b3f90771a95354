#pragma once
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "core/task_scope.h"
#include "store/database.h"
#include "store/postgres/connector.h"
#include "store/postgres/waker.h"

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace preloop::store::postgres {

/// A few read-only sessions, opened when first needed. query() may be called from any loop, the
/// rest on the owner.
///
/// Cancellation: the caller leaves at once; a query that has begun runs to its end. While the
/// server cannot be reached, queries fail at once with `unavailable`, except one try per back-off.
class ReaderPool {
 public:
  ReaderPool(core::Loop& owner, Connector& connector, std::size_t size);

  core::Task<core::Result<Rows>> query(Statement statement);
  /// Waits for the queries that were taken; none may be asked any more.
  core::Task<void> stop();

 private:
  struct Job {
    explicit Job(Statement asked) : statement(std::move(asked)) {}
    Statement statement;
    core::Result<Rows> result = Rows();  ///< written before `waker.wake()`
    Waker waker;
  };

  void accept(std::shared_ptr<Job> job);
  core::Task<void> work(std::shared_ptr<Job> job);
  core::Task<core::Result<Rows>> answer(std::unique_ptr<Connection>& connection,
                                        const Statement& statement);

  core::Loop& owner_;
  Connector& connector_;
  const std::size_t size_;
  core::TaskScope scope_;
  std::size_t working_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::deque<std::shared_ptr<Job>> queue_;
  BackOff back_off_;
  core::MonoTime not_before_;
  std::string problem_;
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<bool> stopped_ = false;
};

}  // namespace preloop::store::postgres
