#include "audit/verify.h"

#include "audit/testing/log_builder.h"
#include "core/json_writer.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace preloop::audit {
namespace {

using testing::LogBuilder;

const core::Uuid k_a = *core::Uuid::parse("01900000-0000-7000-8000-00000000000a");
const core::Uuid k_b = *core::Uuid::parse("01900000-0000-7000-8000-00000000000b");

Report verify_text(std::string_view text, std::vector<std::string> trusted = {}) {
  bool given = false;
  return *verify_stream(
      [&]() -> core::Result<std::string> {
        return std::exchange(given, true) ? std::string() : std::string(text);
      },
      {.trusted_keys = std::move(trusted)});
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    out += line;
  }
  return out;
}

/// header, chain.opened, `records - 1` calls with a head after every 50th, head, end.
LogBuilder log_of(int records) {
  LogBuilder log;
  log.header().open(k_a);
  for (int i = 1; i < records; ++i) {
    log.call(k_a, "{\"amount\":" + std::to_string(i) + "}");
    if (i % 50 == 0) {
      log.head(k_a);
    }
  }
  log.head(k_a).end();
  return log;
}

/// Stops at the first finding, as far as the question is only whether there is one.
bool is_found(std::string_view text) {
  Verifier verifier;
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
    verifier.line(text.substr(from, end - from));
    from = end + 1;
    if (verifier.has_findings()) {
      return true;
    }
  }
  if (from < text.size()) {
    verifier.unterminated_line(text.substr(from));
  }
  return verifier.finish().verdict != Verdict::intact;
}

TEST_CASE("an untouched export is intact, and its payloads are checked") {
  const Report report = verify_text(log_of(200).text());
  CHECK(report.verdict == Verdict::intact);
  CHECK_FALSE(report.first);
  CHECK(report.records == 200);
  CHECK(report.payloads_checked == 199);
  REQUIRE(report.chains.size() == 1);
  CHECK(report.chains[0].first_seq == 1);
  CHECK(report.chains[0].last.seq == 200);
  CHECK(report.keys == std::vector{testing::key_of('k').id()});
  CHECK(exit_code(Verdict::intact) == 0);
  CHECK(exit_code(Verdict::tampered) == 1);
  CHECK(exit_code(Verdict::incomplete) == 3);
}

TEST_CASE("chunks may be cut anywhere") {
  const std::string text = log_of(5).text();
  for (const std::size_t size : {1UL, 7UL, 1000UL}) {
    std::size_t at = 0;
    const auto report = verify_stream(
        [&]() -> core::Result<std::string> {
          const std::string chunk = text.substr(at, size);
          at += chunk.size();
          return chunk;
        },
        {});
    CHECK(report->verdict == Verdict::intact);
  }
  CHECK_FALSE(verify_stream(
      []() -> core::Result<std::string> { return core::fail(core::Code::unavailable, "gone"); },
      {}));
}

TEST_CASE("every flipped bit of a small export is found") {
  const std::string text = log_of(2).text();
  std::string changed = text;
  std::size_t missed = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      changed[at] = static_cast<char>(text[at] ^ (1 << bit));
      missed += is_found(changed) ? 0 : 1;
    }
    changed[at] = text[at];
  }
  CHECK(missed == 0);
}

// Every bit of 200 records takes minutes: a stride by default, all with PRELOOP_TEST_LONG.
TEST_CASE("flipped bits of a 200-record export are found") {
  const std::string text = log_of(200).text();
  std::string changed = text;
  std::size_t missed = 0;
  const std::size_t stride = std::getenv("PRELOOP_TEST_LONG") != nullptr ? 1 : 20'011;
  for (std::size_t i = 0; i < text.size() * 8; i += stride) {
    changed[i / 8] = static_cast<char>(text[i / 8] ^ (1 << (i % 8)));
    missed += is_found(changed) ? 0 : 1;
    changed[i / 8] = text[i / 8];
  }
  CHECK(missed == 0);
}

TEST_CASE("a changed record is named") {
  LogBuilder log = log_of(20);
  std::string& line = log.lines[10];  // header is 0, so this is record 10
  line.replace(line.find("\"pay\""), 5, "\"pax\"");
  const Report report = verify_text(log.text());
  CHECK(report.verdict == Verdict::tampered);
  REQUIRE(report.first);
  CHECK(report.first->line == 11);
  CHECK(report.first->seq == 10);
  CHECK(report.first->chain->writer == k_a);
}

TEST_CASE("a changed payload is named") {
  LogBuilder log = log_of(20);
  std::string& line = log.lines[10];
  line.replace(line.find(R"({\"amount\":9})"), 14, R"({\"amount\":8})");
  const Report report = verify_text(log.text());
  CHECK(report.verdict == Verdict::tampered);
  REQUIRE(report.first);
  CHECK(report.first->seq == 10);
  CHECK(report.first->what == "the args are not those the record commits to");
}

TEST_CASE("every removed, repeated or swapped line is found") {
  const std::vector<std::string> lines = log_of(40).lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(i);
    auto removed = lines;
    removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(verify_text(joined(removed)).verdict != Verdict::intact);
    auto repeated = lines;
    repeated.insert(repeated.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    CHECK(verify_text(joined(repeated)).verdict == Verdict::tampered);
    if (i + 1 < lines.size()) {
      auto swapped = lines;
      std::swap(swapped[i], swapped[i + 1]);
      CHECK(verify_text(joined(swapped)).verdict == Verdict::tampered);
    }
  }
}

TEST_CASE("a tail cut after any line is incomplete") {
  const std::vector<std::string> lines = log_of(40).lines;
  std::string text;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    CAPTURE(i);
    CHECK(verify_text(text).verdict == Verdict::incomplete);
    text += lines[i];
  }
}

TEST_CASE("a tail cut at any byte of the last lines is incomplete") {
  const std::vector<std::string> lines = log_of(4).lines;
  const std::string text = joined(lines);
  const std::size_t from = text.size() - lines.back().size() - lines[lines.size() - 2].size() -
                           lines[lines.size() - 3].size();
  for (std::size_t size = from; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(verify_text(std::string_view(text).substr(0, size)).verdict == Verdict::incomplete);
  }
}

// What somebody with the database but without the key can do: the export is then signed by the
// server, and only the chain tells.
TEST_CASE("records missing from the database are incomplete") {
  LogBuilder log;
  log.header();
  std::uint64_t seq = 0;
  std::string what;
  SUBCASE("in the middle") {
    log.open(k_a).lost(k_a).call(k_a, "{}").head(k_a);
    seq = 2;
    what = "record 2 missing";
  }
  SUBCASE("at the end, and a stored head knows better") {
    log.open(k_a).lost(k_a).lost(k_a).head(k_a);
    seq = 2;
    what = "records 2 to 3 missing at the end of the chain";
  }
  SUBCASE("at a chain's end, and the next chain names it") {
    log.open(k_a).call(k_a, "{}").head(k_a).lost(k_a).open(k_b, {k_a}).head(k_b);
    seq = 3;
    what = "record 3 missing at the end of the chain";
  }
  SUBCASE("a whole chain, and the next chain names it") {
    log.lost(k_a, Kind::chain_opened).lost(k_a).open(k_b, {k_a}).head(k_b);
    seq = 1;
    what = "records 1 to 2 missing at the end of the chain";
  }
  SUBCASE("at the beginning, without a signed reason") {
    log.lost(k_a, Kind::chain_opened).call(k_a, "{}").head(k_a);
    seq = 1;
    what = "record 1 missing, and no signed head vouches for it";
  }
  const Report report = verify_text(log.end().text());
  CHECK(report.verdict == Verdict::incomplete);
  REQUIRE(report.finding_count == 1);
  CHECK(report.first->chain->writer == k_a);
  CHECK(report.first->seq == seq);
  CHECK(report.first->what == what);
}

// With the key one could sign anything; without it a changed record shows at the next link.
TEST_CASE("a chain that was rewritten behind a signed head is tampered") {
  LogBuilder log;
  log.header().open(k_a).lost(k_a).head(k_a);
  log.heads[k_a].seq = 1;
  log.heads[k_a].hash = record_hash(*core::raw_member(log.lines[1], "record"));
  log.call(k_a, "{\"other\":1}").head(k_a).end();
  const Report report = verify_text(log.text());
  CHECK(report.verdict == Verdict::tampered);
  CHECK(report.first->seq == 2);
}

TEST_CASE("records behind the last head are an unsigned tail") {
  LogBuilder log;
  log.header().open(k_a).head(k_a).call(k_a, "{}").end();
  const Report report = verify_text(log.text());
  CHECK(report.verdict == Verdict::incomplete);
  CHECK(report.first->seq == 2);
  CHECK(report.first->what.find("unsigned tail") != std::string::npos);
}

TEST_CASE("a chain may begin behind a head signed for retention or a range, not another") {
  for (const Purpose purpose : {Purpose::retention, Purpose::range, Purpose::head}) {
    LogBuilder log;
    log.header().lost(k_a, Kind::chain_opened).lost(k_a);
    log.head(k_a, purpose).call(k_a, "{}").head(k_a).end();
    const Report report = verify_text(log.text());
    CHECK(report.verdict == (purpose == Purpose::head ? Verdict::incomplete : Verdict::intact));
    CHECK(report.notes.empty() == (purpose == Purpose::head));
  }
  LogBuilder log;
  log.header().open(k_a).call(k_a, "{}").head(k_a, Purpose::retention).head(k_a).end();
  CHECK(verify_text(log.text()).verdict == Verdict::tampered);
}

TEST_CASE("chains are told apart, also interleaved") {
  LogBuilder log;
  log.header().open(k_a).open(k_b, {k_a});
  for (int i = 0; i < 10; ++i) {
    log.call(k_a, "1").call(k_b, "2");
  }
  log.head(k_b).head(k_a).end();
  const Report report = verify_text(log.text());
  CHECK(report.verdict == Verdict::intact);
  CHECK(report.chains.size() == 2);
}

TEST_CASE("a log signed with another key is tampered once the key is known") {
  LogBuilder forged('f');
  forged.header().open(k_a).call(k_a, "{}").head(k_a).end();
  const std::string text = forged.text();
  CHECK(verify_text(text).verdict == Verdict::intact);
  CHECK(verify_text(text, {testing::key_of('f').id()}).verdict == Verdict::intact);
  CHECK(verify_text(text, {testing::key_of('k').id()}).verdict == Verdict::tampered);
  LogBuilder mixed('f');
  mixed.header({{testing::key_of('k').public_key(), {}, {}}}).open(k_a).head(k_a).end();
  CHECK(verify_text(mixed.text()).verdict == Verdict::tampered);
}

TEST_CASE("a rotated key that the old one endorses verifies under the old one's id") {
  const SigningKey old_key = testing::key_of('o'), new_key = testing::key_of('n');
  LogBuilder log('n');
  log.header({{old_key.public_key(), {}, {}}, old_key.endorse(new_key.public_key())});
  log.open(k_a).head(k_a).end();
  CHECK(verify_text(log.text(), {old_key.id()}).verdict == Verdict::intact);
  LogBuilder unendorsed('n');
  unendorsed.header({{old_key.public_key(), {}, {}}, {new_key.public_key(), {}, {}}});
  unendorsed.open(k_a).head(k_a).end();
  CHECK(verify_text(unendorsed.text(), {old_key.id()}).verdict == Verdict::tampered);
  CHECK(verify_text(unendorsed.text()).notes.size() == 1);
}

TEST_CASE("a clock that went back is a note") {
  LogBuilder log;
  log.header().open(k_a).call(k_a, "{}");
  log.now -= core::seconds(10);
  log.call(k_a, "{}").head(k_a).end();
  const Report report = verify_text(log.text());
  CHECK(report.verdict == Verdict::intact);
  REQUIRE(report.notes.size() == 1);
  CHECK(report.notes[0].find("clock went back at record 3") != std::string::npos);
}

TEST_CASE("masked and erased payloads are accepted, foreign ones are not") {
  LogBuilder log;
  log.header().open(k_a);
  log.record(k_a,
             {.payloads = {{PayloadKind::args, "secret", Keep::redacted, "s*****"},
                           {PayloadKind::result, "x", Keep::none, {}}}});
  log.record(k_a, {.payloads = {{PayloadKind::args, "\xff\xfe binary", Keep::full, {}}}});
  log.head(k_a).end();
  const Report report = verify_text(log.text());
  CHECK(report.verdict == Verdict::intact);
  CHECK(report.payloads_checked == 1);
  log.lines[1].insert(log.lines[1].size() - 2,
                      R"(,"payloads":[{"kind":"args","content":"none","size":1}])");
  CHECK(verify_text(log.text()).first->what == "a payload that the record does not commit to");
}

TEST_CASE("what is no export at all is never intact") {
  for (const char* text : {"", "\n", "{}", "{}\n", "[1]\n", "\xff\n", "{\"type\":\"header\"}\n"}) {
    CHECK(verify_text(text).verdict != Verdict::intact);
  }
}

}  // namespace
}  // namespace preloop::audit
