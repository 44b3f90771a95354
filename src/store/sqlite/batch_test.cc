#include "store/sqlite/batch.h"

#include "store/testing/temp_dir.h"

#include <doctest/doctest.h>

namespace preloop::store::sqlite {
namespace {

/// Numbers records as audit does: from memory, taken back when the transaction is.
class NumberingSealer final : public Sealer {
 public:
  void begin() override {
    log += "begin ";
    next_ = stored_;
  }
  core::Result<std::vector<Statement>> seal(const Draft& draft) override {
    const auto& name = *static_cast<const std::string*>(draft.record.get());
    if (name == "refused") {
      return core::fail(core::Code::invalid_argument, "refused");
    }
    log += "seal:" + name + " ";
    ++next_;
    std::vector<Statement> out;
    out.push_back(statement("INSERT INTO record (seq, name) VALUES ($1, $2)", next_, name));
    return out;
  }
  void committed() override {
    log += "committed ";
    stored_ = next_;
  }
  void rolled_back() override { log += "rolled_back "; }

  std::string log;

 private:
  std::int64_t stored_ = 0;
  std::int64_t next_ = 0;
};

Draft draft(std::string name) {
  return {core::AccountId{}, std::make_shared<const std::string>(std::move(name))};
}
Unit put(const std::string& name, std::int64_t value = 0) {
  Unit unit;
  unit.add(statement("INSERT INTO thing (name, value) VALUES ($1, $2)", name, value));
  return unit;
}

struct Fixture {
  Fixture() {
    auto opened = Connection::open(folder / "test.db", Role::writer);
    REQUIRE(opened);
    connection = std::move(*opened);
    REQUIRE(connection->script(
        "CREATE TABLE thing (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
        "CREATE TABLE record (seq INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> 'bad'));"
        "CREATE TABLE child (thing TEXT REFERENCES thing (name) DEFERRABLE INITIALLY DEFERRED);"));
  }
  /// One letter per unit: + committed, a aborted, e another error, ? no outcome.
  std::string run(const std::vector<Unit>& units) {
    std::vector<BatchItem> items;
    items.reserve(units.size());
    for (const Unit& unit : units) {
      items.push_back({&unit, std::nullopt});
    }
    status = run_batch(*connection, &sealer, items);
    std::string out;
    for (const BatchItem& item : items) {
      out += !item.outcome                                       ? '?'
             : item.outcome->has_value()                         ? '+'
             : item.outcome->error().code == core::Code::aborted ? 'a'
                                                                 : 'e';
    }
    CHECK_FALSE(connection->in_transaction());
    return out;
  }
  std::string list(Sql sql) {
    const auto rows = connection->query(Statement{sql, {}});
    REQUIRE(rows);
    std::string out;
    for (const Row& row : *rows) {
      out += RowReader(row).text() + " ";
    }
    return out;
  }
  std::string things() { return list("SELECT name FROM thing ORDER BY name"); }
  std::string records() { return list("SELECT seq || name FROM record ORDER BY seq"); }

  testing::TempDir folder;
  std::unique_ptr<Connection> connection;
  NumberingSealer sealer;
  core::Status status;
};

TEST_CASE("a batch without drafts never calls the sealer") {
  Fixture f;
  CHECK(f.run({put("a"), put("b")}) == "++");
  CHECK(f.status);
  CHECK(f.sealer.log.empty());
}

TEST_CASE("drafts are sealed in order, only of units that held") {
  Fixture f;
  Unit lost = put("lost");
  lost.guard = {statement("UPDATE thing SET value = 1 WHERE name = 'nobody'"), 1};
  lost.drafts.push_back(draft("lost"));
  Unit first = put("a");
  first.drafts = {draft("one"), draft("two")};
  Unit last = put("b");
  last.drafts = {draft("three")};
  CHECK(f.run({first, lost, last}) == "+a+");
  CHECK(f.sealer.log == "begin seal:one seal:two seal:three committed ");
  CHECK(f.records() == "1one 2two 3three ");
  CHECK(f.things() == "a b ");
}

TEST_CASE("a record that cannot be stored leaves no hole in the chain") {
  Fixture f;
  Unit good = put("a");
  good.drafts = {draft("one")};
  Unit bad = put("b");
  bad.drafts = {draft("half"), draft("bad")};
  Unit refused = put("c");
  refused.drafts = {draft("refused")};
  Unit after = put("d");
  after.drafts = {draft("two")};
  CHECK(f.run({good, bad, refused, after}) == "+ee+");
  CHECK(f.records() == "1one 2two ");
  CHECK(f.things() == "a d ");
}

TEST_CASE("a failing unit sees what an earlier one of its batch wrote") {
  Fixture f;
  CHECK(f.run({put("a"), put("a"), put("b")}) == "+e+");
  CHECK(f.things() == "a b ");
}

TEST_CASE("a guard that touched too much is undone, its neighbours stay") {
  Fixture f;
  Unit greedy = put("c");
  greedy.guard = {statement("UPDATE thing SET value = 9"), 1};
  CHECK(f.run({put("a", 1), put("b", 1), greedy, put("d", 1)}) == "++a+");
  CHECK(f.list("SELECT CAST(sum(value) AS TEXT) FROM thing") == "3 ");
}

TEST_CASE("many failing units, and one that fails at COMMIT only") {
  Fixture f;
  REQUIRE(f.run({put("taken")}) == "+");
  std::vector<Unit> units;
  std::string wanted;
  for (int i = 0; i < 40; ++i) {
    const bool bad = i % 3 == 1;
    units.push_back(put(bad ? "taken" : "n" + std::to_string(i)));
    wanted += bad ? 'e' : '+';
  }
  Unit orphan;
  orphan.add(statement("INSERT INTO child (thing) VALUES ('nobody')"));
  units.push_back(orphan);
  units.push_back(put("last"));
  CHECK(f.run(units) == wanted + "e+");
  CHECK(f.run({orphan, put("later")}) == "e+");
  CHECK(f.list("SELECT CAST(count(*) AS TEXT) FROM thing") == "30 ");
}

TEST_CASE("drafts without a sealer fail their unit alone") {
  Fixture f;
  Unit unit = put("a");
  unit.drafts = {draft("one")};
  Unit other = put("b");
  std::vector<BatchItem> items{{&unit, std::nullopt}, {&other, std::nullopt}};
  REQUIRE(run_batch(*f.connection, nullptr, items));
  CHECK(items[0].outcome->error().code == core::Code::failed_precondition);
  CHECK(items[1].outcome->has_value());
}

TEST_CASE("statements are prepared once and take parameters in any order") {
  Fixture f;
  const std::size_t before = f.connection->cached_statements();
  for (int i = 0; i < 10; ++i) {
    REQUIRE(f.connection->execute(
        statement("INSERT INTO thing (value, name) VALUES ($2, $1)", std::to_string(i), i)));
  }
  CHECK(f.connection->cached_statements() == before + 1);
  CHECK(f.list("SELECT name FROM thing WHERE value = 7") == "7 ");
  CHECK(*f.connection->execute(statement("UPDATE thing SET value = $1 WHERE value = $1", 1)) == 1);
}

TEST_CASE("wrong placeholders and second statements are errors") {
  Fixture f;
  const auto code = [&](const Statement& bad) {
    const auto done = f.connection->execute(bad);
    return done ? core::Code::not_found : done.error().code;
  };
  CHECK(code(statement("SELECT $1::text", "a")) == core::Code::internal);
  CHECK(code(statement("SELECT ?", "a")) == core::Code::internal);
  CHECK(code(statement("SELECT $2", "a")) == core::Code::internal);
  CHECK(code(statement("SELECT $1", "a", "b")) == core::Code::internal);
  CHECK(code(statement("SELECT 1; DELETE FROM thing")) == core::Code::internal);
  CHECK(code(statement("")) == core::Code::internal);
  CHECK_FALSE(f.connection->query(statement("SELECT 1.5")));
}

}  // namespace
}  // namespace preloop::store::sqlite
