#include "audit/activity.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::audit {
namespace {

const core::WallTime k_now = *core::parse_rfc3339("2026-11-20T12:00:00Z");

StoredRecord decided(core::AgentId agent, std::string_view action, std::string_view at) {
  StoredRecord record;
  record.bytes = fmt::format(
      R"({{"v":1,"at":"{}","kind":"call.decided","agent":"{}","decision":{{"action":"{}"}}}})",
      at,
      agent.to_string(),
      action);
  return record;
}

TEST_CASE("calls are counted by what was decided, by hour, day and agent") {
  const auto busy = core::AgentId::make(k_now);
  const auto calm = core::AgentId::make(k_now);
  ActivityTally tally(k_now);
  REQUIRE(tally.add(decided(calm, "deny", "2026-11-20T11:59:00Z")));
  REQUIRE(tally.add(decided(busy, "allow", "2026-11-20T11:30:00Z")));
  REQUIRE(tally.add(decided(busy, "require_approval", "2026-11-20T02:00:00Z")));
  REQUIRE(tally.add(decided(busy, "allow", "2026-11-20T01:00:00Z")));
  CHECK(tally.hour().calls() == 2);
  CHECK(tally.hour().held == 0);
  CHECK(tally.day().allowed == 2);
  CHECK(tally.day().held == 1);
  CHECK(tally.day().denied == 1);
  const auto agents = tally.agents();
  REQUIRE(agents.size() == 2);
  CHECK(agents[0].agent == busy);
  CHECK(agents[0].counts.calls() == 3);
  CHECK(core::to_rfc3339(agents[0].last) == "2026-11-20T11:30:00Z");
}

TEST_CASE("other records are passed over, broken ones are not") {
  ActivityTally tally(k_now);
  StoredRecord other;
  other.bytes = R"({"v":1,"at":"2026-11-20T11:59:00Z","kind":"call.completed"})";
  CHECK(tally.add(other));
  CHECK(tally.day().calls() == 0);
  StoredRecord broken;
  broken.bytes = R"({"v":1,"at":"2026-11-20T11:59:00Z","kind":"call.decided"})";
  CHECK_FALSE(tally.add(broken));
  broken.bytes = "{";
  CHECK_FALSE(tally.add(broken));
}

}  // namespace
}  // namespace preloop::audit
