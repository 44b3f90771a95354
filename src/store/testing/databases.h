#pragma once
#include "core/id.h"
#include "core/loop.h"
#include "core/testing/run.h"
#include "store/database.h"

#include <functional>
#include <string>
#include <utility>

namespace preloop::store::testing {

/// A database with the whole schema and nothing in it, on loops of its own.
struct TestDatabase {
  Database& database;
  core::LoopPool& loops;

  /// Runs a coroutine on the first loop and waits for it; from the test's thread.
  template <class T>
  T run(core::Task<T> task) {
    return core::testing::run_on(loops.at(0), std::move(task));
  }
  /// Inserts an account for tables that refer to one.
  core::AccountId make_account();
};

/// Calls `test` with a new SQLite database in a temporary folder and then with a new database on a
/// private PostgreSQL server. A failed check names the database it failed on. Where no server can
/// be started it says so and tests SQLite alone; with PRELOOP_REQUIRE_POSTGRESQL=1 that is a
/// failure.
void for_each_database(const std::function<void(TestDatabase&)>& test);

/// The URL of a new empty database on this process's private PostgreSQL server, which is started by
/// the first call and ends with the process. unavailable when PostgreSQL is not installed.
/// Implemented in private_postgres.cc.
core::Result<std::string> new_postgres_database();

}  // namespace preloop::store::testing
