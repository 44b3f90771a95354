#include "events/feed.h"

#include "core/testing/fake_clock.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace preloop::events {
namespace {

using store::testing::TestDatabase;

/// A feed on a database. Subscriptions live on the first loop.
struct Live {
  explicit Live(TestDatabase& database, FeedLimits limits = {})
      : on(database), account(on.make_account()), feed(on.database, on.loops, clock, limits) {
    feed.start();
  }
  ~Live() { on.run(feed.stop()); }

  void write(std::string_view ref, int count = 1) {
    store::Unit unit;
    for (int i = 0; i < count; ++i) {
      announce(unit, account, Kind::tool_updated, ref, clock.wall());
    }
    REQUIRE(on.run(on.database.commit(std::move(unit), store::Durability::standard)));
  }
  std::unique_ptr<Subscription> subscribe(std::optional<std::int64_t> after = {}) {
    auto made = on.run(feed.subscribe(account, after));
    REQUIRE_MESSAGE(made, made.error().message);
    return std::move(*made);
  }
  std::optional<Event> next(Subscription& reader) { return on.run(reader.next()); }
  /// Subscriptions go on their loop.
  void drop(std::unique_ptr<Subscription> reader) { on.run(destroy(std::move(reader))); }
  bool resets(std::int64_t after) {
    auto reader = subscribe(after);
    const bool out = reader->was_reset();
    drop(std::move(reader));
    return out;
  }
  static core::Task<void> destroy(std::unique_ptr<Subscription> reader) {
    reader.reset();
    co_return;
  }

  TestDatabase& on;
  core::testing::FakeClock clock;
  core::AccountId account;
  Feed feed;
};

void for_each_feed(const std::function<void(Live&)>& test, FeedLimits limits = {}) {
  store::testing::for_each_database([&](TestDatabase& on) {
    Live live(on, limits);
    test(live);
  });
}

/// Only what wakes us counts: no poll within a test's time.
FeedLimits no_poll() {
  FeedLimits limits;
  limits.poll = std::chrono::hours(1);
  return limits;
}

TEST_CASE("what is committed is delivered, in order, to every reader") {
  for_each_feed([](Live& live) {
    auto one = live.subscribe(), two = live.subscribe();
    for (const char* ref : {"a", "b", "c"}) {
      live.write(ref);
    }
    for (Subscription* reader : {one.get(), two.get()}) {
      std::int64_t last = 0;
      for (const char* ref : {"a", "b", "c"}) {
        const auto event = live.next(*reader);
        REQUIRE(event);
        CHECK(event->ref == ref);
        CHECK(event->kind == "tool.updated");
        CHECK(event->seq > last);
        CHECK(reader->position() == event->seq);
        last = event->seq;
      }
    }
    live.drop(std::move(one));
    live.write("d");
    CHECK(live.next(*two)->ref == "d");
    live.drop(std::move(two));
  });
}

TEST_CASE("a commit wakes a waiting reader without a poll") {
  // SQLite alone: on PostgreSQL a row can wait for a stranger's transaction, then the poll finds
  // it.
  store::testing::for_each_database([](TestDatabase& on) {
    if (on.database.dialect() != "sqlite") {
      return;
    }
    Live live(on, no_poll());
    auto reader = live.subscribe();
    live.write("a");
    CHECK(live.next(*reader)->ref == "a");
    live.write("b");
    CHECK(live.next(*reader)->ref == "b");
    live.drop(std::move(reader));
  });
}

TEST_CASE("a reader that comes back gets what it missed, once") {
  for_each_feed([](Live& live) {
    auto first = live.subscribe();
    live.write("seen");
    const auto seen = live.next(*first);
    REQUIRE(seen);
    live.drop(std::move(first));
    live.write("missed", 600);  // more than a page
    live.write("last");
    auto again = live.subscribe(seen->seq);
    CHECK_FALSE(again->was_reset());
    int missed = 0;
    std::int64_t last = seen->seq;
    for (auto event = live.next(*again); event; event = live.next(*again)) {
      CHECK(event->seq > last);
      last = event->seq;
      if (event->ref == "last") {
        break;
      }
      ++missed;
    }
    CHECK(missed == 600);
    live.write("live");
    CHECK(live.next(*again)->ref == "live");
    live.drop(std::move(again));
  });
}

TEST_CASE("accounts do not see each other's events") {
  for_each_feed([](Live& live) {
    auto reader = live.subscribe();
    store::Unit unit;
    announce(unit, live.on.make_account(), Kind::key_updated, "foreign", live.clock.wall());
    REQUIRE(live.on.run(live.on.database.commit(std::move(unit), store::Durability::standard)));
    live.write("own");
    CHECK(live.next(*reader)->ref == "own");
    live.drop(std::move(reader));
  });
}

TEST_CASE("a reader that falls out of the ring is cut and resumes by its last id") {
  FeedLimits limits;
  limits.ring = 4;
  for_each_feed(
      [](Live& live) {
        auto slow = live.subscribe(), fast = live.subscribe();
        live.write("first");
        CHECK(live.next(*slow)->ref == "first");
        CHECK(live.next(*fast)->ref == "first");
        for (int i = 0; i < 10; ++i) {
          live.write(std::to_string(i));
          CHECK(live.next(*fast)->ref == std::to_string(i));
        }
        CHECK_FALSE(live.next(*slow));
        CHECK(slow->end() == Subscription::End::slow);
        auto resumed = live.subscribe(slow->position());
        for (int i = 0; i < 10; ++i) {
          CHECK(live.next(*resumed)->ref == std::to_string(i));
        }
        live.drop(std::move(slow));
        live.drop(std::move(fast));
        live.drop(std::move(resumed));
      },
      limits);
}

TEST_CASE("an id that is not kept any more, or never was, is a reset") {
  for_each_feed([](Live& live) {
    auto reader = live.subscribe();
    live.write("old");
    const auto old = live.next(*reader);
    REQUIRE(old);
    live.write("older than a day");
    const auto second = live.next(*reader);
    live.clock.advance(core::seconds(24 * 3600 + 1));
    live.write("new");
    const auto fresh = live.next(*reader);
    REQUIRE(live.on.run(live.feed.apply_retention()));
    CHECK(live.resets(old->seq));
    auto at_floor = live.subscribe(second->seq);
    CHECK_FALSE(at_floor->was_reset());
    CHECK(live.next(*at_floor)->ref == "new");
    auto beyond = live.subscribe(fresh->seq + 1'000'000'000'000);
    CHECK(beyond->was_reset());
    CHECK(beyond->position() == fresh->seq);
    live.drop(std::move(beyond));
    live.drop(std::move(at_floor));
    // All are gone: the last id of then is still a place.
    live.clock.advance(core::seconds(48 * 3600));
    REQUIRE(live.on.run(live.feed.apply_retention()));
    CHECK_FALSE(live.resets(fresh->seq));
    live.write("after");
    CHECK(live.next(*reader)->ref == "after");
    live.drop(std::move(reader));
  });
}

TEST_CASE("no more than the newest are kept") {
  FeedLimits limits;
  limits.keep_count = 10;
  for_each_feed(
      [](Live& live) {
        auto reader = live.subscribe();
        live.write("x", 2500);
        const auto first = live.next(*reader);
        REQUIRE(live.on.run(live.feed.apply_retention()));
        const auto rows = live.on.run(live.on.database.query(
            store::statement("SELECT count(*) FROM event WHERE account = $1", live.account)));
        CHECK(store::RowReader(rows->at(0)).integer() == 10);
        CHECK(live.resets(first->seq));
        live.drop(std::move(reader));
      },
      limits);
}

TEST_CASE("stopping ends waiting readers") {
  store::testing::for_each_database([](TestDatabase& on) {
    std::unique_ptr<Subscription> reader;
    {
      Live live(on);
      reader = live.subscribe();
      on.run(live.feed.stop());
      CHECK_FALSE(live.next(*reader));
      CHECK(reader->end() == Subscription::End::closed);
      CHECK(on.run(live.feed.subscribe(live.account, {})).error().code == core::Code::unavailable);
      live.drop(std::move(reader));
    }
  });
}

// Regression: with a plain sequence the transaction that began later can get the lower number, and
// the reader that has passed the higher one never sees it.
TEST_CASE("PostgreSQL numbers follow the order in which rows become readable") {
  store::testing::for_each_database([](TestDatabase& on) {
    if (on.database.dialect() != "postgresql") {
      return;
    }
    Live live(on);
    live.write("a", 3);
    live.write("b");
    const auto rows = on.run(on.database.query(store::statement(
        "SELECT seq >> 20, written_by::text::bigint FROM event WHERE account = $1", live.account)));
    REQUIRE(rows);
    REQUIRE(rows->size() == 4);
    for (const store::Row& row : *rows) {
      store::RowReader read(row);
      const std::int64_t in_front = read.integer();
      CHECK(in_front == read.integer());
    }
  });
}

}  // namespace
}  // namespace preloop::events
