#include "audit/exporter.h"

#include "audit/testing/stored_log.h"

#include <doctest/doctest.h>

namespace preloop::audit {
namespace {

using testing::for_each_log;
using testing::StoredLog;

constexpr auto k_with_payloads = ExportOptions::Include::payloads;

TEST_CASE("an export of several incarnations is intact, with and without payloads") {
  for_each_log([](StoredLog& log) {
    for (int process = 0; process < 3; ++process) {
      for (int i = 0; i < 30; ++i) {
        log.call("{\"n\":" + std::to_string(i) + "}", i % 2 == 0 ? Keep::full : Keep::redacted);
      }
      log.restart();
    }
    const Report bare = log.verified();
    CHECK(bare.verdict == Verdict::intact);
    CHECK(bare.records == 93);
    CHECK(bare.chains.size() == 3);
    CHECK(bare.payloads_checked == 0);
    const Report full = log.verified({.include = k_with_payloads});
    CHECK(full.verdict == Verdict::intact);
    CHECK(full.payloads_checked == 45);
  });
}

TEST_CASE("an empty log is an intact export") {
  for_each_log([](StoredLog& log) { CHECK(log.verified().verdict == Verdict::intact); });
}

TEST_CASE("a period is vouched for at its beginning") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    log.call("2");
    log.restart();
    log.clock.advance(core::seconds(10));
    const core::WallTime from = log.clock.wall();
    log.call("3");
    const core::WallTime middle = log.clock.wall() + core::microseconds(1);
    log.call("4");
    const Report late = log.verified({.from = from});
    CHECK(late.verdict == Verdict::intact);
    CHECK(late.records == 3);
    CHECK(late.notes.size() == 1);
    const Report inside = log.verified({.from = middle});
    CHECK(inside.verdict == Verdict::intact);
    CHECK(inside.records == 1);
    const Report early = log.verified({.until = from});
    CHECK(early.verdict == Verdict::intact);
    CHECK(early.records == 3);
  });
}

TEST_CASE("large results are exported whole, and without proof once their blob is gone") {
  for_each_log([](StoredLog& log) {
    const std::string large(k_max_inline_result + 10, 'x');
    REQUIRE(log.write({.payloads = {{PayloadKind::result, large, Keep::full, {}}}}));
    CHECK(log.verified({.include = k_with_payloads}).payloads_checked == 1);
    log.execute(store::statement("DELETE FROM audit_blob WHERE account = $1", log.account));
    const Report report = log.verified({.include = k_with_payloads});
    CHECK(report.verdict == Verdict::intact);
    CHECK(report.payloads_checked == 0);
  });
}

TEST_CASE("what was done to the database shows in the export the server signs") {
  for_each_log([](StoredLog& log) {
    for (int i = 0; i < 5; ++i) {
      log.call("{}");
    }
    const core::Uuid first = log.sealer->incarnation();
    const store::Blob chain{std::string(first.as_bytes())};
    Verdict expected = Verdict::incomplete;
    SUBCASE("a record removed") {
      log.execute(
          store::statement("DELETE FROM audit_record WHERE account = $1 AND chain = $2 AND seq = 3",
                           log.account,
                           chain));
    }
    SUBCASE("the live chain's tail removed") {
      log.execute(
          store::statement("DELETE FROM audit_record WHERE account = $1 AND chain = $2 AND seq > 4",
                           log.account,
                           chain));
    }
    SUBCASE("an ended chain's tail removed, a later one knows") {
      log.restart();
      log.call("{}");
      log.restart();
      log.execute(
          store::statement("DELETE FROM audit_record WHERE account = $1 AND chain = $2 AND seq > 4",
                           log.account,
                           chain));
    }
    SUBCASE("an ended chain removed") {
      log.restart();
      log.call("{}");
      log.execute(store::statement(
          "DELETE FROM audit_record WHERE account = $1 AND chain = $2", log.account, chain));
    }
    SUBCASE("a record changed") {
      expected = Verdict::tampered;
      log.execute(
          store::statement("UPDATE audit_record SET record = replace(record, '\"pay\"', "
                           "'\"pax\"') WHERE account = $1 AND chain = $2 AND seq = 3",
                           log.account,
                           chain));
    }
    SUBCASE("the last record changed") {
      expected = Verdict::tampered;
      log.execute(
          store::statement("UPDATE audit_record SET record = replace(record, '\"pay\"', "
                           "'\"pax\"') WHERE account = $1 AND chain = $2 AND seq = 6",
                           log.account,
                           chain));
    }
    SUBCASE("a record repeated") {
      expected = Verdict::tampered;
      log.execute(store::statement(
          "INSERT INTO audit_record (position, account, chain, seq, kind, record) SELECT position "
          "+ "
          "1, account, chain, 7, kind, record FROM audit_record WHERE account = $1 AND chain = $2 "
          "AND seq = 6",
          log.account,
          chain));
    }
    CHECK(log.verified().verdict == expected);
  });
}

TEST_CASE("an error of the sink ends the export") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    const ExportSink sink = [](std::string) -> core::Task<core::Status> {
      co_return core::fail(core::Code::cancelled, "gone");
    };
    const auto done = log.on.run(
        export_log(log.repo, log.sealer->heads(), log.key, log.clock, {log.account, "o"}, sink));
    CHECK(done.error().code == core::Code::cancelled);
  });
}

}  // namespace
}  // namespace preloop::audit
