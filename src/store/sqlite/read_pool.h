#pragma once
#include "core/offload.h"
#include "core/task.h"
#include "store/database.h"
#include "store/sqlite/connection.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace preloop::store::sqlite {

inline constexpr std::size_t k_waiting_reads = 4096;

/// Read connections on a few threads, so that no query blocks a loop. Connections open when first
/// needed. Thread-safe. Cancellation: a query ends by itself, after a second at most.
class ReadPool {
 public:
  ReadPool(std::string path, std::size_t threads);

  core::Task<core::Result<Rows>> query(Statement statement);
  /// Other blocking work on the pool; `unavailable` once closed.
  core::Task<core::Status> run(std::move_only_function<core::Status()> work);
  /// The same, also when closed, and not waited for by close().
  core::Task<void> run_always(std::move_only_function<void()> work);

  /// True when close() waits; long work asks between its steps.
  bool is_closing() const { return closed_; }
  /// Refuses new reads, waits for running ones, closes the connections. Blocks.
  void close();

 private:
  class Turn;
  core::Result<Rows> read(const Statement& statement);
  core::Result<std::unique_ptr<Connection>> take();

  std::string path_;
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<bool> closed_ = false;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::size_t running_ = 0;
  std::vector<std::unique_ptr<Connection>> free_;
  core::Offload threads_;  // last: its threads use the rest
};

}  // namespace preloop::store::sqlite
