#include "firewall/call_ledger.h"

#include "catalogue/definition.h"

#include <doctest/doctest.h>

namespace preloop::firewall {
namespace {

constexpr std::string_view k_three_an_hour = R"(version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 3", action: allow}
  - {tool: pay, action: deny, message: "Three an hour"}
)";
constexpr std::string_view k_after_reading = R"yaml(version: 2
rules:
  - {tool: send_email, when: "session.tools_used.exists(t, t.name == 'read_secret')", action: deny}
  - {tool: rest, when: "agent.tools_used(duration('8h')).size() > 1 || session.calls > 3", action: deny}
)yaml";

/// One agent's calls of tools of the server "bank", decided and counted.
struct Table {
  std::shared_ptr<const policy::CompiledPolicy> policy;
  CallLedger ledger;
  core::WallTime now = core::WallTime(std::chrono::hours(480'000));
  core::AgentId agent = core::AgentId::make(now);
  core::RuntimeSessionId session = core::RuntimeSessionId::make(now);
  core::CallId last;

  explicit Table(std::string_view yaml) {
    auto document = policy::parse_document(yaml);
    REQUIRE_MESSAGE(document, document.error().message);
    auto compiled = policy::CompiledPolicy::compile(std::move(*document));
    REQUIRE_MESSAGE(compiled, compiled.error().message);
    policy = *compiled;
  }

  policy::Verdict call(const std::string& name,
                       std::uint8_t key = 0,
                       std::optional<core::ApprovalId> approval = {}) {
    const std::string text = R"({"name":")" + name + R"(","inputSchema":{}})";
    const auto parsed = core::JsonDocument::parse(text);
    catalogue::Tool tool = *catalogue::read_definition(parsed->root(), text);
    tool.server_name = "bank";
    const auto args = core::JsonDocument::parse("{}");
    policy::CallFacts facts;
    facts.tool = &tool;
    facts.args = args->root();
    facts.agent = agent;
    facts.session = session;
    facts.now = now;
    last = core::CallId::make(now);
    CountedCall counted{.id = last,
                        .agent = agent,
                        .session = session,
                        .server = "bank",
                        .tool = name,
                        .at = now,
                        .approval = approval};
    counted.call_key[0] = key;
    return ledger.decide(*policy, facts, std::move(counted));
  }
  policy::Action action(const std::string& name) { return call(name).action; }
};

using policy::Action;

TEST_CASE("a limit admits exactly its number, and again when the window has moved on") {
  Table table(k_three_an_hour);
  for (int i = 0; i < 3; ++i) {
    CHECK(table.action("pay") == Action::allow);
    table.now += std::chrono::minutes(10);
  }
  CHECK(table.action("pay") == Action::deny);
  CHECK(table.ledger.size() == 3);        // what was denied takes no place
  table.now += std::chrono::minutes(31);  // 61 minutes after the first
  CHECK(table.action("pay") == Action::allow);
  CHECK(table.action("pay") == Action::deny);
}

TEST_CASE("another agent's calls do not count") {
  Table table(k_three_an_hour);
  for (int i = 0; i < 3; ++i) {
    CHECK(table.action("pay") == Action::allow);
  }
  table.agent = core::AgentId::make(table.now);
  CHECK(table.action("pay") == Action::allow);
}

TEST_CASE("a call that never left gives its place back") {
  Table table(k_three_an_hour);
  for (int i = 0; i < 3; ++i) {
    CHECK(table.action("pay") == Action::allow);
  }
  table.ledger.release(table.last);
  CHECK(table.action("pay") == Action::allow);
  CHECK(table.action("pay") == Action::deny);
}

TEST_CASE("a request holds a place until it ends; an identical call shares it") {
  Table table(R"(version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 1", action: require_approval}
  - {tool: pay, action: deny}
)");
  const auto request = core::ApprovalId::make(table.now);
  CHECK(table.call("pay", 1).action == Action::require_approval);
  table.ledger.waits_with(table.last, request);
  CHECK(table.call("pay", 2).action == Action::deny);
  CHECK(table.call("pay", 1).action == Action::require_approval);  // asks for the same request
  CHECK(table.ledger.size() == 1);
  SUBCASE("declined or expired: given back") {
    table.ledger.ended(request, false);
    CHECK(table.call("pay", 2).action == Action::require_approval);
  }
  SUBCASE("executed: it counts, also against an identical call") {
    CHECK(table.call("pay", 1, request).action == Action::require_approval);
    table.ledger.ended(request, true);
    CHECK(table.ledger.size() == 1);
    CHECK(table.call("pay", 1).action == Action::deny);
  }
}

TEST_CASE("regression: a request that ended before it was told of keeps no place for ever") {
  Table table(k_three_an_hour);
  const auto request = core::ApprovalId::make(table.now);
  CHECK(table.action("pay") == Action::allow);
  const core::CallId call = table.last;
  CountedCall read{.id = call,
                   .agent = table.agent,
                   .server = "bank",
                   .tool = "pay",
                   .at = table.now,
                   .approval = request};
  SUBCASE("it never went: the place is given back, and history brings none") {
    table.ledger.ended(request, false);
    table.ledger.waits_with(call, request);
    CHECK(table.ledger.size() == 0);
    table.ledger.add(read);
    CHECK(table.ledger.size() == 0);
  }
  SUBCASE("it went: it counts until the window has passed, and no longer") {
    table.ledger.ended(request, true);
    table.ledger.waits_with(call, request);
    table.ledger.add(read);
    CHECK(table.ledger.size() == 1);
    table.ledger.forget_before(table.now + std::chrono::hours(1));
    CHECK(table.ledger.size() == 0);
  }
}

TEST_CASE("what was used in the session, and by the agent in any") {
  Table table(k_after_reading);
  CHECK(table.action("send_email") == Action::allow);
  CHECK(table.action("read_secret") == Action::allow);
  CHECK(table.action("send_email") == Action::deny);
  CHECK(table.action("rest") == Action::deny);  // two tools
  table.session = core::RuntimeSessionId::make(table.now);
  CHECK(table.action("send_email") == Action::allow);
  CHECK(table.action("rest") == Action::deny);
  table.now += std::chrono::hours(9);
  CHECK(table.action("rest") == Action::allow);
}

TEST_CASE("history is added once, and old places are forgotten") {
  Table table(k_three_an_hour);
  CHECK(table.action("pay") == Action::allow);
  const CountedCall known{.id = table.last,
                          .agent = table.agent,
                          .server = "bank",
                          .tool = "pay",
                          .at = table.now,
                          .held = false};
  table.ledger.add(known);
  CHECK(table.ledger.size() == 1);
  CountedCall older = known;
  older.id = core::CallId::make(table.now);
  older.at = table.now - std::chrono::minutes(59);
  table.ledger.add(older);
  older.id = core::CallId::make(table.now);
  older.at = table.now - std::chrono::minutes(61);
  table.ledger.add(older);
  CHECK(table.action("pay") == Action::allow);
  CHECK(table.action("pay") == Action::deny);
  table.ledger.forget_before(table.now - std::chrono::hours(1));
  CHECK(table.ledger.size() == 3);
}

}  // namespace
}  // namespace preloop::firewall
