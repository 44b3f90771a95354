#include "store/testing/databases.h"

#include "store/factory.h"
#include "store/testing/temp_dir.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace preloop::store::testing {
namespace {

core::Task<void> stop(Database& database) {
  co_await database.stop();
}

void test_one(OpenOptions options, const std::function<void(TestDatabase&)>& test) {
  core::LoopPool loops(2);
  loops.start();
  auto opened = core::testing::run_on(loops.at(0), open_database(std::move(options)));
  if (!opened) {
    FAIL("cannot open the database: " << opened.error().message);
    return;
  }
  INFO("database: " << std::string((*opened)->dialect()));
  TestDatabase given{**opened, loops};
  // Also when a check of the test ends it with an exception: loops and threads must wind down.
  struct Stop {
    TestDatabase& given;
    ~Stop() { given.run(stop(given.database)); }
  } const stopping{given};
  test(given);
}

}  // namespace

core::AccountId TestDatabase::make_account() {
  const core::WallTime now = core::SystemClock{}.wall();
  const auto id = core::AccountId::make(now);
  Unit unit;
  unit.add(
      statement("INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3)", id, "Test", now));
  const core::Status done = run(database.commit(std::move(unit), Durability::standard));
  REQUIRE_MESSAGE(done.has_value(), done.error().message);
  return id;
}

void for_each_database(const std::function<void(TestDatabase&)>& test) {
  {
    const TempDir folder;
    test_one({.data_dir = folder.path()}, test);
  }
#ifdef PRELOOP_PRIVATE_POSTGRES
  const auto url = new_postgres_database();
  if (!url) {
    const char* const required = std::getenv("PRELOOP_REQUIRE_POSTGRESQL");
    if (required != nullptr && std::string(required) == "1") {
      FAIL("no PostgreSQL to test with: " << url.error().message);
    }
    MESSAGE("NOT TESTED ON POSTGRESQL: " << url.error().message);
    return;
  }
  const TempDir folder;
  test_one({.data_dir = folder.path(), .database_url = core::Secret(*url)}, test);
#else
  MESSAGE("NOT TESTED ON POSTGRESQL: built without a private server");
#endif
}

}  // namespace preloop::store::testing
