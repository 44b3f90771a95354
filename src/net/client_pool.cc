#include "net/client_pool.h"

#include <utility>

namespace preloop::net {

using core::Code;
using core::fail;
using core::Task;

struct OriginPool {
  /// Somebody in line for a connection.
  struct Waiter {
    explicit Waiter(const boost::asio::any_io_executor& executor) : woken(executor) {}
    core::Wakeup woken;
    bool granted = false;
    ClientConnectionPtr connection;  ///< granted without one: permission to open one
  };

  std::size_t open = 0;  ///< connections, also those being made or promised
  std::deque<ClientConnectionPtr> idle;
  std::list<Waiter*> line;

  Waiter* next() {
    if (line.empty()) {
      return nullptr;
    }
    Waiter* const waiter = line.front();
    line.pop_front();
    waiter->granted = true;
    waiter->woken.set();
    return waiter;
  }
};

// --- one connection ---

ClientConnection::ClientConnection(ClientPool& pool,
                                   std::shared_ptr<OriginPool> origin,
                                   ByteStreamPtr stream)
    : pool_(&pool),
      origin_(std::move(origin)),
      stream_(std::move(stream)),
      inbox_(*stream_,
             pool.loop_.executor(),
             [this] {
               if (idle_) {
                 close();
               }
             }),
      timer_(pool.loop_.executor(), [this] { on_timer(); }) {}

Task<void> ClientConnection::read(std::shared_ptr<ClientConnection> self) {
  co_await self->inbox_.run();
}

void ClientConnection::on_timer() {
  timed_out_ = !idle_;
  close();
}

void ClientConnection::close() {
  const auto self = shared_from_this();  // the pool may hold the last reference
  if (std::exchange(open_, false)) {
    stream_->close();
    timer_.clear();
    std::exchange(pool_, nullptr)->forget(*this);
  }
}

// --- all of them ---

ClientPool::ClientPool(core::Loop& loop, ClientOptions options)
    : loop_(loop), options_(std::move(options)), connector_(options_), scope_(loop.executor()) {}

void ClientPool::forget(ClientConnection& connection) {
  connections_.erase(&connection);
  std::erase_if(connection.origin_->idle,
                [&](const ClientConnectionPtr& idle) { return idle.get() == &connection; });
  slot_freed(*connection.origin_);
}

void ClientPool::slot_freed(OriginPool& origin) {
  // The place goes on to the next in line, or is free.
  if (origin.next() == nullptr) {
    --origin.open;
  }
}

void ClientPool::give_back(const ClientConnectionPtr& connection) {
  if (!connection->usable()) {
    return connection->close();
  }
  OriginPool& origin = *connection->origin_;
  if (OriginPool::Waiter* const waiter = origin.next()) {
    waiter->connection = connection;
    return;
  }
  if (origin.idle.size() >= options_.limits.max_idle_per_origin) {
    return connection->close();
  }
  connection->idle_ = true;
  connection->timer_.set(options_.limits.idle_timeout);
  origin.idle.push_back(connection);
}

Task<core::Result<ClientPool::Acquired>> ClientPool::acquire(const std::string& name,
                                                             const Url& url,
                                                             Accept accept,
                                                             core::MonoTime deadline) {
  if (stopped_) {
    co_return fail(Code::unavailable, "the HTTP client has stopped");
  }
  // Through a proxy plain requests to any origin share its connections; simpler not to.
  std::shared_ptr<OriginPool>& place = origins_[name];
  if (!place) {
    place = std::make_shared<OriginPool>();
  }
  const std::shared_ptr<OriginPool> origin = place;
  while (accept == Accept::idle_ones && !origin->idle.empty()) {
    // The newest: the others may then grow old and go.
    const ClientConnectionPtr connection = std::move(origin->idle.back());
    origin->idle.pop_back();
    connection->idle_ = false;
    connection->timer_.clear();
    if (connection->usable()) {
      co_return Acquired{connection, true};
    }
    connection->close();
  }
  if (origin->open < options_.limits.max_connections_per_origin) {
    ++origin->open;
    co_return co_await open_one(origin, url, deadline);
  }
  co_return co_await wait_in_line(origin, url, deadline);
}

Task<core::Result<ClientPool::Acquired>> ClientPool::open_one(std::shared_ptr<OriginPool> origin,
                                                              const Url& url,
                                                              core::MonoTime deadline) {
  auto stream = co_await connector_.connect(url, deadline);
  if (!stream || stopped_) {
    slot_freed(*origin);
    co_return stream ? fail(Code::unavailable, "the HTTP client has stopped")
                     : std::unexpected(std::move(stream).error());
  }
  auto connection = std::make_shared<ClientConnection>(*this, origin, std::move(*stream));
  connections_.insert(connection.get());
  scope_.spawn("net: read", ClientConnection::read(connection));
  co_return Acquired{std::move(connection), false};
}

Task<core::Result<ClientPool::Acquired>> ClientPool::wait_in_line(
    std::shared_ptr<OriginPool> origin, const Url& url, core::MonoTime deadline) {
  if (origin->line.size() >= options_.limits.max_queued_per_origin) {
    co_return fail(Code::resource_exhausted,
                   "too many requests wait for a connection to " + url.origin());
  }
  OriginPool::Waiter waiter(loop_.executor());
  origin->line.push_back(&waiter);
  const core::Outcome outcome = co_await waiter.woken.wait_until(deadline);
  if (!waiter.granted) {
    origin->line.remove(&waiter);
    co_return outcome == core::Outcome::late
        ? fail(Code::deadline_exceeded, "no connection to " + url.origin() + " became free")
        : fail(Code::cancelled, "the caller went away");
  }
  if (stopped_) {
    co_return fail(Code::unavailable, "the HTTP client has stopped");
  }
  if (waiter.connection && waiter.connection->usable()) {
    co_return Acquired{std::move(waiter.connection), true};
  }
  if (waiter.connection) {
    waiter.connection->close();  // the server closed it on the way here
    co_return co_await acquire(url.origin(), url, Accept::idle_ones, deadline);
  }
  co_return co_await open_one(origin, url, deadline);
}

Task<void> ClientPool::stop() {
  stopped_ = true;
  for (const auto& [name, origin] : origins_) {
    while (origin->next() != nullptr) {
    }
  }
  while (!connections_.empty()) {
    (*connections_.begin())->close();
  }
  co_await scope_.stop();
}

}  // namespace preloop::net
