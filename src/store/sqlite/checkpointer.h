#pragma once
#include "store/sqlite/connection.h"
#include "store/sqlite/writer.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace preloop::store::sqlite {

inline constexpr std::uint64_t k_checkpoint_bytes = 32u << 20u;
inline constexpr std::uint64_t k_wal_warn_bytes = 256u << 20u;

/// Puts what was committed on the disk, from a thread and connection of its own, so that the writer
/// waits for no disk. The WAL is synced within a second of a standard commit. When it is large it
/// is copied into the database: passive passes beside the writer until little is left, then a short
/// last one while the writer stays out, after which the WAL begins anew (automatic checkpoints
/// stall commits for 15-38 ms, and passive ones alone never end beside a busy writer).
class Checkpointer {
 public:
  Checkpointer(std::unique_ptr<Connection> connection, Writer& writer);
  ~Checkpointer();  ///< Stops.
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// After each commit, with the WAL's size; cheap. Any thread.
  void note(Durability durability, std::uint64_t wal_bytes);
  /// Joins. Idempotent, one caller at a time.
  void stop();

 private:
  enum class Pass : std::uint8_t { passive, restart };
  void run();
  void sync();
  void work(std::uint64_t wal_bytes);
  bool pass(Pass kind);
  bool copy_most();

  std::unique_ptr<Connection> connection_;
  Writer& writer_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::uint64_t wanted_bytes_ = 0;
  bool stopping_ = false;
  std::atomic<bool> unsynced_ = false;
  std::optional<std::chrono::steady_clock::time_point> sync_at_;
  std::uint64_t copied_bytes_ = 0;  ///< of the WAL, by the last pass
  std::chrono::steady_clock::time_point warned_;
  std::thread thread_;
};

}  // namespace preloop::store::sqlite
