#include "firewall/call_history.h"

#include "audit/testing/stored_log.h"
#include "catalogue/definition.h"
#include "firewall/call_counter.h"
#include "firewall/call_record.h"
#include "firewall/recorded_calls.h"
#include "identity/directory.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace preloop::firewall {
namespace {

using policy::Action;

/// A record that calls were written to, and what reads them back.
struct World {
  audit::testing::StoredLog log;
  core::AgentId agent = core::AgentId::make(log.clock.wall());
  std::unique_ptr<identity::IdentitySnapshot> identity;
  std::unique_ptr<approvals::ApprovalService> approvals;
  std::unique_ptr<policy::PolicySnapshot> policy;
  catalogue::Tool tool;

  explicit World(store::testing::TestDatabase& database) : log(database) {
    identity = std::make_unique<identity::IdentitySnapshot>(
        log.on.loops, std::make_shared<const identity::Directory>());
    approvals =
        approvals::ApprovalService::create({.owner = log.on.loops.at(0),
                                            .loops = log.on.loops,
                                            .database = log.on.database,
                                            .identity = *identity,
                                            .clock = log.clock,
                                            .result_key = core::Secret(core::random_bytes(32))});
    REQUIRE(log.on.run(approvals->start()));
    auto document = policy::parse_document(R"(version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 3", action: allow}
  - {tool: pay, action: deny}
)");
    policy = std::make_unique<policy::PolicySnapshot>(
        log.on.loops, *policy::CompiledPolicy::compile(std::move(*document)));
    const std::string text = R"({"name":"pay","inputSchema":{}})";
    const auto parsed = core::JsonDocument::parse(text);
    tool = *catalogue::read_definition(parsed->root(), text);
    tool.server_name = "bank";
  }
  ~World() { log.on.run(approvals->stop()); }

  CallIdentity identity_of(std::string_view name = "pay") {
    log.clock.advance(core::milliseconds(1));
    CallIdentity call;
    call.call.id = core::CallId::make(log.clock.wall());
    call.call.account = log.account;
    call.call.agent = agent;
    call.call.server = "bank";
    call.call.tool = name;
    call.agent_name = "bot";
    return call;
  }
  void write(store::Draft draft) {
    store::Unit unit;
    unit.drafts.push_back(std::move(draft));
    REQUIRE(log.commit(std::move(unit)));
  }
  CallIdentity decided(Action action, std::string_view args = "{}") {
    const CallIdentity call = identity_of();
    policy::Verdict verdict;
    verdict.action = action;
    write(decided_draft(call, verdict, args));
    return call;
  }
  std::unique_ptr<CallCounter> counter() {
    return std::make_unique<CallCounter>(CallCounter::Dependencies{.owner = log.on.loops.at(0),
                                                                   .record = log.repo,
                                                                   .approvals = *approvals,
                                                                   .clock = log.clock,
                                                                   .account = log.account});
  }
  Action ask(CallCounter& with) {
    log.clock.advance(core::milliseconds(1));
    const auto args = core::JsonDocument::parse("{}");
    policy::CallFacts facts;
    facts.tool = &tool;
    facts.args = args->root();
    facts.agent = agent;
    facts.now = log.clock.wall();
    const auto verdict =
        log.on.run(with.decide(policy->latest(),
                               facts,
                               {.id = core::CallId::make(facts.now),
                                .agent = agent,
                                .server = "bank",
                                .tool = "pay",
                                .call_key = core::sha256(core::CallId::make(facts.now).as_bytes()),
                                .at = facts.now}));
    REQUIRE_MESSAGE(verdict, verdict.error().message);
    return verdict->action;
  }
};

void with_world(void (*test)(World&)) {
  store::testing::for_each_database([test](store::testing::TestDatabase& database) {
    World world(database);
    test(world);
  });
}

core::Task<core::Status> gather(std::vector<RecordedCall>& calls, std::vector<RecordedCall> page) {
  std::ranges::move(page, std::back_inserter(calls));
  co_return core::Status();
}

TEST_CASE("the record says what was let go") {
  with_world([](World& world) {
    const core::WallTime begin = world.log.clock.wall();
    const CallIdentity allowed = world.decided(Action::allow);
    world.decided(Action::deny);
    const CallIdentity unsent = world.decided(Action::allow);
    world.write(completed_draft(unsent, Outcome::not_sent, "it never left"));
    const CallIdentity approved = world.decided(Action::require_approval);
    world.write(dispatched_draft(approved));
    world.decided(Action::require_approval);  // nobody decided
    const CallIdentity changed = world.decided(Action::allow);
    policy::Verdict deny;
    deny.action = Action::deny;
    world.write(decided_draft(changed, deny, "{}"));  // the rules changed before it left
    world.log.clock.advance(core::milliseconds(5));
    const auto calls = world.log.on.run(
        calls_let_go(world.log.repo, world.log.account, begin, world.log.clock.wall()));
    REQUIRE_MESSAGE(calls, calls.error().message);
    REQUIRE(calls->size() == 2);
    for (const core::CallId id : {allowed.call.id, approved.call.id}) {
      CHECK(std::ranges::count(*calls, id, &CountedCall::id) == 1);
    }
    CHECK(calls->front().agent == world.agent);
    CHECK(calls->front().tool == "pay");
  });
}

TEST_CASE("a count survives the process that counted") {
  with_world([](World& world) {
    world.decided(Action::allow);
    world.decided(Action::allow);
    auto counter = world.counter();
    CHECK(world.ask(*counter) == Action::allow);  // the third: two are in the record
    CHECK(world.ask(*counter) == Action::deny);
    // The third was not recorded, as when a process ends between verdict and commit.
    counter = world.counter();
    CHECK(world.ask(*counter) == Action::allow);
    CHECK(world.ask(*counter) == Action::deny);
  });
}

TEST_CASE("recorded calls come with their arguments where those are whole") {
  with_world([](World& world) {
    const core::WallTime begin = world.log.clock.wall();
    world.decided(Action::allow, R"({"amount":5})");
    world.decided(Action::deny, R"({"password":"hunter2hunter2"})");
    world.log.clock.advance(core::milliseconds(5));
    std::vector<RecordedCall> calls;
    const auto take = [&calls](std::vector<RecordedCall> page) {
      return gather(calls, std::move(page));
    };
    REQUIRE(world.log.on.run(read_recorded_calls(
        world.log.repo, world.log.account, begin, world.log.clock.wall(), take)));
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].arguments == R"({"amount":5})");
    CHECK(calls[0].action == "allow");
    CHECK(calls[0].agent_name == "bot");
    CHECK(calls[1].arguments.empty());  // something in it was masked
    CHECK(calls[1].action == "deny");
  });
}

}  // namespace
}  // namespace preloop::firewall
