#include "audit/keeper.h"

#include "audit/testing/stored_log.h"
#include "store/testing/temp_dir.h"

#include <doctest/doctest.h>

namespace preloop::audit {
namespace {

using testing::for_each_log;
using testing::StoredLog;

struct Kept {
  explicit Kept(StoredLog& stored, RetentionRules retention = {}, QuotaRules quota = {})
      : log(stored),
        keeper({log.on.database,
                log.repo,
                *log.sealer,
                log.key,
                log.clock,
                offload,
                dir.path(),
                "http://test",
                retention,
                quota}) {}
  StoredLog& log;
  store::testing::TempDir dir;
  core::Offload offload{1};
  Keeper keeper;
};

std::size_t count(StoredLog& log, store::Sql sql) {
  const auto rows = log.on.run(log.on.database.query(store::statement(sql, log.account)));
  REQUIRE(rows);
  return static_cast<std::size_t>(store::RowReader(rows->at(0)).integer());
}
std::size_t heads(StoredLog& log) {
  return count(log, "SELECT count(*) FROM audit_head WHERE account = $1");
}

TEST_CASE("heads are signed when there is something new") {
  for_each_log([](StoredLog& log) {
    Kept kept(log);
    REQUIRE(log.on.run(kept.keeper.prepare()));
    REQUIRE(log.on.run(kept.keeper.sign_heads()));
    CHECK(heads(log) == 0);
    log.call("1");
    REQUIRE(log.on.run(kept.keeper.sign_heads()));
    REQUIRE(log.on.run(kept.keeper.sign_heads()));
    CHECK(heads(log) == 1);
    log.call("2");
    log.on.run(kept.keeper.stop());
    CHECK(heads(log) == 2);
    CHECK(log.on.run(log.repo.keys())->at(0).public_key == log.key.public_key());
    CHECK(log.verified().verdict == Verdict::intact);
    // A tail cut behind a stored head shows even in another process, which knows no more.
    log.execute(
        store::statement("DELETE FROM audit_record WHERE account = $1 AND seq > 2", log.account));
    log.restart();
    CHECK(log.verified().verdict == Verdict::incomplete);
  });
}

TEST_CASE("the next process signs where the last one ended") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    log.restart();
    Kept kept(log);
    REQUIRE(log.on.run(kept.keeper.prepare()));
    CHECK(heads(log) == 1);
    log.call("2");
    CHECK(log.verified().verdict == Verdict::intact);
  });
}

TEST_CASE("retention deletes a prefix and the export says so") {
  for_each_log([](StoredLog& log) {
    for (int i = 0; i < 3; ++i) {
      log.call("old");
    }
    log.restart();
    log.call("old too");
    log.clock.advance(core::seconds(10 * 24 * 3600));
    log.call("new");
    Kept kept(log, {.record_days = 7, .payload_days = 0, .blob_days = 0});
    REQUIRE(log.on.run(kept.keeper.apply_retention()));
    const Report report = log.verified({.include = ExportOptions::Include::payloads});
    CHECK(report.verdict == Verdict::intact);
    CHECK(report.records == 2);  // the new call and retention.applied
    CHECK(report.notes.size() == 2);
    CHECK(report.payloads_checked == 1);
    CHECK(count(log, "SELECT count(*) FROM audit_payload WHERE account = $1") == 1);
    REQUIRE(log.on.run(kept.keeper.apply_retention()));
    CHECK(log.verified().records == 2);
    // Again, later: everything there was goes, and a new process links to what is left.
    log.clock.advance(core::seconds(10 * 24 * 3600));
    REQUIRE(log.on.run(kept.keeper.apply_retention()));
    log.restart();
    log.call("newest");
    CHECK(log.verified().verdict == Verdict::intact);
  });
}

TEST_CASE("payloads and blobs have their own retention") {
  for_each_log([](StoredLog& log) {
    const std::string large(k_max_inline_result + 10, 'x');
    REQUIRE(log.write({.payloads = {{PayloadKind::result, large, Keep::full, {}}}}));
    log.clock.advance(core::seconds(2 * 24 * 3600));
    REQUIRE(log.write({.payloads = {{PayloadKind::result, large, Keep::full, {}}}}));
    {
      Kept kept(log, {.payload_days = 3, .blob_days = 1});
      REQUIRE(log.on.run(kept.keeper.apply_retention()));
    }
    CHECK(count(log, "SELECT count(*) FROM audit_blob WHERE account = $1") == 1);
    CHECK(count(log, "SELECT count(*) FROM audit_payload WHERE account = $1") == 2);
    log.clock.advance(core::seconds(2 * 24 * 3600));
    {
      Kept kept(log, {.payload_days = 3, .blob_days = 1});
      REQUIRE(log.on.run(kept.keeper.apply_retention()));
    }
    CHECK(count(log, "SELECT count(*) FROM audit_blob WHERE account = $1") == 0);
    CHECK(count(log, "SELECT count(*) FROM audit_payload WHERE account = $1") == 1);
    CHECK(log.verified({.include = ExportOptions::Include::payloads}).verdict == Verdict::intact);
  });
}

TEST_CASE("a full storage refuses recorded calls, and the change is recorded") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    Kept kept(log, {}, {.reserve_bytes = 0});
    CHECK(kept.keeper.may_record());
    log.on.run(kept.keeper.check_storage());
    CHECK(kept.keeper.level() == StorageLevel::ok);
    Kept full(log, {}, {.max_bytes = 1, .reserve_bytes = 0});
    log.on.run(full.keeper.check_storage());
    CHECK(full.keeper.level() == StorageLevel::full);
    CHECK_FALSE(full.keeper.may_record());
    log.on.run(full.keeper.check_storage());
    const auto page = log.on.run(
        log.repo.page(log.account, {.kind = Kind::system_storage_level}, std::nullopt, 10));
    REQUIRE(page);
    CHECK(page->records.size() == 1);
  });
}

}  // namespace
}  // namespace preloop::audit
