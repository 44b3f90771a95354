#include "store/sqlite/read_pool.h"

#include <utility>

namespace preloop::store::sqlite {
namespace {

std::unexpected<core::Error> closed() {
  return core::fail(core::Code::unavailable, "the database is closed");
}

/// Counts a caller in the queue of the pool for as long as it waits.
class Place {
 public:
  explicit Place(std::atomic<std::size_t>& count) : count_(count), taken_(++count_) {}
  ~Place() { --count_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  std::size_t taken() const { return taken_; }

 private:
  std::atomic<std::size_t>& count_;
  std::size_t taken_;
};

}  // namespace

/// A piece of work that close() waits for.
class ReadPool::Turn {
 public:
  explicit Turn(ReadPool& pool) : pool_(pool) {
    const std::lock_guard lock(pool_.mutex_);
    open_ = !pool_.closed_;
    pool_.running_ += open_ ? 1 : 0;
  }
  ~Turn() {
    const std::lock_guard lock(pool_.mutex_);
    pool_.running_ -= open_ ? 1 : 0;
    if (pool_.running_ == 0) {
      pool_.idle_.notify_all();
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool is_open() const { return open_; }

 private:
  ReadPool& pool_;
  bool open_ = false;
};

ReadPool::ReadPool(std::string path, std::size_t threads)
    : path_(std::move(path)), threads_(threads) {}

core::Task<core::Result<Rows>> ReadPool::query(Statement statement) {
  const Place place(waiting_);
  if (place.taken() > k_waiting_reads) {
    co_return core::fail(core::Code::resource_exhausted, "too many reads are waiting");
  }
  co_return co_await threads_.run(
      [this, owned = std::move(statement)]() -> core::Result<Rows> { return read(owned); });
}

core::Task<core::Status> ReadPool::run(std::move_only_function<core::Status()> work) {
  co_return co_await threads_.run([this, work = std::move(work)]() mutable -> core::Status {
    const Turn turn(*this);
    if (!turn.is_open()) {
      return closed();
    }
    return work();
  });
}

core::Task<void> ReadPool::run_always(std::move_only_function<void()> work) {
  co_await threads_.run(std::move(work));
}

core::Result<std::unique_ptr<Connection>> ReadPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto out = std::move(free_.back());
      free_.pop_back();
      return out;
    }
  }
  return Connection::open(path_, Role::reader);
}

core::Result<Rows> ReadPool::read(const Statement& statement) {
  const Turn turn(*this);
  if (!turn.is_open()) {
    return closed();
  }
  PRELOOP_TRY(auto connection, take());
  auto rows = connection->query(statement);
  // A connection that saw a fault is not trusted again.
  if (rows || !is_storage_fault(rows.error().code)) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(connection));
  }
  return rows;
}

void ReadPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  idle_.wait(lock, [this] { return running_ == 0; });
  free_.clear();
}

}  // namespace preloop::store::sqlite
