#include "store/sqlite/writer.h"

#include "core/log.h"
#include "store/sqlite/batch.h"
#include "store/sqlite/delivery.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <pthread.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace preloop::store::sqlite {
namespace asio = boost::asio;
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds k_probe_pause{250};

// A commit on the caller's loop. Larger rounds are worth the hop: the loop goes on meanwhile.
constexpr std::size_t k_inline_units = 4;
constexpr std::size_t k_inline_bytes = 64u << 10u;
constexpr std::chrono::milliseconds k_inline_stall{2};
constexpr std::chrono::milliseconds k_inline_pause{1000};

struct Pending {
  Unit unit;
  Durability durability = Durability::standard;
  std::size_t bytes = 0;
  Waiter waiter;
};

std::size_t size_of(const Statement& statement) {
  std::size_t out = 0;
  for (const Value& value : statement.parameters) {
    out += sizeof(Value);
    if (const auto* text = std::get_if<std::string>(&value)) {
      out += text->size();
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      out += blob->bytes.size();
    }
  }
  return out;
}

std::size_t size_of(const Unit& unit) {
  std::size_t out = sizeof(Pending) + (unit.guard ? size_of(unit.guard->statement) : 0);
  for (const Statement& statement : unit.statements) {
    out += size_of(statement);
  }
  return out;
}

std::unexpected<core::Error> refused(core::Code code, std::string_view problem) {
  return core::fail(code, "the database refuses writes: " + std::string(problem));
}

/// What the handlers of one round of a loop committed. They reach the queue together, so that a
/// busy loop's units share a transaction and the writer is woken once; on an idle loop the round
/// ends at once.
struct Round {
  const void* writer = nullptr;
  std::vector<Pending> items;
};
thread_local Round t_round;

}  // namespace

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

  void submit(std::vector<Pending> round);
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

void Writer::Impl::enqueue(std::span<Pending> items) {
  std::vector<Delivery> answers;
  {
    const std::lock_guard lock(mutex);
    for (Pending& item : items) {
      core::Status refusal;
      if (stopping) {
        refusal = refused(core::Code::unavailable, "it is closed");
      } else if (const auto& problem = fault ? fault : sync_error) {
        refusal = refused(problem->code, problem->message);
      } else if (queue.size() >= k_queue_units || queued_bytes + item.bytes > k_queue_bytes) {
        refusal = refused(core::Code::resource_exhausted, "the writer's queue is full");
      } else if (wal_bytes.load(std::memory_order_relaxed) > k_wal_refuse_bytes) {
        refusal = refused(core::Code::resource_exhausted, "the write-ahead log is over 1 GB");
      } else {
        queued_bytes += item.bytes;
        queue.push_back(std::move(item));
        continue;
      }
      answers.push_back({std::move(item.waiter), std::move(refusal)});
    }
    if (!queue.empty() && std::exchange(writer_waits, false)) {
      writer_wakes.notify_one();
    }
  }
  deliver(std::move(answers));
}

/// A small round that finds the writer idle is written where it stands: waking a thread and being
/// woken by it costs several times the commit (docs/design/009-inline-commits.md).
void Writer::Impl::submit(std::vector<Pending> round) {
  if (!begin_inline(round)) {
    enqueue(round);
    return;
  }
  const auto began = Steady::now();
  write(std::move(round));
  end_inline(began);
}

bool Writer::Impl::begin_inline(const std::vector<Pending>& round) {
  std::size_t bytes = 0;
  for (const Pending& item : round) {
    bytes += item.bytes;
    if (item.durability == Durability::strict) {
      return false;  // waits for the disk
    }
  }
  if (round.size() > k_inline_units || bytes > k_inline_bytes) {
    return false;
  }
  const std::lock_guard lock(mutex);
  if (busy || held || hold_wanted || stopping || fault || sync_error || !queue.empty() ||
      Steady::now() < inline_from ||
      wal_bytes.load(std::memory_order_relaxed) > k_wal_refuse_bytes) {
    return false;
  }
  busy = true;
  return true;
}

void Writer::Impl::end_inline(Steady::time_point began) {
  const auto now = Steady::now();
  const std::lock_guard lock(mutex);
  busy = false;
  if (now - began > k_inline_stall) {
    inline_from = now + k_inline_pause;
  }
  if (hold_wanted || stopping || fault || sync_error || !queue.empty()) {
    writer_waits = false;
    writer_wakes.notify_one();
  }
}

void Writer::Impl::enqueue_with_round(Pending item) {
  Round& round = t_round;
  if (round.writer != this && !round.items.empty()) {  // two databases on one loop: no sharing
    enqueue({&item, 1});
    return;
  }
  round.writer = this;
  round.items.push_back(std::move(item));
  if (round.items.size() == 1) {
    core::Loop::current()->post(
        [self = shared_from_this()] { self->submit(std::exchange(t_round.items, {})); });
  }
}

/// Returns with work or a probe due, or false at the end. Lets a holder in.
bool Writer::Impl::wait_for_work(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (busy) {  // a loop: it, or whoever queues next, tells when there is something to do
      writer_waits = true;
      writer_wakes.wait(lock);
      writer_waits = false;
      continue;
    }
    if (hold_wanted) {
      held = true;
      holder_wakes.notify_all();
      writer_wakes.wait(lock, [this] { return !hold_wanted; });
      held = false;
    }
    if (!queue.empty() || sync_error) {
      return true;
    }
    if (stopping) {
      return false;
    }
    writer_waits = true;
    if (!fault) {
      writer_wakes.wait(lock);
    } else if (writer_wakes.wait_for(lock, k_probe_pause) == std::cv_status::timeout) {
      writer_waits = false;
      return true;
    }
    writer_waits = false;
  }
}

std::vector<Pending> Writer::Impl::take_batch() {
  std::vector<Pending> out;
  out.reserve(std::min(queue.size(), k_batch_units));
  while (!queue.empty() && out.size() < k_batch_units) {
    queued_bytes -= queue.front().bytes;
    out.push_back(std::move(queue.front()));
    queue.pop_front();
  }
  return out;
}

void Writer::Impl::run() {
  pthread_setname_np(pthread_self(), "store-writer");
  std::unique_lock lock(mutex);
  while (wait_for_work(lock)) {
    std::vector<Pending> batch = take_batch();
    const bool broken = fault.has_value();
    const auto unsyncable = std::exchange(sync_error, std::nullopt);
    busy = true;
    lock.unlock();
    if (broken) {
      probe();
    } else if (unsyncable) {
      break_down(*unsyncable, std::move(batch));
    } else {
      write(std::move(batch));
    }
    lock.lock();
    busy = false;
  }
  const bool sync = unsynced && !fault;
  lock.unlock();
  if (sync) {
    if (const auto done = write_heartbeat(); !done) {
      core::log::error("the last commits may not be on the disk",
                       {{"error", done.error().message}});
    }
  }
  lock.lock();
  finished = true;
  holder_wakes.notify_all();
}

void Writer::Impl::write(std::vector<Pending> batch) {
  auto durability = Durability::standard;
  std::vector<BatchItem> items(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    items[i].unit = &batch[i].unit;
    if (batch[i].durability == Durability::strict) {
      durability = Durability::strict;
    }
  }
  core::Status done = set_synchronous(durability);
  if (done) {
    done = run_batch(*connection, sealer.load(std::memory_order_acquire), items);
  }
  if (!done) {
    break_down(done.error(), {});
  } else {
    unsynced = durability == Durability::standard;
  }

  bool announced = false;
  std::uint64_t committed = 0;
  std::vector<Delivery> deliveries;
  deliveries.reserve(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    core::Status outcome = items[i].outcome ? std::move(*items[i].outcome) : done;
    if (outcome) {
      ++committed;
      announced = announced || batch[i].unit.announces;
    }
    deliveries.push_back({std::move(batch[i].waiter), std::move(outcome)});
  }
  units_committed.fetch_add(committed, std::memory_order_relaxed);
  batches_committed.fetch_add(done ? 1 : 0, std::memory_order_relaxed);
  deliver(std::move(deliveries));
  if (announced) {
    std::shared_ptr<const std::function<void()>> call;
    {
      const std::lock_guard lock(mutex);
      call = listener;
    }
    if (call) {
      (*call)();
    }
  }
  if (done && on_commit) {
    on_commit(durability, wal_bytes.load(std::memory_order_relaxed));
  }
}

core::Status Writer::Impl::set_synchronous(Durability durability) {
  const bool full = durability == Durability::strict;
  if (full != synchronous_is_full) {
    PRELOOP_CHECK(
        connection->script(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
    synchronous_is_full = full;
  }
  return {};
}

core::Status Writer::Impl::write_heartbeat() {
  PRELOOP_CHECK(set_synchronous(Durability::strict));
  PRELOOP_CHECK(
      connection->execute(statement("INSERT INTO writer_heartbeat (id, at) VALUES (1, $1) "
                                    "ON CONFLICT (id) DO UPDATE SET at = excluded.at",
                                    core::SystemClock{}.wall())));
  unsynced = false;
  return {};
}

/// The hook tells the WAL's length after each commit, which nothing else does without a syscall.
void Writer::Impl::follow_wal() {
  sqlite3_wal_hook(
      connection->handle(),
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Impl*>(self)->wal_bytes.store(
            static_cast<std::uint64_t>(frames) * k_wal_frame_bytes, std::memory_order_relaxed);
        return SQLITE_OK;
      },
      this);
}

/// `batch` was taken from the queue and has not been written.
void Writer::Impl::break_down(const core::Error& error, std::vector<Pending> batch) {
  core::log::error("database writes fail; refusing new ones", {{"error", error.message}});
  connection.reset();
  unsynced = false;
  std::vector<Delivery> deliveries;
  const auto refuse = [&](Pending& item) {
    deliveries.push_back({std::move(item.waiter), refused(error.code, error.message)});
  };
  std::ranges::for_each(batch, refuse);
  {
    const std::lock_guard lock(mutex);
    fault = error;
    std::ranges::for_each(queue, refuse);
    queue.clear();
    queued_bytes = 0;
  }
  deliver(std::move(deliveries));
}

void Writer::Impl::probe() {
  auto opened = Connection::open(path, Role::writer);
  if (!opened) {
    return;
  }
  connection = std::move(*opened);
  synchronous_is_full = false;
  if (!write_heartbeat()) {
    connection.reset();
    return;
  }
  follow_wal();
  const std::lock_guard lock(mutex);
  fault.reset();
  core::log::warn("database writes work again");
}

Writer::Writer(std::string path, std::unique_ptr<Connection> connection)
    : impl_(std::make_shared<Impl>(std::move(path), std::move(connection))) {}
Writer::~Writer() {
  stop();
}

void Writer::start(OnCommit on_commit) {
  impl_->on_commit = std::move(on_commit);
  impl_->follow_wal();
  impl_->thread = std::thread([this] { impl_->run(); });
}

core::Task<core::Status> Writer::commit(Unit unit, Durability durability) {
  // No cancellation slot is connected: what is queued is awaited to its end.
  return asio::async_initiate<const asio::use_awaitable_t<>, void(core::Status)>(
      [this](auto handler, Unit owned, Durability wanted) {
        core::Loop* const loop = core::Loop::current();
        Pending item{std::move(owned), wanted, 0, {loop, nullptr}};
        item.bytes = size_of(item.unit);
        if (loop != nullptr) {
          item.waiter.resume = [handler = std::move(handler)](core::Status outcome) mutable {
            std::move(handler)(std::move(outcome));
          };
          impl_->enqueue_with_round(std::move(item));
          return;
        }
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        item.waiter.resume = [handler = std::move(handler),
                              guard = std::move(guard)](core::Status outcome) mutable {
          asio::post(guard.get_executor(),
                     [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                       std::move(handler)(std::move(outcome));
                     });
        };
        impl_->enqueue({&item, 1});
      },
      asio::use_awaitable,
      std::move(unit),
      durability);
}

void Writer::set_sealer(Sealer* sealer) {
  impl_->sealer.store(sealer, std::memory_order_release);
}

void Writer::set_listener(std::function<void()> listener) {
  auto made = std::make_shared<const std::function<void()>>(std::move(listener));
  const std::lock_guard lock(impl_->mutex);
  impl_->listener = *made ? std::move(made) : nullptr;
}

void Writer::fill(Health& health) const {
  const std::lock_guard lock(impl_->mutex);
  health.wal_bytes = impl_->wal_bytes;
  health.queued_units = impl_->queue.size();
  health.units_committed = impl_->units_committed;
  health.batches_committed = impl_->batches_committed;
  if (const auto& problem = impl_->fault ? impl_->fault : impl_->sync_error) {
    health.problem = problem->message;
  } else if (impl_->stopping) {
    health.problem = "the database is closed";
  } else if (health.wal_bytes > k_wal_refuse_bytes) {
    health.problem = "the write-ahead log is over 1 GB";
  }
  health.writable = health.problem.empty();
}

void Writer::hold(const std::function<void()>& work) {
  std::unique_lock lock(impl_->mutex);
  impl_->hold_wanted = true;
  impl_->writer_wakes.notify_one();
  impl_->holder_wakes.wait(lock, [this] { return impl_->held || impl_->finished; });
  lock.unlock();
  work();
  lock.lock();
  impl_->hold_wanted = false;
  impl_->writer_wakes.notify_one();
}

void Writer::cannot_sync(core::Error error) {
  const std::lock_guard lock(impl_->mutex);
  impl_->sync_error = std::move(error);
  impl_->writer_wakes.notify_one();
}

std::uint64_t Writer::wal_bytes() const {
  return impl_->wal_bytes.load(std::memory_order_relaxed);
}

void Writer::wal_was_emptied() {
  impl_->wal_bytes = 0;
}

void Writer::drain() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->writer_wakes.notify_one();
  }
  if (impl_->thread.joinable()) {
    impl_->thread.join();
  }
}

void Writer::stop() {
  drain();
  impl_->connection.reset();
}

}  // namespace preloop::store::sqlite
