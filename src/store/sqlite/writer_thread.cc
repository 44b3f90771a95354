#include "core/log.h"
#include "store/sqlite/batch.h"
#include "store/sqlite/writer_impl.h"

#include <pthread.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace preloop::store::sqlite {
namespace {
constexpr std::chrono::milliseconds k_probe_pause{250};
}  // namespace

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

}  // namespace preloop::store::sqlite
