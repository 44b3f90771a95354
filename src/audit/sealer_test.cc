#include "audit/sealer.h"

#include "audit/testing/stored_log.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>

namespace preloop::audit {
namespace {

using testing::for_each_log;
using testing::StoredLog;

std::vector<StoredRecord> all(StoredLog& log) {
  auto found = log.on.run(log.repo.forward(log.account, 0, INT64_MAX, 1000));
  REQUIRE(found);
  return std::move(*found);
}

/// Only the record inserts, in order.
std::vector<std::string> bytes_of(const std::vector<store::Statement>& statements) {
  std::vector<std::string> out;
  for (const store::Statement& statement : statements) {
    if (std::string_view(statement.sql.sqlite).starts_with("INSERT INTO audit_record ")) {
      out.push_back(std::get<std::string>(statement.parameters.back()));
    }
  }
  return out;
}

TEST_CASE("sealing is undone by a rollback and kept by a commit") {
  const core::testing::FakeClock clock;
  const PayloadCipher cipher(core::Secret(std::string(32, 'p')));
  const core::AccountId account = core::AccountId::make(clock.wall());
  ChainSealer sealer(clock, cipher, core::Uuid::v7(clock.wall()));
  const store::Draft draft = make_draft(account, {.kind = Kind::system_started});

  sealer.begin();
  const auto lost = bytes_of(*sealer.seal(draft));
  REQUIRE(lost.size() == 2);
  CHECK(parse_record(lost[0])->kind == Kind::chain_opened);
  sealer.rolled_back();
  CHECK(sealer.heads().empty());

  sealer.begin();
  const auto first = bytes_of(*sealer.seal(draft));
  REQUIRE(first.size() == 2);
  const auto second = bytes_of(*sealer.seal(draft));
  REQUIRE(second.size() == 1);
  CHECK(sealer.heads().empty());
  sealer.committed();
  REQUIRE(sealer.heads().size() == 1);
  CHECK(sealer.heads()[0].last == Link{3, record_hash(second[0])});

  sealer.begin();
  REQUIRE(sealer.seal(draft));
  sealer.rolled_back();
  sealer.begin();
  const auto next = parse_record(bytes_of(*sealer.seal(draft)).at(0));
  CHECK(next->seq == 4);
  CHECK(next->prev == record_hash(second[0]));
  sealer.committed();
}

TEST_CASE("each account has its own chain") {
  const core::testing::FakeClock clock;
  const PayloadCipher cipher(core::Secret(std::string(32, 'p')));
  ChainSealer sealer(clock, cipher, core::Uuid::v7(clock.wall()));
  const auto one = core::AccountId::make(clock.wall()), two = core::AccountId::make(clock.wall());
  sealer.begin();
  CHECK(bytes_of(*sealer.seal(make_draft(one, {}))).size() == 2);
  CHECK(bytes_of(*sealer.seal(make_draft(two, {}))).size() == 2);
  CHECK(bytes_of(*sealer.seal(make_draft(one, {}))).size() == 1);
  sealer.committed();
  CHECK(sealer.heads().size() == 2);
}

TEST_CASE("positions grow, also when the clock goes back") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    log.clock.jump_wall(-core::seconds(100));
    log.call("2");
    log.restart();
    log.call("3");
    const auto records = all(log);
    REQUIRE(records.size() == 5);
    for (std::size_t i = 0; i < records.size(); ++i) {
      CHECK(records[i].position % k_position_step == 0);
      CHECK(records[i].seq == std::vector<std::uint64_t>{1, 2, 3, 1, 2}[i]);
    }
    const Report report = log.verified();
    CHECK(report.verdict == Verdict::intact);
    CHECK(report.notes.size() == 1);
  });
}

TEST_CASE("a unit that fails leaves no gap, nor does a skipped one") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    store::Unit broken;
    broken.add(store::statement(
        "INSERT INTO audit_chain (account, chain, opened_at) VALUES ($1, $2, NULL)",
        log.account,
        store::Blob{std::string(16, 'x')}));
    broken.drafts.push_back(make_draft(log.account, {}));
    CHECK_FALSE(log.commit(std::move(broken)));
    store::Unit skipped;
    skipped.guard = {
        store::statement("UPDATE account SET revision = 2 WHERE id = $1 AND revision = 7",
                         log.account),
        1};
    skipped.drafts.push_back(make_draft(log.account, {}));
    CHECK(log.commit(std::move(skipped)).error().code == core::Code::aborted);
    log.call("2");
    const Report report = log.verified();
    CHECK(report.verdict == Verdict::intact);
    CHECK(report.records == 3);
  });
}

TEST_CASE("a new incarnation names where the last one ended") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    const auto before = log.sealer->heads().at(0);
    log.restart();
    log.call("2");
    const auto records = all(log);
    REQUIRE(records.size() == 4);
    const auto opened = parse_record(records[2].bytes);
    REQUIRE(opened);
    REQUIRE(opened->kind == Kind::chain_opened);
    REQUIRE(opened->predecessors.size() == 1);
    CHECK(opened->predecessors[0].chain == before.chain);
    CHECK(opened->predecessors[0].last == before.last);
  });
}

TEST_CASE("payloads come back, confidential ones are unreadable in the database") {
  for_each_log([](StoredLog& log) {
    const std::string large(k_max_inline_result + 10, 'x');
    REQUIRE(log.write({.kind = Kind::call_completed,
                       .payloads = {{PayloadKind::args, "top secret", Keep::full, {}},
                                    {PayloadKind::result, large, Keep::full, {}},
                                    {PayloadKind::error, "real", Keep::redacted, "masked"},
                                    {PayloadKind::comment, "plain", Keep::redacted, "plain"}}}));
    const auto records = all(log);
    const Position at = records.back().position;
    const auto payloads = log.on.run(log.repo.payloads(log.account, at, at));
    REQUIRE(payloads);
    REQUIRE(payloads->size() == 4);
    const auto view = parse_record(records.back().bytes);
    for (const StoredPayload& payload : *payloads) {
      CHECK(payload.record == at);
      CHECK(payload.salt.size() == k_salt_size);
    }
    CHECK((*payloads)[0].content == "top secret");
    CHECK(view->commitments[0] == commitment((*payloads)[0].salt, "top secret"));
    CHECK((*payloads)[1].content.size() == k_payload_head);
    CHECK(log.on.run(log.repo.blob(log.account, (*payloads)[1])).value() == large);
    CHECK((*payloads)[2].content == "masked");
    CHECK((*payloads)[2].content_is == Content::redacted);
    CHECK((*payloads)[3].content_is == Content::exact);
    const auto raw = log.on.run(log.on.database.query(
        store::statement("SELECT content, salt FROM audit_payload WHERE account = $1 AND kind = "
                         "'args'",
                         log.account)));
    REQUIRE(raw);
    store::RowReader read(raw->at(0));
    CHECK(read.blob().find("secret") == std::string::npos);
    CHECK(read.blob() != (*payloads)[0].salt);
    // Bound to its record: a row copied to another does not open.
    const core::Uuid other = core::Uuid::v7(log.clock.wall());
    const std::string sealed = log.cipher.seal("x", log.account, other, PayloadKind::args);
    CHECK(log.cipher.open(sealed, log.account, other, PayloadKind::args).value() == "x");
    CHECK_FALSE(log.cipher.open(sealed, log.account, other, PayloadKind::result));
  });
}

TEST_CASE("pages go back in time, filtered or not") {
  for_each_log([](StoredLog& log) {
    const auto agent = core::AgentId::make(log.clock.wall());
    // By hand: ids made in this thread never fall behind the system's clock.
    core::CallId call;
    const auto millis = core::to_micros(log.clock.wall()) / 1000;
    for (int i = 0; i < 6; ++i) {
      call.uuid.bytes[static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(millis >> (8 * (5 - i)));
    }
    for (int i = 0; i < 20; ++i) {
      log.clock.advance(core::seconds(1));
      REQUIRE(log.write({.kind = i % 2 == 0 ? Kind::call_requested : Kind::call_completed,
                         .call = i < 4 ? std::optional(call) : std::nullopt,
                         .agent = i == 7 ? std::optional(agent) : std::nullopt,
                         .tool = i % 5 == 0 ? "pay" : "other"}));
    }
    const auto count = [&](const Filter& filter) {
      std::size_t found = 0;
      std::optional<Position> before;
      std::uint64_t last = UINT64_MAX;
      do {
        const auto page = log.on.run(log.repo.page(log.account, filter, before, 3));
        REQUIRE(page);
        for (const StoredRecord& record : page->records) {
          CHECK(record.seq < last);
          last = record.seq;
        }
        found += page->records.size();
        before = page->next;
      } while (before);
      return found;
    };
    CHECK(count({}) == 21);
    CHECK(count({.agent = agent}) == 1);
    CHECK(count({.call = call}) == 4);
    CHECK(count({.tool = "pay"}) == 4);
    CHECK(count({.tool = "none"}) == 0);
    CHECK(count({.kind = Kind::call_completed}) == 10);
    CHECK(count({.tool = "pay", .kind = Kind::call_completed}) == 2);
    CHECK(count({.group = "call"}) == 20);
    CHECK(count({.group = "auth"}) == 0);
    CHECK(count({.of_calls = true}) == 4);
    const core::WallTime now = log.clock.wall();
    CHECK(count({.from = now - core::seconds(4)}) == 5);
    CHECK(count({.from = now - core::seconds(4), .until = now}) == 4);
    CHECK(count({.until = now - core::seconds(19)}) == 0);
  });
}

TEST_CASE("whoever listens hears of each commit that wrote records") {
  for_each_log([](StoredLog& log) {
    const auto heard = std::make_shared<std::atomic<int>>(0);
    log.sealer->set_listener([heard] { ++*heard; });
    log.call("1");
    CHECK(*heard == 1);
    REQUIRE(log.commit(store::Unit()));
    CHECK(*heard == 1);
    log.sealer->set_listener({});
    log.call("2");
    CHECK(*heard == 1);
  });
}

TEST_CASE("accounts do not see each other's records") {
  for_each_log([](StoredLog& log) {
    log.call("1");
    const core::AccountId other = log.on.make_account();
    store::Unit unit;
    unit.drafts.push_back(make_draft(other, {}));
    REQUIRE(log.commit(std::move(unit)));
    CHECK(all(log).size() == 2);
    CHECK(log.verified().records == 2);
    CHECK(log.on.run(log.repo.accounts())->size() == 2);
  });
}

}  // namespace
}  // namespace preloop::audit
