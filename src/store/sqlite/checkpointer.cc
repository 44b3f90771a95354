#include "store/sqlite/checkpointer.h"

#include "core/log.h"

#include <pthread.h>
#include <sqlite3.h>

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
constexpr auto k_pause_after_failure = 500ms;
constexpr auto k_warn_every = 10s;

}  // namespace

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection, Writer& writer)
    : connection_(std::move(connection)), writer_(writer), thread_([this] { run(); }) {}
Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::note(std::uint64_t wal_bytes) {
  if (wal_bytes < k_checkpoint_bytes) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (std::exchange(wanted_bytes_, wal_bytes) == 0) {
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
  for (;;) {
    wakes_.wait(lock, [this] { return stopping_ || wanted_bytes_ != 0; });
    if (stopping_) {
      return;
    }
    const std::uint64_t bytes = std::exchange(wanted_bytes_, 0);
    lock.unlock();
    work(bytes);
    lock.lock();
  }
}

void Checkpointer::work(std::uint64_t wal_bytes) {
  bool emptied = false;
  const bool copied = pass(Pass::passive) && pass(Pass::passive);
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
  wakes_.wait_for(lock, copied ? k_pause : k_pause_after_failure, [this] { return stopping_; });
}

/// True when a passive pass could work, or a restart emptied the WAL.
bool Checkpointer::pass(Pass kind) {
  const int mode = kind == Pass::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
  const int result =
      sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, nullptr, nullptr);
  const bool readers_in_the_way = (result & 0xff) == SQLITE_BUSY;
  if (result != SQLITE_OK && !readers_in_the_way) {
    core::log::warn("checkpoint failed",
                    {{"error", error_of(connection_->handle(), result).message}});
  }
  return result == SQLITE_OK || (kind == Pass::passive && readers_in_the_way);
}

}  // namespace preloop::store::sqlite
