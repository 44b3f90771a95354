#pragma once
#include "store/sqlite/connection.h"
#include "store/sqlite/writer.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

namespace preloop::store::sqlite {

inline constexpr std::uint64_t k_checkpoint_bytes = 32u << 20u;
inline constexpr std::uint64_t k_wal_warn_bytes = 256u << 20u;

/// Copies the WAL into the database from a thread and connection of its own (decision 19). A
/// passive pass beside a busy writer never ends and automatic ones stall commits for 15-38 ms, so:
/// two passive passes beside the writer, then a short last one while the writer stays out, after
/// which the WAL begins anew.
class Checkpointer {
 public:
  Checkpointer(std::unique_ptr<Connection> connection, Writer& writer);
  ~Checkpointer();  ///< Stops.
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// The WAL's size after a commit; cheap. Any thread.
  void note(std::uint64_t wal_bytes);
  /// Joins. Idempotent, one caller at a time.
  void stop();

 private:
  enum class Pass : std::uint8_t { passive, restart };
  void run();
  void work(std::uint64_t wal_bytes);
  bool pass(Pass kind);

  std::unique_ptr<Connection> connection_;
  Writer& writer_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::uint64_t wanted_bytes_ = 0;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point warned_{};
  std::thread thread_;
};

}  // namespace preloop::store::sqlite
