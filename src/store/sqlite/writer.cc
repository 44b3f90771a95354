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
// Below a second, so that the heartbeat is on the disk within one.
constexpr std::chrono::milliseconds k_heartbeat{750};
constexpr std::chrono::milliseconds k_probe_pause{250};
constexpr std::uint64_t k_wal_frame_bytes = 4096 + 24;

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
  std::optional<core::Error> fault;
  std::shared_ptr<const std::function<void()>> listener;

  std::atomic<Sealer*> sealer = nullptr;
  std::atomic<std::uint64_t> wal_bytes = 0;
  std::atomic<std::uint64_t> units_committed = 0;
  std::atomic<std::uint64_t> batches_committed = 0;

  // The writer's thread alone.
  std::string path;
  std::unique_ptr<Connection> connection;
  std::function<void(std::uint64_t)> on_wal;
  bool synchronous_is_full = false;
  /// When the oldest standard commit that no FULL commit has followed was made.
  std::optional<Steady::time_point> unsynced_since;
  std::thread thread;

  void enqueue(std::span<Pending> items);
  void enqueue_with_round(Pending item);
  void run();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  std::vector<Pending> take_batch();
  void write(std::vector<Pending> batch);
  core::Status set_synchronous(Durability durability);
  core::Status heartbeat();
  void follow_wal();
  void break_down(const core::Error& error);
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
      } else if (fault) {
        refusal = refused(fault->code, fault->message);
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

void Writer::Impl::enqueue_with_round(Pending item) {
  Round& round = t_round;
  if (round.writer != this && !round.items.empty()) {  // two databases on one loop: no sharing
    enqueue({&item, 1});
    return;
  }
  round.writer = this;
  round.items.push_back(std::move(item));
  if (round.items.size() == 1) {
    core::Loop::current()->post([self = shared_from_this()] {
      self->enqueue(t_round.items);
      t_round.items.clear();
    });
  }
}

/// Returns with work, with a heartbeat or probe due, or false at the end. Lets a holder in.
bool Writer::Impl::wait_for_work(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (hold_wanted) {
      held = true;
      holder_wakes.notify_all();
      writer_wakes.wait(lock, [this] { return !hold_wanted; });
      held = false;
    }
    if (!queue.empty()) {
      return true;
    }
    if (stopping) {
      return false;
    }
    writer_waits = true;
    if (fault || unsynced_since) {
      const auto due = fault ? Steady::now() + k_probe_pause : *unsynced_since + k_heartbeat;
      if (writer_wakes.wait_until(lock, due) == std::cv_status::timeout) {
        writer_waits = false;
        return true;
      }
    } else {
      writer_wakes.wait(lock);
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
    lock.unlock();
    if (broken) {
      probe();
    } else {
      if (!batch.empty()) {
        write(std::move(batch));
      }
      if (unsynced_since && Steady::now() >= *unsynced_since + k_heartbeat) {
        if (const auto done = heartbeat(); !done) {
          break_down(done.error());
        }
      }
    }
    lock.lock();
  }
  const bool sync = unsynced_since.has_value() && !fault;
  lock.unlock();
  if (sync) {
    if (const auto done = heartbeat(); !done) {
      core::log::error("last heartbeat failed", {{"error", done.error().message}});
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
    break_down(done.error());
  } else if (durability == Durability::strict) {
    unsynced_since.reset();
  } else if (!unsynced_since) {
    unsynced_since = Steady::now();
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
  if (done && on_wal) {
    on_wal(wal_bytes.load(std::memory_order_relaxed));
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

core::Status Writer::Impl::heartbeat() {
  PRELOOP_CHECK(set_synchronous(Durability::strict));
  PRELOOP_CHECK(
      connection->execute(statement("INSERT INTO writer_heartbeat (id, at) VALUES (1, $1) "
                                    "ON CONFLICT (id) DO UPDATE SET at = excluded.at",
                                    core::SystemClock{}.wall())));
  unsynced_since.reset();
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

void Writer::Impl::break_down(const core::Error& error) {
  core::log::error("database writes fail; refusing new ones", {{"error", error.message}});
  connection.reset();
  unsynced_since.reset();
  std::vector<Delivery> deliveries;
  {
    const std::lock_guard lock(mutex);
    fault = error;
    for (Pending& item : queue) {
      deliveries.push_back({std::move(item.waiter), refused(error.code, error.message)});
    }
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
  if (!heartbeat()) {
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

void Writer::start(std::function<void(std::uint64_t)> on_wal) {
  impl_->on_wal = std::move(on_wal);
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
  if (impl_->fault) {
    health.problem = impl_->fault->message;
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
