#include "store/testing/databases.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

namespace preloop::store {
namespace {

using testing::for_each_database;
using testing::TestDatabase;

Statement insert_setting(const core::AccountId& account,
                         std::string_view name,
                         std::string_view v) {
  return statement(
      "INSERT INTO setting (account, name, value) VALUES ($1, $2, $3)", account, name, v);
}
Unit unit_of(Statement one) {
  Unit unit;
  unit.add(std::move(one));
  return unit;
}
/// "a=1 b=2": every setting of the account.
std::string settings(TestDatabase& on, const core::AccountId& account) {
  const auto rows = on.run(on.database.query(
      statement("SELECT name, value FROM setting WHERE account = $1 ORDER BY name", account)));
  REQUIRE_MESSAGE(rows.has_value(), rows.error().message);
  std::string out;
  for (const Row& row : *rows) {
    RowReader read(row);
    out += (out.empty() ? "" : " ") + read.text();
    out += "=" + read.text();
    REQUIRE(read.status());
  }
  return out;
}
core::Status commit(TestDatabase& on, Unit unit, Durability durability = Durability::standard) {
  return on.run(on.database.commit(std::move(unit), durability));
}

TEST_CASE("values come back as they went in") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    const std::string text = "Grüße \U0001F680 'quoted'; --";
    Unit unit;
    unit.add(
        statement("INSERT INTO idempotency (account, principal, key, route, body_hash, "
                  "status, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                  account,
                  "p",
                  text,
                  "",
                  Blob{std::string("\0\xff\x01", 3)},
                  null(),
                  std::optional<std::string>(),
                  std::int64_t{-9'007'199'254'740'993}));
    REQUIRE(commit(on, std::move(unit)));
    const auto rows = on.run(on.database.query(
        statement("SELECT account, key, route, body_hash, status, body, created_at, 1 FROM "
                  "idempotency WHERE account = $1 AND key = $2",
                  account,
                  text)));
    REQUIRE(rows);
    REQUIRE(rows->size() == 1);
    RowReader read(rows->front());
    CHECK(read.id<core::AccountId>() == account);
    CHECK(read.text() == text);
    CHECK(read.text().empty());
    CHECK(read.blob() == std::string("\0\xff\x01", 3));
    CHECK_FALSE(read.optional_integer());
    CHECK_FALSE(read.optional_text());
    CHECK(read.integer() == -9'007'199'254'740'993);
    CHECK(read.boolean());
    CHECK(read.status());
    CHECK(read.text().empty());
    CHECK(read.status().error().code == core::Code::data_loss);
  });
}

TEST_CASE("a guard that does not hold skips its unit with aborted") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    REQUIRE(commit(on, unit_of(insert_setting(account, "state", "pending"))));
    const auto decide = [&](std::string_view to) {
      Unit unit;
      unit.guard = {statement("UPDATE setting SET value = $1 WHERE account = $2 AND name = 'state' "
                              "AND value = 'pending'",
                              to,
                              account),
                    1};
      unit.add(insert_setting(account, "decided", to));
      return unit;
    };
    CHECK(commit(on, decide("approved"), Durability::strict));
    CHECK(commit(on, decide("declined")).error().code == core::Code::aborted);
    CHECK(settings(on, account) == "decided=approved state=approved");
  });
}

TEST_CASE("a guard that touched too many rows leaves nothing behind") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    REQUIRE(commit(on, unit_of(insert_setting(account, "a", "1"))));
    REQUIRE(commit(on, unit_of(insert_setting(account, "b", "1"))));
    Unit unit;
    unit.guard = {statement("UPDATE setting SET value = '2' WHERE account = $1", account), 1};
    CHECK(commit(on, std::move(unit)).error().code == core::Code::aborted);
    CHECK(settings(on, account) == "a=1 b=1");
  });
}

TEST_CASE("a guard may read") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    Unit unit = unit_of(insert_setting(account, "a", "1"));
    unit.guard = {statement("SELECT 1 FROM account WHERE id = $1", account), 1};
    CHECK(commit(on, unit));
    unit.guard->expected_rows = 0;
    CHECK(commit(on, unit).error().code == core::Code::aborted);
    CHECK(settings(on, account) == "a=1");
  });
}

TEST_CASE("errors say whose fault it is") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    REQUIRE(commit(on, unit_of(insert_setting(account, "a", "1"))));
    CHECK(commit(on, unit_of(insert_setting(account, "a", "2"))).error().code ==
          core::Code::already_exists);
    CHECK(commit(on, unit_of(insert_setting(core::AccountId{}, "a", "2"))).error().code ==
          core::Code::failed_precondition);
    CHECK_FALSE(commit(on, unit_of(statement("INSERT INTO nowhere VALUES (1)"))));
    CHECK_FALSE(on.run(on.database.query(statement("SELECT nothing FROM account"))));
    CHECK_FALSE(on.run(on.database.query(statement("SELECT 1 WHERE 1 = CAST($1 AS BIGINT)"))));
    CHECK(settings(on, account) == "a=1");
    CHECK(on.database.health().writable);
  });
}

core::Task<void> commit_into(Database& database, Unit unit, core::Status& out) {
  out = co_await database.commit(std::move(unit), Durability::standard);
}
/// Queues all units at once, so that they share batches.
std::vector<core::Status> commit_together(TestDatabase& on, std::vector<Unit> units) {
  std::vector<core::Status> out(units.size());
  std::vector<std::future<void>> done;
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    core::testing::detail::start(on.loops.at(i),
                                 commit_into(on.database, std::move(units[i]), out[i]),
                                 [promise](std::exception_ptr) { promise->set_value(); });
  }
  for (auto& one : done) {
    one.get();
  }
  return out;
}

TEST_CASE("units that fail never cost their neighbours anything") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    REQUIRE(commit(on, unit_of(insert_setting(account, "taken", "1"))));
    std::vector<Unit> units;
    for (int i = 0; i < 400; ++i) {
      Unit unit = unit_of(insert_setting(account, "n" + std::to_string(i), "1"));
      if (i % 7 == 3) {
        unit.add(insert_setting(account, "taken", "2"));
      } else if (i % 7 == 5) {
        unit.guard = {
            statement("UPDATE setting SET value = '3' WHERE account = $1 AND name = ''", account),
            1};
      }
      units.push_back(std::move(unit));
    }
    const auto outcomes = commit_together(on, std::move(units));
    std::size_t held = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      CAPTURE(i);
      if (i % 7 == 3) {
        REQUIRE_FALSE(outcomes[i]);
        CHECK(outcomes[i].error().code == core::Code::already_exists);
      } else if (i % 7 == 5) {
        REQUIRE_FALSE(outcomes[i]);
        CHECK(outcomes[i].error().code == core::Code::aborted);
      } else {
        CHECK(outcomes[i]);
        ++held;
      }
    }
    const auto rows = on.run(
        on.database.query(statement("SELECT count(*) FROM setting WHERE account = $1", account)));
    REQUIRE(rows);
    CHECK(RowReader(rows->front()).integer() == static_cast<std::int64_t>(held) + 1);
  });
}

TEST_CASE("announcing units wake the listener, others do not") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    std::atomic<int> calls = 0;
    on.database.set_commit_listener([&calls] { ++calls; });
    REQUIRE(commit(on, unit_of(insert_setting(account, "quiet", "1"))));
    Unit unit =
        unit_of(statement("INSERT INTO event (account, kind, ref, at) VALUES ($1, $2, $3, $4)",
                          account,
                          "k",
                          "r",
                          1));
    unit.announces = true;
    REQUIRE(commit(on, unit));
    on.run(on.database.stop());
    CHECK(calls == 1);
  });
}

TEST_CASE("after stop work is refused and what was queued is written") {
  for_each_database([](TestDatabase& on) {
    const core::AccountId account = on.make_account();
    on.run(on.database.stop());
    on.run(on.database.stop());
    CHECK(commit(on, unit_of(insert_setting(account, "a", "1"))).error().code ==
          core::Code::unavailable);
    CHECK(on.run(on.database.query(statement("SELECT 1"))).error().code == core::Code::unavailable);
    CHECK_FALSE(on.database.health().writable);
  });
}

}  // namespace
}  // namespace preloop::store
