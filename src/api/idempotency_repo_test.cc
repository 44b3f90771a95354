#include "api/idempotency_repo.h"

#include "core/testing/fake_clock.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

namespace preloop::api {
namespace {

using store::testing::TestDatabase;

core::Status begin(TestDatabase& test,
                   const IdempotencyRepo& repo,
                   const std::string& key,
                   const KeptAnswer& answer,
                   core::WallTime now) {
  store::Unit unit;
  unit.guard = store::Unit::Guard{repo.begin("ana", key, answer, now)};
  return test.run(test.database.commit(std::move(unit), store::Durability::standard));
}
void commit(TestDatabase& test, store::Statement statement) {
  store::Unit unit;
  unit.add(std::move(statement));
  REQUIRE(test.run(test.database.commit(std::move(unit), store::Durability::standard)));
}

TEST_CASE("a key is taken once, answered, forgotten") {
  store::testing::for_each_database([](TestDatabase& test) {
    core::testing::FakeClock clock;
    const IdempotencyRepo repo(test.database, test.make_account());
    const IdempotencyRepo elsewhere(test.database, test.make_account());
    const KeptAnswer asked{
        .route = "POST /x", .body_hash = core::sha256("body"), .status = {}, .body = {}};
    REQUIRE(begin(test, repo, "k", asked, clock.wall()));
    CHECK(begin(test, repo, "k", asked, clock.wall()).error().code == core::Code::aborted);
    CHECK(begin(test, repo, "other", asked, clock.wall()));
    CHECK(begin(test, elsewhere, "k", asked, clock.wall()));

    auto kept = test.run(repo.find("ana", "k"));
    REQUIRE_MESSAGE(kept, kept.error().message);
    REQUIRE(*kept);
    CHECK((*kept)->route == asked.route);
    CHECK((*kept)->body_hash == asked.body_hash);
    CHECK_FALSE((*kept)->status);
    CHECK_FALSE(*test.run(repo.find("bo", "k")));

    commit(test, repo.finish("ana", "k", 201, "\n{}"));
    kept = test.run(repo.find("ana", "k"));
    CHECK((*kept)->status == 201);
    CHECK((*kept)->body == "\n{}");
    commit(test, repo.forget("ana", "other"));
    CHECK_FALSE(*test.run(repo.find("ana", "other")));
    commit(test, repo.forget_before(clock.wall()));
    CHECK(*test.run(repo.find("ana", "k")));
    commit(test, repo.forget_before(clock.wall() + core::microseconds(1)));
    CHECK_FALSE(*test.run(repo.find("ana", "k")));
    CHECK(*test.run(elsewhere.find("ana", "k")));
  });
}

}  // namespace
}  // namespace preloop::api
