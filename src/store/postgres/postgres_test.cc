#include "core/task_scope.h"
#include "store/postgres/database.h"
#include "store/testing/cutting_proxy.h"
#include "store/testing/databases.h"
#include "store/testing/private_postgres.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <future>

namespace preloop::store::postgres {
namespace {

using core::Code;
using testing::CuttingProxy;
using testing::PrivatePostgres;

// What the shared tests (store/database_test.cc) say about both drivers is not repeated here.

const core::SystemClock k_clock;

/// The private server; null, with a message, where PostgreSQL is not installed.
PrivatePostgres* server_or_skip() {
  const auto server = PrivatePostgres::shared();
  if (!server) {
    const char* const required = std::getenv("PRELOOP_REQUIRE_POSTGRESQL");
    CHECK_MESSAGE((required == nullptr || std::string_view(required) != "1"),
                  server.error().message);
    MESSAGE("NOT TESTED ON POSTGRESQL: " << server.error().message);
    return nullptr;
  }
  return *server;
}

core::Result<std::unique_ptr<Database>> open_at(core::LoopPool& loops, const std::string& url) {
  auto migrations = embedded_migrations(Dialect::postgresql);
  REQUIRE(migrations);
  return core::testing::run_on(loops.at(0),
                               open(Options{.url = core::Secret(url),
                                            .clock = &k_clock,
                                            .migrations = std::move(*migrations),
                                            .readers = 2}));
}

/// An open database with a table `thing (id UUID PRIMARY KEY, note TEXT)`.
struct Opened {
  explicit Opened(const std::string& url) : loops(3) {
    loops.start();
    auto opened = open_at(loops, url);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    database = std::move(*opened);
  }
  ~Opened() {
    if (database) {
      run(database->stop());
    }
  }

  template <class T>
  T run(core::Task<T> task) {
    return core::testing::run_on(loops.at(0), std::move(task));
  }
  core::Status commit(Unit unit, Durability durability = Durability::standard) {
    return run(database->commit(std::move(unit), durability));
  }
  core::Result<Rows> query(Statement statement) {
    return run(database->query(std::move(statement)));
  }
  std::int64_t things() {
    const auto rows = query(statement("SELECT count(*) FROM thing"));
    REQUIRE_MESSAGE(rows.has_value(), rows.error().message);
    return RowReader(rows->front()).integer();
  }

  core::LoopPool loops;
  std::unique_ptr<Database> database;
};

std::string new_url(PrivatePostgres& server) {
  const auto url = server.new_database();
  REQUIRE_MESSAGE(url.has_value(), url.error().message);
  REQUIRE(server.execute(*url, "CREATE TABLE thing (id UUID PRIMARY KEY, note TEXT)"));
  return *url;
}

/// The name of the database in a URL that new_url gave.
std::string name_in(const std::string& url) {
  const std::size_t start = url.rfind('/', url.find('?')) + 1;
  return url.substr(start, url.find('?') - start);
}

Unit new_thing(std::string_view note = "") {
  Unit unit;
  unit.add(statement(
      "INSERT INTO thing (id, note) VALUES ($1, $2)", core::CallId::make(k_clock.wall()), note));
  return unit;
}

TEST_CASE("every type comes back as what it is") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  REQUIRE(server->execute(url,
                          "CREATE TABLE types (i2 INT2, i4 INT4, i8 INT8, b BOOL, t TEXT, "
                          "v VARCHAR(20), n NAME, y BYTEA, u UUID)"));
  Opened on(url);
  const core::AgentId id = core::AgentId::make(k_clock.wall());
  const std::string bytes("\0\x01\xff'\\", 5);
  Unit unit;
  unit.add(statement("INSERT INTO types VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     -32'768,
                     -2'147'483'648LL,
                     INT64_MIN,
                     true,
                     "Grüße",
                     "",
                     "name",
                     Blob{bytes},
                     id));
  unit.add(statement("INSERT INTO types VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     null(),
                     null(),
                     null(),
                     null(),
                     null(),
                     null(),
                     null(),
                     null(),
                     null()));
  REQUIRE(on.commit(unit));
  // All columns binary, and the same through the text format, which a numeric column brings.
  for (const Sql sql : {Sql("SELECT *, 1 FROM types"), Sql("SELECT *, 1.50 FROM types")}) {
    const auto rows = on.query(Statement{sql, {}});
    REQUIRE(rows);
    REQUIRE(rows->size() == 2);
    RowReader read(rows->front());
    CHECK(read.integer() == -32'768);
    CHECK(read.integer() == -2'147'483'648LL);
    CHECK(read.integer() == INT64_MIN);
    CHECK(read.boolean());
    CHECK(read.text() == "Grüße");
    CHECK(read.text().empty());
    CHECK(read.text() == "name");
    CHECK(read.blob() == bytes);
    CHECK(read.id<core::AgentId>() == id);
    CHECK(read.status());
    for (std::size_t i = 0; i < 9; ++i) {
      CHECK((*rows)[1][i] == null());
    }
  }
  const auto numeric = on.query(
      statement("SELECT CAST($1 AS NUMERIC(38,12)), $2::jsonb", std::int64_t{7}, R"({"a": "ü"})"));
  REQUIRE(numeric);
  CHECK(numeric->front()[0] == value("7.000000000000"));
  CHECK(numeric->front()[1] == value(R"({"a": "ü"})"));
}

TEST_CASE("parameters that fit no column are refused before they are sent") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  Opened on(new_url(*server));
  const auto code = [&](Statement asked) {
    const auto rows = on.query(std::move(asked));
    REQUIRE_FALSE(rows);
    return rows.error().code;
  };
  CHECK(code(statement("SELECT $1::int2", 40'000)) == Code::invalid_argument);
  CHECK(code(statement("SELECT $1::bool", 2)) == Code::invalid_argument);
  CHECK(code(statement("SELECT $1::text", std::string("a\0b", 3))) == Code::invalid_argument);
  CHECK(code(statement("SELECT $1::text", "\xff")) == Code::invalid_argument);
  CHECK(code(statement("SELECT $1::uuid", Blob{"short"})) == Code::invalid_argument);
  CHECK(code(statement("SELECT $1::uuid", 1)) == Code::invalid_argument);
  CHECK(code(statement("SELECT $1::text", Blob{"x"})) == Code::invalid_argument);
  CHECK(code(statement("SELECT $1::text")) == Code::internal);
  CHECK(on.query(statement("SELECT $1::text", "fine")));
}

TEST_CASE("queries cannot write") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  Opened on(new_url(*server));
  CHECK_FALSE(on.query(statement("DELETE FROM thing RETURNING id")));
  CHECK(on.things() == 0);
}

TEST_CASE("more than a socket buffer goes both ways in one pipeline") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  Opened on(new_url(*server));
  Unit unit;
  const std::string large(100'000, 'x');
  for (int i = 0; i < 40; ++i) {
    unit.add(statement("SELECT repeat($1, 3)", large));
    unit.add(statement(
        "INSERT INTO thing (id, note) VALUES ($1, $2)", core::CallId::make(k_clock.wall()), large));
  }
  CHECK(on.commit(std::move(unit)));
  const auto rows = on.query(statement("SELECT sum(length(note))::bigint FROM thing"));
  REQUIRE(rows);
  CHECK(rows->front().front() == value(4'000'000));
}

core::Task<void> commit_many(Database& database, int units, std::atomic<int>& stored) {
  for (int i = 0; i < units; ++i) {
    stored += co_await database.commit(new_thing(), Durability::standard) ? 1 : 0;
  }
}

TEST_CASE("ten thousand commits from every loop share transactions") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  Opened on(new_url(*server));
  std::atomic<int> stored = 0;
  std::vector<std::future<void>> done;
  for (std::size_t i = 0; i < 200; ++i) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    core::testing::detail::start(on.loops.at(i),
                                 commit_many(*on.database, 50, stored),
                                 [promise](std::exception_ptr) { promise->set_value(); });
  }
  for (auto& one : done) {
    one.get();
  }
  CHECK(stored == 10'000);
  CHECK(on.things() == 10'000);
  const Health health = on.database->health();
  CHECK(health.units_committed == 10'000);
  CHECK(health.queued_units == 0);
  CHECK(health.batches_committed < 5'000);
  MESSAGE("10,000 units in " << health.batches_committed << " transactions");
}

TEST_CASE("a batch without a strict unit does not wait for the disk") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  // Not even `off` in the server's own configuration weakens a strict unit.
  REQUIRE(server->execute(url, "ALTER DATABASE " + name_in(url) + " SET synchronous_commit = off"));
  Opened on(url);
  const auto setting = [&](Durability durability) {
    Unit unit;
    unit.add(statement("DELETE FROM thing"));
    unit.add(
        statement("INSERT INTO thing (id, note) VALUES ($1, "
                  "current_setting('synchronous_commit'))",
                  core::CallId::make(k_clock.wall())));
    REQUIRE(on.commit(std::move(unit), durability));
    const auto rows = on.query(statement("SELECT note FROM thing"));
    REQUIRE(rows);
    return RowReader(rows->front()).text();
  };
  CHECK(setting(Durability::standard) == "off");
  CHECK(setting(Durability::strict) == "on");
  CHECK(setting(Durability::standard) == "off");
}

TEST_CASE("a session that the server ends is unavailable once and replaced") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  Opened on(new_url(*server));
  const Statement suicide = statement("SELECT pg_terminate_backend(pg_backend_pid())");
  const auto rows = on.query(suicide);
  REQUIRE_FALSE(rows);
  CHECK(rows.error().code == Code::unavailable);
  CHECK(on.things() == 0);

  Unit in_statements = new_thing();
  in_statements.add(suicide);
  const auto written = on.commit(std::move(in_statements));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Code::unavailable);
  CHECK(on.commit(new_thing()));
  CHECK(on.things() == 1);

  // Rolled back for certain, so it is tried again; three times, not for ever.
  Unit in_guard = new_thing();
  in_guard.guard = {suicide, 1};
  const auto guarded = on.commit(std::move(in_guard));
  REQUIRE_FALSE(guarded);
  CHECK(guarded.error().code == Code::unavailable);
  CHECK(on.commit(new_thing()));
  CHECK(on.things() == 2);
  CHECK(on.database->health().writable);
}

TEST_CASE("sessions that ended while nobody used them cost nobody an error") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  Opened on(url);
  REQUIRE(on.commit(new_thing()));
  REQUIRE(on.things() == 1);
  // The second argument waits until they are gone.
  REQUIRE(server->execute(url,
                          "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                          "WHERE datname = current_database() AND pid <> pg_backend_pid()"));
  CHECK(on.commit(new_thing()));
  CHECK(on.things() == 2);
}

TEST_CASE("a session that a successor closed cannot commit, but its process goes on") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  Opened on(url);
  REQUIRE(server->execute(url, "UPDATE store_writer SET closed = 1"));
  CHECK(on.commit(new_thing()));
  Unit guarded = new_thing();
  guarded.guard = {statement("SELECT 1"), 1};
  REQUIRE(server->execute(url, "UPDATE store_writer SET closed = 1"));
  CHECK(on.commit(std::move(guarded)));
  CHECK(on.things() == 2);
  CHECK(server->execute(url, "SELECT count(*) FROM store_writer").value_or("") == "1");
  on.run(on.database->stop());
  CHECK(server->execute(url, "SELECT count(*) FROM store_writer").value_or("") == "0");
}

/// Numbers its drafts, as audit does, and remembers the verdicts.
class CountingSealer final : public Sealer {
 public:
  void begin() override { next_ = committed_; }
  core::Result<std::vector<Statement>> seal(const Draft& draft) override {
    if (draft.record == nullptr) {
      return core::fail(Code::invalid_argument, "an empty draft");
    }
    return std::vector{statement("INSERT INTO sealed (seq) VALUES ($1)", ++next_)};
  }
  void committed() override {
    committed_ = next_;
    ++commits;
  }
  void rolled_back() override { ++rollbacks; }

  std::atomic<int> commits = 0;
  std::atomic<int> rollbacks = 0;

 private:
  std::int64_t committed_ = 0;
  std::int64_t next_ = 0;
};

Unit with_draft(Unit unit) {
  unit.drafts.push_back({core::AccountId{}, std::make_shared<int>(1)});
  return unit;
}

void check_cut_commits(std::optional<Unit::Guard> guard) {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  REQUIRE(server->execute(url, "CREATE TABLE sealed (seq INT8 PRIMARY KEY)"));
  CuttingProxy proxy(server->socket_folder() + "/.s.PGSQL.5432");
  Opened on(proxy.url(name_in(url)));
  CountingSealer sealer;
  on.database->set_sealer(&sealer);
  REQUIRE(on.commit(with_draft(new_thing())));

  const auto commit_cut = [&](CuttingProxy::Cut at) {
    Unit unit = with_draft(new_thing());
    unit.guard = guard;
    proxy.cut_and_refuse(at);
    auto answered = std::async(std::launch::async, [&] { return on.commit(std::move(unit)); });
    CHECK(proxy.wait_until_refused(2));
    // The first attempt to come back has failed: now everybody else is refused at once.
    const auto meanwhile = on.commit(new_thing());
    CHECK(meanwhile.error().code == Code::unavailable);
    CHECK_FALSE(on.database->health().writable);
    CHECK_FALSE(on.database->health().problem.empty());
    proxy.allow();
    return answered.get();
  };

  CHECK(commit_cut(CuttingProxy::Cut::after_commit));
  CHECK(sealer.commits == 2);
  CHECK(sealer.rollbacks == 0);
  CHECK(on.things() == 2);

  const auto lost = commit_cut(CuttingProxy::Cut::before_commit);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().code == Code::unavailable);
  CHECK(sealer.commits == 2);
  CHECK(sealer.rollbacks == 1);
  CHECK(on.things() == 2);

  CHECK(on.database->health().writable);
  REQUIRE(on.commit(with_draft(new_thing())));
  CHECK(server->execute(url, "SELECT max(seq) FROM sealed").value_or("") == "3");
}

TEST_CASE("a commit that was cut off is answered by what the database knows") {
  check_cut_commits(std::nullopt);
}
TEST_CASE("so is one with a guard, which takes two round trips") {
  check_cut_commits(Unit::Guard{statement("SELECT 1"), 1});
}

TEST_CASE("stopping does not wait for a server that is gone") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  CuttingProxy proxy(server->socket_folder() + "/.s.PGSQL.5432");
  Opened on(proxy.url(name_in(url)));
  proxy.cut_and_refuse(CuttingProxy::Cut::after_commit);
  auto answered = std::async(std::launch::async, [&] { return on.commit(new_thing()); });
  CHECK(proxy.wait_until_refused(2));
  on.run(on.database->stop());
  const auto unknown = answered.get();
  REQUIRE_FALSE(unknown);
  // Whether it was stored is not known, and the code says so.
  CHECK(unknown.error().code == Code::deadline_exceeded);
}

TEST_CASE("a draft that cannot be sealed costs only its own unit") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  REQUIRE(server->execute(url, "CREATE TABLE sealed (seq INT8 PRIMARY KEY)"));
  Opened on(url);
  CHECK(on.commit(with_draft(new_thing())).error().code == Code::internal);
  CountingSealer sealer;
  on.database->set_sealer(&sealer);
  Unit bad = with_draft(new_thing());
  bad.drafts.push_back({core::AccountId{}, nullptr});
  auto neighbour = std::async(std::launch::async, [&] {
    return core::testing::run_on(on.loops.at(1),
                                 on.database->commit(with_draft(new_thing()), Durability::strict));
  });
  CHECK(on.commit(std::move(bad)).error().code == Code::invalid_argument);
  CHECK(neighbour.get());
  CHECK(on.things() == 1);
  CHECK(server->execute(url, "SELECT array_agg(seq) FROM sealed").value_or("") == "{1}");
}

TEST_CASE("a commit on one node wakes the listener of another") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const std::string url = new_url(*server);
  Opened one(url);
  Opened two(url);
  std::promise<void> heard;
  std::atomic<int> calls = 0;
  two.database->set_commit_listener([&] {
    if (++calls == 1) {
      heard.set_value();
    }
  });
  Unit unit = new_thing();
  unit.announces = true;
  REQUIRE(one.commit(new_thing()));
  REQUIRE(one.commit(std::move(unit)));
  heard.get_future().get();
  CHECK(calls == 1);

  // A listening session that was lost tells once when it is back, for what it may have missed.
  std::promise<void> again;
  two.database->set_commit_listener([&] {
    if (++calls == 2) {
      again.set_value();
    }
  });
  REQUIRE(server->execute(url,
                          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          "WHERE query LIKE 'LISTEN%' AND datname = current_database()"));
  again.get_future().get();
}

TEST_CASE("nodes that start together migrate once") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const auto url = server->new_database();
  REQUIRE(url);
  std::vector<std::future<std::string>> opened;
  opened.reserve(3);
  for (int i = 0; i < 3; ++i) {
    opened.push_back(std::async(std::launch::async, [&url] {
      core::LoopPool loops(1);
      loops.start();
      auto database = open_at(loops, *url);
      return database ? std::string("opened") : database.error().message;
    }));
  }
  for (auto& one : opened) {
    CHECK(one.get() == "opened");
  }
}

TEST_CASE("a newer schema and a failing migration are refused") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  const auto url = server->new_database();
  REQUIRE(url);
  core::LoopPool loops(1);
  loops.start();
  auto migrations = embedded_migrations(Dialect::postgresql);
  REQUIRE(migrations);
  const auto open_with = [&](std::vector<Migration> known) {
    return core::testing::run_on(loops.at(0),
                                 open(Options{.url = core::Secret(*url),
                                              .clock = &k_clock,
                                              .migrations = std::move(known),
                                              .readers = 1}));
  };
  std::vector<Migration> broken = *migrations;
  broken.push_back({9'000, "broken", "CREATE TABLE half (a INT); SELECT nonsense;", "x"});
  const auto failed = open_with(broken);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.contains("broken"));
  // The failed one left nothing, those before it stay.
  CHECK(server->execute(*url, "SELECT to_regclass('half') IS NULL").value_or("") == "t");
  CHECK(open_with(*migrations));
  REQUIRE(server->execute(*url, "INSERT INTO schema_migration VALUES (9001, 'future', 'x', 1)"));
  CHECK(open_with(*migrations).error().code == Code::failed_precondition);
}

core::Task<void> query_into(Database& database, Statement asked, std::promise<Code>& out) {
  const auto rows = co_await database.query(std::move(asked));
  out.set_value(rows ? Code::internal : rows.error().code);
}

core::Task<void> idle(core::TaskScope& scope) {
  co_await scope.idle();
}

TEST_CASE("a query whose caller is gone runs on without him") {
  PrivatePostgres* const server = server_or_skip();
  if (server == nullptr) {
    return;
  }
  Opened on(new_url(*server));
  std::promise<Code> left;
  std::unique_ptr<core::TaskScope> scope;
  std::promise<void> cancelled;
  on.loops.at(1).post([&] {
    scope = std::make_unique<core::TaskScope>(on.loops.at(1).executor());
    scope->spawn("asks", query_into(*on.database, statement("SELECT pg_sleep(0.2)"), left));
    on.loops.at(1).post([&] {
      scope->cancel();
      cancelled.set_value();
    });
  });
  cancelled.get_future().get();
  CHECK(left.get_future().get() == Code::cancelled);
  core::testing::run_on(on.loops.at(1), idle(*scope));
  CHECK(on.things() == 0);
}

TEST_CASE("a password is in no message") {
  core::LoopPool loops(1);
  loops.start();
  for (const char* url : {"postgresql://me:hunter2@[bad/x",
                          "postgresql://me:hunter2@nowhere.invalid/x",
                          "postgresql://me:hunter2@127.0.0.1:1/x",
                          "postgresql://me:hunter2@/x?host=/nowhere/hunter2",
                          "postgresql://me:hunter2@h/x?bad=hunter2",
                          "hunter2"}) {
    const auto opened = open_at(loops, url);
    REQUIRE_FALSE(opened);
    CAPTURE(opened.error().message);
    CHECK_FALSE(opened.error().message.contains("hunter2"));
    CHECK(opened.error().message.size() > 20);
  }
}

}  // namespace
}  // namespace preloop::store::postgres
