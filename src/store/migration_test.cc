#include "store/migration.h"

#include <doctest/doctest.h>

namespace preloop::store {
namespace {

std::vector<Migration> known(std::initializer_list<int> numbers) {
  std::vector<Migration> out;
  for (const int number : numbers) {
    out.push_back({number, "step", "SELECT 1", "sum" + std::to_string(number)});
  }
  return out;
}
std::vector<AppliedMigration> applied(std::initializer_list<int> numbers) {
  std::vector<AppliedMigration> out;
  for (const int number : numbers) {
    out.push_back({number, "step", "sum" + std::to_string(number)});
  }
  return out;
}
std::string refusal(const std::vector<AppliedMigration>& have,
                    const std::vector<Migration>& available) {
  const auto planned = plan_migrations(have, available);
  REQUIRE_FALSE(planned);
  CHECK(planned.error().code == core::Code::failed_precondition);
  return planned.error().message;
}

TEST_CASE("the plan is what is not applied, in order") {
  CHECK(plan_migrations(applied({}), known({1, 2}))->size() == 2);
  CHECK(plan_migrations(applied({1}), known({1, 2, 3}))->front().number == 2);
  CHECK(plan_migrations(applied({1, 2}), known({1, 2}))->empty());
}

TEST_CASE("a newer, changed, unknown or incomplete schema is refused") {
  CHECK(refusal(applied({1, 2}), known({1})).contains("newer version"));
  auto changed = applied({1});
  changed.front().checksum = "other";
  CHECK(refusal(changed, known({1, 2})).contains("other contents"));
  CHECK(refusal(applied({1, 3}), known({1, 2, 3})).contains("0002_step is missing"));
  CHECK(refusal(applied({1, 2, 3}), known({1, 3})).contains("0002_step, which"));
}

TEST_CASE("file names are NNNN_name.dialect.sql and numbers are unique") {
  const core::EmbeddedFile good[] = {
      {"0002_b.sqlite.sql", "B"}, {"0001_a_c.sqlite.sql", "A"}, {"0001_a_c.postgresql.sql", "P"}};
  const auto read = read_migrations(good, Dialect::sqlite);
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK(read->front().number == 1);
  CHECK(read->front().name == "a_c");
  CHECK(read->front().checksum.size() == 64);
  for (const char* name : {"1_a.sqlite.sql",
                           "00001_a.sqlite.sql",
                           "0000_a.sqlite.sql",
                           "0001.sqlite.sql",
                           "0001_.sqlite.sql",
                           "-001_a.sqlite.sql"}) {
    CAPTURE(name);
    const core::EmbeddedFile bad[] = {{name, ""}};
    CHECK_FALSE(read_migrations(bad, Dialect::sqlite));
  }
  const core::EmbeddedFile twice[] = {{"0001_a.sqlite.sql", ""}, {"0001_b.sqlite.sql", ""}};
  CHECK_FALSE(read_migrations(twice, Dialect::sqlite));
}

TEST_CASE("both dialects have the same steps") {
  const auto sqlite = embedded_migrations(Dialect::sqlite);
  const auto postgresql = embedded_migrations(Dialect::postgresql);
  REQUIRE(sqlite);
  REQUIRE(postgresql);
  REQUIRE(sqlite->size() == postgresql->size());
  for (std::size_t i = 0; i < sqlite->size(); ++i) {
    CHECK(sqlite->at(i).number == postgresql->at(i).number);
    CHECK(sqlite->at(i).name == postgresql->at(i).name);
  }
}

}  // namespace
}  // namespace preloop::store
