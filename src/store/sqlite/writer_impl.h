#pragma once
#include "store/sqlite/delivery.h"
#include "store/sqlite/writer.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// What writer.cc (who writes next: the queue, rounds, turns) and writer_thread.cc (writing:
// batches, faults) share. Nobody else includes it.

namespace preloop::store::sqlite {

using Steady = std::chrono::steady_clock;

struct Pending {
  Unit unit;
  Durability durability = Durability::standard;
  std::size_t bytes = 0;
  Waiter waiter;
};

std::unexpected<core::Error> refused(core::Code code, std::string_view problem);

struct Writer::Impl : std::enable_shared_from_this<Writer::Impl> {
  Impl(std::string file, std::unique_ptr<Connection> opened)
      : path(std::move(file)), connection(std::move(opened)) {}

  // Any thread, under `mutex`.
  mutable std::mutex mutex;
  std::condition_variable writer_wakes;
  std::condition_variable holder_wakes;
  std::deque<Pending> queue;
  std::size_t queued_bytes = 0;
  bool writer_waits = false;
  bool stopping = false;
  bool finished = false;
  bool hold_wanted = false;
  bool held = false;
  bool busy = false;  ///< a batch is being written: the connection is that thread's
  /// After a write that stalled a loop.
  Steady::time_point inline_from = Steady::time_point::min();
  std::optional<core::Error> fault;
  std::optional<core::Error> sync_error;  ///< told by `cannot_sync`; becomes the fault
  std::shared_ptr<const std::function<void()>> listener;

  std::atomic<Sealer*> sealer = nullptr;
  std::atomic<std::uint64_t> wal_bytes = 0;
  std::atomic<std::uint64_t> units_committed = 0;
  std::atomic<std::uint64_t> batches_committed = 0;

  // Whoever made `busy` true, or the writer's thread between batches.
  std::string path;
  std::unique_ptr<Connection> connection;
  OnCommit on_commit;
  bool synchronous_is_full = false;
  bool unsynced = false;  ///< no FULL commit has followed the last one
  std::thread thread;

  /// noexcept as the thread is: what throws in the middle of a batch ends the process. Caught by
  /// the loop it would leave `busy` set, and every later commit would wait for ever.
  void submit(std::vector<Pending> round) noexcept;
  bool begin_inline(const std::vector<Pending>& round);
  void end_inline(Steady::time_point began);
  void enqueue(std::span<Pending> items);
  void enqueue_with_round(Pending item);
  void run();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  std::vector<Pending> take_batch();
  void write(std::vector<Pending> batch);
  core::Status set_synchronous(Durability durability);
  core::Status write_heartbeat();
  void follow_wal();
  void break_down(const core::Error& error, std::vector<Pending> batch);
  void probe();
};

}  // namespace preloop::store::sqlite
