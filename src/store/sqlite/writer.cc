#include "store/sqlite/writer.h"

#include "store/sqlite/writer_impl.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace preloop::store::sqlite {
namespace asio = boost::asio;
namespace {

// A commit on the caller's loop. Larger rounds are worth the hop: the loop goes on meanwhile.
constexpr std::size_t k_inline_units = 4;
constexpr std::size_t k_inline_bytes = 64u << 10u;
constexpr std::chrono::milliseconds k_inline_stall{2};
constexpr std::chrono::milliseconds k_inline_pause{1000};

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

/// What the handlers of one round of a loop committed. They reach the queue together, so that a
/// busy loop's units share a transaction and the writer is woken once; on an idle loop the round
/// ends at once.
struct Round {
  const void* writer = nullptr;
  std::vector<Pending> items;
};
thread_local Round t_round;

}  // namespace

std::unexpected<core::Error> refused(core::Code code, std::string_view problem) {
  return core::fail(code, "the database refuses writes: " + std::string(problem));
}

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
void Writer::Impl::submit(std::vector<Pending> round) noexcept {
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
