#include "store/postgres/database.h"

#include "core/id.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/loop_call.h"
#include "core/task_scope.h"
#include "store/postgres/listener.h"
#include "store/postgres/migrate.h"
#include "store/postgres/reader_pool.h"
#include "store/postgres/writer.h"

#include <boost/asio/this_coro.hpp>
#include <pthread.h>

#include <future>
#include <utility>

namespace preloop::store::postgres {
namespace {

using core::Task;

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(Endpoint endpoint, const Options& options)
      : loops_(1),
        home_(loops_.at(0)),
        connector_(std::move(endpoint)),
        node_(core::Uuid::v7(options.clock->wall()).to_string()),
        writer_(home_, connector_, *options.clock, listener_, node_),
        readers_(home_, connector_, options.readers),
        writing_(home_.executor()),
        listening_(home_.executor()),
        stopped_(home_.executor()) {
    loops_.start();
    home_.post([] { pthread_setname_np(pthread_self(), "store"); });
  }

  ~PostgresDatabase() override {
    // Who forgot to stop waits here: the sessions' tasks must end before what they use.
    std::promise<void> done;
    home_.post([this, &done] { ending_.spawn("store stop", stop_and_tell(done)); });
    done.get_future().get();
    loops_.stop();
  }

  Task<core::Status> start(std::vector<Migration> migrations, core::WallTime now) {
    return core::on_loop(home_, start_here(std::move(migrations), now));
  }

  Task<core::Result<Rows>> query(Statement statement) override {
    return readers_.query(std::move(statement));
  }
  Task<core::Status> commit(Unit unit, Durability durability) override {
    return writer_.commit(std::move(unit), durability);
  }
  void set_sealer(Sealer* sealer) override { writer_.set_sealer(sealer); }
  void set_commit_listener(std::function<void()> listener) override {
    listener_.set(std::move(listener));
  }
  Health health() const override { return writer_.health(); }
  Task<core::Status> backup(std::string /*path*/) override {
    co_return core::fail(core::Code::unimplemented,
                         "with PostgreSQL, back up with pg_dump (and keep the master key apart)");
  }
  std::string_view dialect() const override { return "postgresql"; }
  Task<void> stop() override { return core::on_loop(home_, stop_here()); }

 private:
  Task<core::Status> start_here(std::vector<Migration> migrations, core::WallTime now) {
    {
      PRELOOP_CO_TRY(const std::unique_ptr<Connection> connection,
                     co_await connector_.connect(Role::migrator));
      PRELOOP_CO_CHECK(co_await migrate(*connection, migrations, now));
    }
    PRELOOP_CO_TRY(std::unique_ptr<Connection> listening,
                   co_await connector_.connect(Role::listener));
    PRELOOP_CO_CHECK(co_await writer_.start());
    writing_.spawn("store writer", writer_.run());
    listening_.spawn("store listener", listen(std::move(listening), connector_, listener_, node_));
    core::log::info("database open", {{"server", connector_.endpoint().describe()}});
    co_return core::Status();
  }

  Task<void> stop_here() {
    if (!std::exchange(stopping_, true)) {
      writer_.close();
      co_await writing_.idle();
      co_await readers_.stop();
      co_await listening_.stop();
      stopped_.set();
    }
    while (!stopped_.is_set()) {
      // Also for a caller that was cancelled: whoever stops may destroy next.
      co_await boost::asio::this_coro::reset_cancellation_state();
      co_await stopped_.wait();
    }
  }

  Task<void> stop_and_tell(std::promise<void>& done) {
    co_await stop_here();
    done.set_value();
  }

  core::LoopPool loops_;
  core::Loop& home_;
  Connector connector_;
  CommitListener listener_;
  const std::string node_;
  Writer writer_;
  ReaderPool readers_;
  core::TaskScope writing_;
  core::TaskScope listening_;
  core::TaskScope ending_{home_.executor()};
  core::Wakeup stopped_;
  bool stopping_ = false;
};

}  // namespace

Task<core::Result<std::unique_ptr<Database>>> open(Options options) {
  PRELOOP_CO_TRY(Endpoint endpoint, Endpoint::parse(options.url));
  auto database = std::make_unique<PostgresDatabase>(std::move(endpoint), options);
  PRELOOP_CO_CHECK(co_await database->start(std::move(options.migrations), options.clock->wall()));
  co_return std::unique_ptr<Database>(std::move(database));
}

}  // namespace preloop::store::postgres
