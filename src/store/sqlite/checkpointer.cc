#include "store/sqlite/checkpointer.h"

#include "core/log.h"

#include <pthread.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace preloop::store::sqlite {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

/// How long the last pass waits, with the writer out, for reads that began before it.
constexpr int k_readers_wait_ms = 10;
constexpr int k_readers_wait_large_ms = 1200;
constexpr std::uint64_t k_large_bytes = 128u << 20u;
constexpr auto k_pause = 20ms;
// Below a second, so that a standard commit is on the disk within one.
constexpr auto k_sync_after = 750ms;
constexpr int k_most_passes = 6;
constexpr std::uint64_t k_little_bytes = 512u << 10u;
constexpr auto k_pause_after_failure = 500ms;
constexpr auto k_warn_every = 10s;

}  // namespace

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection, Writer& writer)
    : connection_(std::move(connection)), writer_(writer), thread_([this] { run(); }) {}
Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::note(Durability durability, std::uint64_t wal_bytes) {
  const bool first = durability == Durability::standard &&
                     !unsynced_.load(std::memory_order_relaxed) && !unsynced_.exchange(true);
  const bool large = wal_bytes >= k_checkpoint_bytes;
  if (!first && !large) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (first) {
    sync_at_ = Steady::now() + k_sync_after;
  }
  const bool known = large && std::exchange(wanted_bytes_, wal_bytes) != 0;
  if (first || !known) {
    wakes_.notify_one();
  }
}

void Checkpointer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wakes_.notify_one();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  connection_.reset();
}

void Checkpointer::run() {
  pthread_setname_np(pthread_self(), "store-checkpt");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (sync_at_ && Steady::now() >= *sync_at_) {
      sync_at_.reset();
      lock.unlock();
      sync();
      lock.lock();
    } else if (wanted_bytes_ != 0) {
      const std::uint64_t bytes = std::exchange(wanted_bytes_, 0);
      lock.unlock();
      work(bytes);
      lock.lock();
    } else if (sync_at_) {
      wakes_.wait_until(lock, *sync_at_);
    } else {
      wakes_.wait(lock);
    }
  }
}

/// Through SQLite's own handle: closing another descriptor of a file drops the process's locks.
void Checkpointer::sync() {
  unsynced_ = false;  // first: what is committed from now on asks again
  sqlite3_file* wal = nullptr;
  sqlite3_file_control(connection_->handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  const int result = wal == nullptr || wal->pMethods == nullptr
                         ? SQLITE_IOERR_FSYNC
                         : wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (result != SQLITE_OK) {
    writer_.cannot_sync(error_of(nullptr, result));
  }
}

void Checkpointer::work(std::uint64_t wal_bytes) {
  bool emptied = false;
  const bool copied = copy_most();
  if (copied) {
    sqlite3_busy_timeout(connection_->handle(),
                         wal_bytes > k_large_bytes ? k_readers_wait_large_ms : k_readers_wait_ms);
    writer_.hold([this, &emptied] {
      emptied = pass(Pass::restart);
      if (emptied) {
        writer_.wal_was_emptied();
      }
    });
  }
  if (!emptied && wal_bytes > k_wal_warn_bytes && Steady::now() > warned_ + k_warn_every) {
    warned_ = Steady::now();
    core::log::warn("the write-ahead log grows", {{"bytes", wal_bytes}});
  }
  std::unique_lock lock(mutex_);
  if (emptied) {
    wanted_bytes_ = 0;
  }
  // A sync that is due does not wait for a checkpoint's pause to end.
  const auto until = Steady::now() + (copied ? k_pause : k_pause_after_failure);
  wakes_.wait_until(
      lock, sync_at_ ? std::min(until, *sync_at_) : until, [this] { return stopping_; });
}

/// Passes beside the writer, each shorter than the one before, until the last has little to do.
bool Checkpointer::copy_most() {
  for (int i = 0; i < k_most_passes; ++i) {
    if (!pass(Pass::passive)) {
      return false;
    }
    if (i > 0 && writer_.wal_bytes() < copied_bytes_ + k_little_bytes) {
      break;
    }
  }
  return true;
}

/// True when a passive pass could work, or a restart emptied the WAL.
bool Checkpointer::pass(Pass kind) {
  const int mode = kind == Pass::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  int frames = 0;
  const int result =
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, nullptr, &frames);
  copied_bytes_ = static_cast<std::uint64_t>(std::max(frames, 0)) * k_wal_frame_bytes;
  const bool readers_in_the_way = (result & 0xff) == SQLITE_BUSY;
  if (result != SQLITE_OK && !readers_in_the_way) {
    core::log::warn("checkpoint failed",
                    {{"error", error_of(connection_->handle(), result).message}});
  }
  return result == SQLITE_OK || (kind == Pass::passive && readers_in_the_way);
}

}  // namespace preloop::store::sqlite
