#include "store/sqlite/writer.h"

#include "core/task_scope.h"
#include "store/testing/sqlite_fixture.h"

#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <latch>
#include <string>

namespace {
std::atomic<int> g_syncs = 0;
std::atomic<int> g_write_error = 0;
std::atomic<int> g_sync_error = 0;

ssize_t failing_pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (const int error = g_write_error; error != 0) {
    errno = error;
    return -1;
  }
  return ::pwrite(descriptor, data, size, offset);
}
}  // namespace

// SQLite is linked statically, so these take the place of libc's: how often the disk is waited for.
extern "C" int fdatasync(int descriptor) {
  ++g_syncs;
  if (const int error = g_sync_error; error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}
extern "C" int fsync(int descriptor) {
  ++g_syncs;
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace preloop::store::sqlite {
namespace {

using testing::event_unit;
using testing::SqliteFixture;
using testing::until;

/// Makes every write of SQLite fail while it lives.
class BrokenDisk {
 public:
  explicit BrokenDisk(int error) : vfs_(sqlite3_vfs_find(nullptr)) {
    for (const char* name : {"pwrite", "pwrite64"}) {
      vfs_->xSetSystemCall(vfs_, name, reinterpret_cast<sqlite3_syscall_ptr>(failing_pwrite));
    }
    g_write_error = error;
  }
  ~BrokenDisk() { repair(); }
  void repair() { g_write_error = 0; }
  BrokenDisk(const BrokenDisk&) = delete;
  BrokenDisk& operator=(const BrokenDisk&) = delete;

 private:
  sqlite3_vfs* vfs_;
};

/// Keeps the writer in a batch until it is opened.
class GateSealer final : public Sealer {
 public:
  void begin() override {}
  core::Result<std::vector<Statement>> seal(const Draft&) override {
    reached.count_down();
    opened.wait();
    return std::vector<Statement>();
  }
  void committed() override {}
  void rolled_back() override {}
  std::latch reached{1};
  std::latch opened{1};
};

Unit gated() {
  Unit unit;
  unit.drafts.push_back({});
  return unit;
}

TEST_CASE("strict is on the disk when commit returns, standard within a second") {
  SqliteFixture f;
  REQUIRE(f.commit(event_unit(), Durability::strict));
  const int before = g_syncs;
  REQUIRE(f.commit(event_unit(), Durability::strict));
  CHECK(g_syncs == before + 1);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) {
    REQUIRE(f.commit(event_unit(), Durability::standard));
  }
  const int after = g_syncs;
  if (std::chrono::steady_clock::now() - began < core::milliseconds(700)) {
    CHECK(after == before + 1);  // nobody waits for the disk
  }
  until([&] { return g_syncs > before + 1; });
  CHECK(std::chrono::steady_clock::now() - began > core::milliseconds(700));
}

TEST_CASE("what cannot be put on the disk refuses writes until it can") {
  SqliteFixture f;
  REQUIRE(f.commit(event_unit(), Durability::strict));
  g_sync_error = EIO;
  REQUIRE(f.commit(event_unit(), Durability::standard));
  until([&] { return !f.database->health().writable; });
  CHECK(f.commit(event_unit("refused")).error().code == core::Code::unavailable);
  g_sync_error = 0;
  until([&] { return f.database->health().writable; });
  CHECK(f.commit(event_unit("again"), Durability::strict));
}

/// Notes where the writer ran, and takes as long as it is told.
class NotingSealer final : public Sealer {
 public:
  void begin() override {}
  core::Result<std::vector<Statement>> seal(const Draft&) override {
    loop = core::Loop::current();
    const auto end = std::chrono::steady_clock::now() + takes;
    while (std::chrono::steady_clock::now() < end) {
    }
    return std::vector<Statement>();
  }
  void committed() override {}
  void rolled_back() override {}
  core::Loop* loop = nullptr;
  core::milliseconds takes{0};
};

TEST_CASE("a small standard round is written on its loop, anything else by the writer's thread") {
  SqliteFixture f;
  NotingSealer sealer;
  f.database->set_sealer(&sealer);
  REQUIRE(f.commit(gated(), Durability::standard));
  CHECK(sealer.loop == &f.loops.at(0));
  REQUIRE(f.commit(gated(), Durability::strict));
  CHECK(sealer.loop == nullptr);
  until([&] {  // it answers a moment before it is idle
    REQUIRE(f.commit(gated(), Durability::standard));
    return sealer.loop == &f.loops.at(0);
  });
}

TEST_CASE("a write that stalls a loop sends the next ones to the thread") {
  SqliteFixture f;
  NotingSealer sealer;
  f.database->set_sealer(&sealer);
  sealer.takes = core::milliseconds(5);
  REQUIRE(f.commit(gated(), Durability::standard));
  CHECK(sealer.loop == &f.loops.at(0));
  sealer.takes = core::milliseconds(0);
  REQUIRE(f.commit(gated(), Durability::standard));
  CHECK(sealer.loop == nullptr);
}

TEST_CASE("what one round of a loop commits shares a transaction") {
  SqliteFixture f;
  REQUIRE(f.commit(event_unit()));
  const auto before = f.database->health();
  std::latch opened{1};
  f.loops.at(0).post([&] { opened.wait(); });
  f.loops.at(1).post([&] { opened.wait(); });
  auto outcomes = f.queue(std::vector<Unit>(40, event_unit()));
  opened.count_down();
  for (auto& outcome : outcomes) {
    CHECK(outcome.get());
  }
  const auto after = f.database->health();
  CHECK(after.units_committed == before.units_committed + 40);
  CHECK(after.batches_committed <= before.batches_committed + 2);  // one for each loop
}

core::Task<void> commit_to(Writer& writer,
                           Unit unit,
                           Durability durability,
                           std::promise<core::Status>& out) {
  out.set_value(co_await writer.commit(std::move(unit), durability));
}

/// Is the writer's thread there, and waiting?
bool writer_sleeps() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name, stat;
    std::getline(std::ifstream(task.path() / "comm"), name);
    std::getline(std::ifstream(task.path() / "stat"), stat);
    if (name == "store-writer" && stat.find(") S ") != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST_CASE("a thread that comes while a loop writes hears of the next unit") {
  testing::TempDir folder;
  core::LoopPool loops(1);
  loops.start();
  const std::string path = folder.path() + "/w.db";
  auto connection = Connection::open(path, Role::writer);
  REQUIRE(connection);
  Writer writer(path, std::move(*connection));
  GateSealer gate;
  writer.set_sealer(&gate);
  std::promise<core::Status> first, second;
  const auto start = [&](core::Task<void> task) {
    core::testing::detail::start(loops.at(0), std::move(task), [](auto) {});
  };
  start(commit_to(writer, gated(), Durability::standard, first));
  gate.reached.wait();
  writer.start({});
  until([] { return writer_sleeps(); });
  gate.opened.count_down();
  CHECK(first.get_future().get());
  start(commit_to(writer, Unit{}, Durability::strict, second));
  auto outcome = second.get_future();
  CHECK(outcome.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  writer.stop();
  CHECK(outcome.get());
}

TEST_CASE("one strict unit makes its whole batch strict, with one sync") {
  SqliteFixture f;
  GateSealer gate;
  f.database->set_sealer(&gate);
  auto first = f.queue({gated()}, Durability::strict);
  gate.reached.wait();
  auto standard = f.queue(std::vector<Unit>(100, event_unit()));
  auto strict = f.queue({event_unit(), event_unit()}, Durability::strict);
  until([&] { return f.database->health().queued_units == 102; });
  gate.opened.count_down();
  REQUIRE(first[0].get());
  const int before = g_syncs;
  for (auto* group : {&standard, &strict}) {
    for (auto& one : *group) {
      REQUIRE(one.get());
    }
  }
  CHECK(g_syncs <= before + 1);
  CHECK(f.database->health().batches_committed == 2);
  CHECK(f.database->health().units_committed == 103);
  CHECK(f.count_events() == 102);
}

TEST_CASE("the queue is bounded and says so") {
  SqliteFixture f;
  GateSealer gate;
  f.database->set_sealer(&gate);
  auto first = f.queue({gated()}, Durability::strict);
  gate.reached.wait();
  auto fill = f.queue(std::vector<Unit>(k_queue_units, event_unit()));
  until([&] { return f.database->health().queued_units == k_queue_units; });
  auto over = f.queue({event_unit()});
  CHECK(over[0].get().error().code == core::Code::resource_exhausted);
  gate.opened.count_down();
  for (auto& one : fill) {
    REQUIRE(one.get());
  }
  CHECK(f.count_events() == static_cast<std::int64_t>(k_queue_units));
}

core::Task<void> commit_and_note(Database& database, std::promise<core::Status>& out) {
  out.set_value(co_await database.commit(event_unit(), Durability::standard));
}
core::Task<void> cancel(core::TaskScope& scope) {
  scope.cancel();
  co_return;
}
core::Task<void> stop_scope(core::TaskScope& scope) {
  co_await scope.stop();
}
core::Task<bool> spawn_commit(core::TaskScope& scope,
                              Database& database,
                              std::promise<core::Status>& out) {
  co_return scope.spawn("commit", commit_and_note(database, out));
}

TEST_CASE("cancelling does not abandon a commit") {
  SqliteFixture f;
  GateSealer gate;
  f.database->set_sealer(&gate);
  auto first = f.queue({gated()}, Durability::strict);
  gate.reached.wait();
  core::TaskScope scope(f.loops.at(0).executor());
  std::promise<core::Status> outcome;
  REQUIRE(f.run(spawn_commit(scope, *f.database, outcome)));
  until([&] { return f.database->health().queued_units == 1; });
  f.run(cancel(scope));
  gate.opened.count_down();
  CHECK(outcome.get_future().get());
  f.run(stop_scope(scope));
  CHECK(f.count_events() == 1);
}

TEST_CASE("after an I/O error writes are refused until one works again, and reads go on") {
  for (const auto [error, code] : {std::pair{EIO, core::Code::unavailable},
                                   std::pair{ENOSPC, core::Code::resource_exhausted}}) {
    CAPTURE(error);
    SqliteFixture f;
    REQUIRE(f.commit(event_unit("kept"), Durability::strict));
    {
      BrokenDisk disk(error);
      CHECK(f.commit(event_unit("lost")).error().code == code);
      CHECK(f.commit(event_unit("refused")).error().code == code);
      CHECK_FALSE(f.database->health().writable);
      CHECK_FALSE(f.database->health().problem.empty());
      CHECK(f.count_events() == 1);
    }
    until([&] { return f.database->health().writable; });
    CHECK(f.commit(event_unit("again"), Durability::strict));
    CHECK(f.count_events() == 2);
    CHECK(f.database->health().problem.empty());
  }
}

TEST_CASE("stop fails nothing that was queued") {
  SqliteFixture f;
  GateSealer gate;
  f.database->set_sealer(&gate);
  auto first = f.queue({gated()}, Durability::strict);
  gate.reached.wait();
  auto queued = f.queue(std::vector<Unit>(1000, event_unit()));
  until([&] { return f.database->health().queued_units == 1000; });
  std::thread opener([&] {
    until([&] { return !f.database->health().writable; });
    gate.opened.count_down();
  });
  f.stop();
  opener.join();
  for (auto& one : queued) {
    CHECK(one.get());
  }
}

}  // namespace
}  // namespace preloop::store::sqlite
