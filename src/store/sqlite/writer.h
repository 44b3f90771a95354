#pragma once
#include "core/loop.h"
#include "core/task.h"
#include "store/database.h"
#include "store/sqlite/connection.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace preloop::store::sqlite {

inline constexpr std::size_t k_queue_units = 8192;
inline constexpr std::size_t k_queue_bytes = 256u << 20u;
inline constexpr std::size_t k_batch_units = 256;
inline constexpr std::uint64_t k_wal_frame_bytes = 4096 + 24;
inline constexpr std::uint64_t k_wal_refuse_bytes = 1u << 30u;

/// The one thread that changes the file. It commits at once when idle and takes what queued
/// meanwhile as the next batch, so that batches grow with the load and latency does not.
///
/// A batch with a strict unit runs under synchronous=FULL. What standard ones wrote is synced
/// beside the writer (Checkpointer), which waits for no disk then. After a storage fault the batch
/// fails, later commits are refused, and the file is reopened and written to each quarter of a
/// second until that works.
///
/// A round of few standard units that finds the writer idle is committed on the loop itself
/// (docs/design/009-inline-commits.md).
///
/// Threading: commit(), fill() and the setters from any thread; hold(), drain() and stop() block.
class Writer {
 public:
  Writer(std::string path, std::unique_ptr<Connection> connection);
  ~Writer();  ///< Stops.
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Called after a batch, by whoever wrote it, one at a time; must not block.
  using OnCommit = std::function<void(Durability, std::uint64_t wal_bytes)>;
  void start(OnCommit on_commit);

  /// Queues the unit and waits for its transaction's end, on the caller's loop. Cancellation: none.
  core::Task<core::Status> commit(Unit unit, Durability durability);
  void set_sealer(Sealer* sealer);
  void set_listener(std::function<void()> listener);
  void fill(Health& health) const;

  /// Runs `work` on this thread while the writer is between two batches. One caller at a time.
  void hold(const std::function<void()>& work);
  /// What was acknowledged cannot be put on the disk: a storage fault, as above.
  void cannot_sync(core::Error error);
  std::uint64_t wal_bytes() const;
  /// After a checkpoint that emptied the WAL.
  void wal_was_emptied();
  /// Refuses new units, writes what is queued, ends the thread. Idempotent.
  void drain();
  /// drain(), then closes the connection.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace preloop::store::sqlite
