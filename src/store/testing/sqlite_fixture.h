#pragma once
#include "core/loop.h"
#include "core/testing/run.h"
#include "store/database.h"
#include "store/sqlite/sqlite_database.h"
#include "store/testing/temp_dir.h"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace preloop::store::testing {

/// For tests: a SQLite database in a folder of its own (or in `data_dir`) with two loops.
struct SqliteFixture {
  explicit SqliteFixture(const std::string& data_dir = "") : loops(2) {
    loops.start();
    auto opened = sqlite::open({.data_dir = data_dir.empty() ? folder.path() : data_dir});
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    database = std::move(*opened);
  }
  ~SqliteFixture() {
    if (database) {
      stop();
    }
  }
  SqliteFixture(const SqliteFixture&) = delete;
  SqliteFixture& operator=(const SqliteFixture&) = delete;

  template <class T>
  T run(core::Task<T> task) {
    return core::testing::run_on(loops.at(0), std::move(task));
  }
  void stop() { run(database->stop()); }

  core::Status commit(Unit unit, Durability durability = Durability::standard) {
    return run(database->commit(std::move(unit), durability));
  }
  /// The only cell of a query, which must succeed.
  Value cell(Statement statement) {
    const auto rows = run(database->query(std::move(statement)));
    REQUIRE_MESSAGE(rows.has_value(), rows.error().message);
    REQUIRE(rows->size() == 1);
    return rows->front().front();
  }
  std::int64_t count_events() {
    return std::get<std::int64_t>(cell(statement("SELECT count(*) FROM event")));
  }

  /// Queues units without waiting; the futures hold the outcomes.
  std::vector<std::future<core::Status>> queue(std::vector<Unit> units,
                                               Durability durability = Durability::standard) {
    std::vector<std::future<core::Status>> out;
    for (std::size_t i = 0; i < units.size(); ++i) {
      auto promise = std::make_shared<std::promise<core::Status>>();
      out.push_back(promise->get_future());
      core::testing::detail::start(
          loops.at(i), fulfil(*database, std::move(units[i]), durability, promise), [](auto) {});
    }
    return out;
  }

  TempDir folder;
  core::LoopPool loops;
  std::unique_ptr<Database> database;

 private:
  static core::Task<void> fulfil(Database& database,
                                 Unit unit,
                                 Durability durability,
                                 std::shared_ptr<std::promise<core::Status>> promise) {
    promise->set_value(co_await database.commit(std::move(unit), durability));
  }
};

/// Waits for what another thread brings about; fails the test after half a minute.
template <class Condition>
void until(Condition condition) {
  const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > late) {
      FAIL("waited for half a minute");
    }
    std::this_thread::yield();
  }
}

/// A unit that inserts one event; its ref is `ref`.
inline Unit event_unit(std::string_view ref = "r") {
  Unit unit;
  unit.add(statement("INSERT INTO event (account, kind, ref, at) VALUES ($1, $2, $3, $4)",
                     core::AccountId{},
                     "test",
                     ref,
                     0));
  return unit;
}

}  // namespace preloop::store::testing
