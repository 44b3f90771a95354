#include "audit/record.h"

#include "core/json_writer.h"
#include "core/text.h"

#include <doctest/doctest.h>

namespace preloop::audit {
namespace {

const ChainId k_chain{core::AccountId{*core::Uuid::parse("01900000-0000-7000-8000-0000000000aa")},
                      *core::Uuid::parse("01900000-0000-7000-8000-0000000000bb")};
const core::Uuid k_id = *core::Uuid::parse("01900000-0000-7000-8000-0000000000cc");

std::string bytes_of(const Record& record, std::uint64_t seq = 7) {
  return place(prepare(record), k_chain, seq, core::Digest{}, "2026-01-01T00:00:00.000001Z", k_id);
}

TEST_CASE("the bytes of a record are those of docs/formats/audit-record-v1.md") {
  CHECK(bytes_of({.kind = Kind::call_decided,
                  .id = k_id,
                  .actor = {ActorClass::agent, "a1", "bot"},
                  .subject = {"tool", "t1"},
                  .call = core::CallId{k_id},
                  .tool = "pay",
                  .decision = DecisionNote{"deny", "amount > 100", "account", "too \"much\""},
                  .policy = PolicyRef{3, "ab"},
                  .details = "{ \"n\" : 1 }"}) ==
        R"({"v":1,"account":"01900000-0000-7000-8000-0000000000aa",)"
        R"("chain":"01900000-0000-7000-8000-0000000000bb","seq":7,)"
        R"("prev":"0000000000000000000000000000000000000000000000000000000000000000",)"
        R"("at":"2026-01-01T00:00:00.000001Z","id":"01900000-0000-7000-8000-0000000000cc",)"
        R"("kind":"call.decided","actor":{"class":"agent","id":"a1","name":"bot"},)"
        R"("subject":{"kind":"tool","id":"t1"},"call":"01900000-0000-7000-8000-0000000000cc",)"
        R"("tool":"pay","decision":{"action":"deny","rule":"amount > 100","scope":"account",)"
        R"("reason":"too \"much\""},"policy":{"generation":3,"hash":"ab"},"details":{"n":1}})");
}

TEST_CASE("every kind is spelled once and read back") {
  for (int i = 0; i <= static_cast<int>(Kind::export_created); ++i) {
    const Kind kind = static_cast<Kind>(i);
    CHECK(parse_kind(to_string(kind)) == kind);
    const auto view = parse_record(bytes_of({.kind = kind, .id = k_id}));
    REQUIRE(view);
    CHECK(view->kind == kind);
  }
  CHECK_FALSE(parse_kind("call.Requested"));
  CHECK_FALSE(parse_kind(""));
}

TEST_CASE("hash and commitment are domain separated") {
  CHECK(core::to_hex(core::as_bytes(record_hash("{}"))) ==
        core::to_hex(core::as_bytes(core::sha256("preloop.audit.v1\n{}"))));
  const std::string salt(32, 's');
  CHECK(commitment(salt, "abc") == core::sha256(std::string(1, '\0') + salt + "abc"));
  CHECK(commitment(salt, "abc") != commitment(std::string(32, 't'), "abc"));
}

TEST_CASE("a record commits to its payloads and contains none of them") {
  const Record record{.kind = Kind::call_completed,
                      .payloads = {{PayloadKind::args, "{\"secret\":1}", Keep::none, {}},
                                   {PayloadKind::result, "visible", Keep::redacted, "v******"},
                                   {PayloadKind::error, "same", Keep::redacted, "same"},
                                   {PayloadKind::comment, "whole", Keep::full, {}},
                                   {PayloadKind::comment, "twice", Keep::full, {}}}};
  const PreparedRecord ready = prepare(record);
  REQUIRE(ready.payloads.size() == 4);
  CHECK(ready.payloads[0].content_is == Content::none);
  CHECK(ready.payloads[0].content.empty());
  CHECK(ready.payloads[0].confidential);
  CHECK(ready.payloads[1].content_is == Content::redacted);
  CHECK(ready.payloads[1].content == "v******");
  CHECK(ready.payloads[1].size == 7);
  CHECK(ready.payloads[2].content_is == Content::exact);
  CHECK_FALSE(ready.payloads[2].confidential);
  CHECK(ready.payloads[3].content == "whole");
  CHECK(ready.payloads[3].confidential);
  CHECK(ready.payloads[0].salt != ready.payloads[1].salt);
  const std::string bytes = place(ready, k_chain, 1, {}, "2026-01-01T00:00:00Z", k_id);
  CHECK(bytes.find("secret") == std::string::npos);
  const auto view = parse_record(bytes);
  REQUIRE(view);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(view->commitments[i] == commitment(ready.payloads[i].salt, record.payloads[i].bytes));
  }
}

TEST_CASE("large results keep a head, and a blob up to its limit") {
  const std::string big(k_max_inline_result + 1, 'x');
  const auto with_blob =
      prepare({.payloads = {{PayloadKind::result, big, Keep::full, {}}}}).payloads[0];
  CHECK(with_blob.content.size() == k_payload_head);
  CHECK(with_blob.blob == big);
  CHECK(with_blob.content_is == Content::exact);
  const std::string huge(k_max_blob + 1, 'x');
  const auto head_only =
      prepare({.payloads = {{PayloadKind::result, huge, Keep::full, {}}}}).payloads[0];
  CHECK(head_only.blob.empty());
  CHECK(head_only.content_is == Content::redacted);
  CHECK(head_only.size == huge.size());
  std::string wide;
  while (wide.size() <= k_max_inline_result) {
    wide += "x€";
  }
  const auto cut = prepare({.payloads = {{PayloadKind::result, wide, Keep::full, {}}}}).payloads[0];
  CHECK(core::is_valid_utf8(cut.content));
}

TEST_CASE("hostile texts and details neither break the line nor grow it") {
  const std::string long_text(100'000, 'n');
  const auto hostile = bytes_of({.actor = {ActorClass::agent, "a\n\"\x01", long_text},
                                 .tool = "\xff\xfe",
                                 .decision = DecisionNote{"deny", "", "", long_text},
                                 .details = "{\"a\":\n1, \"a\":2}"});
  CHECK(hostile.find('\n') == std::string::npos);
  CHECK(hostile.size() < 8192);
  CHECK(parse_record(hostile));
  CHECK(hostile.find("omitted_bytes") != std::string::npos);
  const auto pretty = bytes_of({.details = "{\n \"a\": [1,\n2]\n}"});
  CHECK(pretty.ends_with(R"("details":{"a":[1,2]}})"));
  const auto large = bytes_of({.details = "{\"a\":\"" + std::string(k_max_details, 'x') + "\"}"});
  CHECK(large.size() < 2048);
  CHECK(parse_record(large));
}

TEST_CASE("what is not a record is refused") {
  for (const char* bytes : {"", "{}", "[]", "{\"v\":2}", "{\"v\":1,\"seq\":1}"}) {
    CHECK_FALSE(parse_record(bytes));
  }
  std::string bytes = bytes_of({.id = k_id});
  CHECK(parse_record(bytes));
  CHECK_FALSE(parse_record(bytes_of({.id = k_id}, 0)));
  const auto at = bytes.find("system.started");
  CHECK_FALSE(parse_record(bytes.replace(at, 14, "system.unheard")));
}

}  // namespace
}  // namespace preloop::audit
