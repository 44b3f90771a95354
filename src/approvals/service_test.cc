#include "approvals/service.h"

#include "approvals/notices.h"
#include "core/task_scope.h"
#include "core/testing/fake_clock.h"
#include "identity/directory.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

namespace preloop::approvals {
namespace {

using core::Task;

struct NoSealer final : store::Sealer {
  void begin() override {}
  core::Result<std::vector<store::Statement>> seal(const store::Draft&) override {
    return std::vector<store::Statement>();
  }
  void committed() override {}
  void rolled_back() override {}
};

/// One account with two approvers and a viewer, an agent, and the service under test.
struct World {
  store::testing::TestDatabase& test;
  NoSealer sealer;
  core::testing::FakeClock clock;
  core::AccountId account;
  core::AgentId agent = core::AgentId::make(clock.wall());
  core::PersonId ana = core::PersonId::make(clock.wall()), bo = core::PersonId::make(clock.wall()),
                 viewer = core::PersonId::make(clock.wall());
  std::unique_ptr<identity::IdentitySnapshot> identity;
  core::Secret key{core::random_bytes(32)};
  std::unique_ptr<ApprovalService> service;
  std::size_t most_pending = 3;

  explicit World(store::testing::TestDatabase& database) : test(database) {
    test.database.set_sealer(&sealer);
    account = test.make_account();
    identity = std::make_unique<identity::IdentitySnapshot>(
        test.loops, std::make_shared<const identity::Directory>(people()));
    start();
  }
  ~World() {
    test.run(service->stop());
    test.database.set_sealer(nullptr);
  }
  void start() {
    service = ApprovalService::create({.owner = test.loops.at(0),
                                       .loops = test.loops,
                                       .database = test.database,
                                       .identity = *identity,
                                       .clock = clock,
                                       .result_key = key,
                                       .max_pending_per_agent = most_pending});
    const auto started = test.run(service->start());
    REQUIRE_MESSAGE(started, started.error().message);
  }
  void restart() {
    test.run(service->stop());
    start();
  }

  identity::Directory::Contents people() const {
    identity::Directory::Contents contents;
    for (const auto& [id, email, role] :
         {std::tuple(ana, "ana@example.com", identity::Role::approver),
          std::tuple(bo, "bo@example.com", identity::Role::approver),
          std::tuple(viewer, "vi@example.com", identity::Role::viewer)}) {
      identity::Person person;
      person.id = id;
      person.account = account;
      person.email = email;
      person.role = role;
      contents.people.push_back(person);
    }
    return contents;
  }
  identity::Principal as(core::PersonId person) const {
    identity::PersonPrincipal principal;
    principal.account = account;
    principal.person = person;
    principal.role = person == viewer ? identity::Role::viewer : identity::Role::approver;
    principal.authenticated_at = clock.wall();
    return principal;
  }
  Request request(std::string_view salt = "a", policy::Workflow workflow = {}) const {
    Request request;
    request.account = account;
    request.call = core::CallId::make(clock.wall());
    request.agent = agent;
    request.agent_name = "bot";
    request.key = core::KeyId::make(clock.wall());
    request.server_name = "bank";
    request.tool = "pay";
    request.arguments = "{}";
    request.call_key = core::sha256(salt);
    request.tool_definition = "{}";
    request.verdict.action = policy::Action::require_approval;
    workflow.name = "default";
    request.verdict.workflows = {std::make_shared<const policy::Workflow>(std::move(workflow))};
    return request;
  }
  Ticket admit(Request wanted) {
    auto ticket = test.run(service->admit(std::move(wanted), {}));
    REQUIRE_MESSAGE(ticket, ticket.error().message);
    return *ticket;
  }
  core::Result<Request> vote(core::PersonId person,
                             core::ApprovalId id,
                             Decision decision,
                             std::string comment = "") {
    return test.run(
        service->decide(as(person), id, decision, std::move(comment), Channel::console));
  }
  State state(core::ApprovalId id) { return test.run(service->find(account, id))->state; }
};

void on_both(const std::function<void(World&)>& check) {
  store::testing::for_each_database([&](store::testing::TestDatabase& test) {
    World world(test);
    check(world);
  });
}

Task<Request> wait_and_vote(World& world, core::ApprovalId id, Decision decision) {
  core::TaskScope scope(world.test.loops.at(0).executor());
  const core::CallContext context;
  const auto voter = [](World& in, core::ApprovalId on, Decision what) -> Task<void> {
    const auto voted =
        co_await in.service->decide(in.as(in.ana), on, what, "because", Channel::cli);
    CHECK(voted.has_value());
  };
  scope.spawn("voter", voter(world, id, decision));
  auto decided = co_await world.service->wait(id, State::pending, context);
  co_await scope.idle();
  co_return **decided;
}

TEST_CASE("the decision wakes the caller, who executes once") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request());
    CHECK(ticket.how == Ticket::How::created);
    const Request decided = world.test.run(wait_and_vote(world, ticket.id, Decision::approve));
    CHECK(decided.state == State::approved);
    CHECK(decided.votes.front().comment == "because");
    CHECK(world.test.run(world.service->begin_execution(ticket.id, {})));
    CHECK(world.test.run(world.service->begin_execution(ticket.id, {})).error().code ==
          core::Code::aborted);
    CHECK(world.test.run(
        world.service->finish_execution(ticket.id, State::succeeded, R"({"x":1})", {})));
    CHECK(world.state(ticket.id) == State::succeeded);

    // The caller had gone: an identical retry gets the kept result; once delivered, it asks anew.
    const Ticket retry = world.admit(world.request());
    CHECK(retry.how == Ticket::How::finished);
    CHECK(retry.result == R"({"x":1})");
    CHECK(world.test.run(world.service->kept_result(world.account, ticket.id)) == R"({"x":1})");
    CHECK(world.test.run(world.service->delivered(world.account, ticket.id)));
    CHECK(world.test.run(world.service->kept_result(world.account, ticket.id)) == std::nullopt);
    CHECK(world.service->pending_count() == 0);
    CHECK(world.admit(world.request()).how == Ticket::How::created);
  });
}

Task<State> wait_for(World& world, core::ApprovalId id, State state) {
  co_return (*co_await world.service->wait(id, state, {}))->state;
}

TEST_CASE("regression: waiting for a request that has ended does not wait") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request());
    REQUIRE(world.vote(world.ana, ticket.id, Decision::approve));
    REQUIRE(world.test.run(world.service->begin_execution(ticket.id, {})));
    REQUIRE(world.test.run(world.service->finish_execution(ticket.id, State::succeeded, "", {})));
    for (const State state : {State::pending, State::executing, State::succeeded}) {
      CHECK(world.test.run(wait_for(world, ticket.id, state)) == State::succeeded);
    }
  });
}

TEST_CASE("a decline reaches the caller with its comment") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request());
    CHECK(world.test.run(wait_and_vote(world, ticket.id, Decision::decline)).state ==
          State::declined);
    CHECK(world.test.run(world.service->begin_execution(ticket.id, {})).error().code ==
          core::Code::aborted);
  });
}

TEST_CASE("who may vote, and how often") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request("a", {.quorum = 2}));
    CHECK(world.vote(world.viewer, ticket.id, Decision::approve).error().code ==
          core::Code::permission_denied);
    CHECK(world.vote(world.ana, ticket.id, Decision::approve)->state == State::pending);
    const auto again = world.vote(world.ana, ticket.id, Decision::approve);
    CHECK(again->votes.size() == 1);
    CHECK(again->arguments == "{}");  // stored, though not kept in memory
    CHECK(again->tool_definition == "{}");
    CHECK(world.vote(world.ana, ticket.id, Decision::decline).error().code ==
          core::Code::already_exists);
    CHECK(world.vote(world.bo, ticket.id, Decision::approve)->state == State::approved);
    CHECK(world.vote(world.bo, ticket.id, Decision::approve)->state == State::approved);
    CHECK(world.test
              .run(world.service->decide(identity::AgentPrincipal{.account = world.account},
                                         ticket.id,
                                         Decision::approve,
                                         "",
                                         Channel::cli))
              .error()
              .code == core::Code::permission_denied);
  });
}

TEST_CASE("requests expire, approvals too, and a late vote is refused") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request("a"));
    const Ticket other = world.admit(world.request("b"));
    CHECK(world.vote(world.ana, other.id, Decision::approve)->state == State::approved);
    world.clock.advance(core::seconds(301));
    CHECK(world.vote(world.ana, ticket.id, Decision::approve).error().code ==
          core::Code::failed_precondition);
    CHECK(world.state(ticket.id) == State::expired);
    CHECK(world.state(other.id) == State::approved);
    world.clock.advance(core::seconds(601));
    CHECK(world.test.run(world.service->begin_execution(other.id, {})).error().code ==
          core::Code::aborted);
    world.test.run(world.service->expire_due());
    CHECK(world.state(other.id) == State::expired);
  });
}

TEST_CASE("an identical call attaches; another asks for itself; too many are refused") {
  on_both([](World& world) {
    const Ticket first = world.admit(world.request("a"));
    const Ticket same = world.admit(world.request("a"));
    CHECK(same.how == Ticket::How::attached);
    CHECK(same.id == first.id);
    CHECK(world.admit(world.request("b")).how == Ticket::How::created);
    CHECK(world.admit(world.request("c")).how == Ticket::How::created);
    CHECK(world.test.run(world.service->admit(world.request("d"), {})).error().code ==
          core::Code::resource_exhausted);
  });
}

TEST_CASE("cancelling by key, agent and server") {
  on_both([](World& world) {
    Request request = world.request("a");
    const core::KeyId key = request.key;
    const Ticket first = world.admit(std::move(request));
    const Ticket second = world.admit(world.request("b"));
    CHECK(world.test.run(world.service->cancel_of_key(key, "the key was revoked")));
    CHECK(world.state(first.id) == State::cancelled);
    CHECK(world.state(second.id) == State::pending);
    CHECK(world.test.run(world.service->cancel_of_agent(world.agent, "suspended")));
    CHECK(world.test.run(world.service->find(world.account, second.id))->closing_reason ==
          "suspended");
    CHECK(world.service->pending_count() == 0);
  });
}

TEST_CASE("a restart loses nothing: pending go on, approved stay usable, executing are unknown") {
  on_both([](World& world) {
    const Ticket pending = world.admit(world.request("a"));
    const Ticket approved = world.admit(world.request("b"));
    const Ticket executing = world.admit(world.request("c"));
    CHECK(world.vote(world.ana, approved.id, Decision::approve));
    CHECK(world.vote(world.ana, executing.id, Decision::approve));
    CHECK(world.test.run(world.service->begin_execution(executing.id, {})));
    world.restart();
    CHECK(world.state(executing.id) == State::unknown);
    CHECK(world.vote(world.bo, pending.id, Decision::approve)->state == State::approved);
    CHECK(world.test.run(world.service->begin_execution(approved.id, {})));

    // An identical call is not run by itself; a person releases it.
    CHECK(world.test.run(world.service->admit(world.request("c"), {})).error().code ==
          core::Code::failed_precondition);
    CHECK(world.test.run(world.service->release(world.as(world.ana), executing.id, "checked")));
    CHECK(world.admit(world.request("c")).how == Ticket::How::created);
  });
}

TEST_CASE("an approver who lost the right is noticed when the approval is used") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request("a"));
    CHECK(world.vote(world.ana, ticket.id, Decision::approve)->state == State::approved);
    identity::Directory::Contents contents = world.people();
    contents.people.front().role = identity::Role::viewer;
    world.test.run(world.identity->publish(std::make_shared<const identity::Directory>(contents)));
    CHECK(world.test.run(world.service->begin_execution(ticket.id, {})).error().code ==
          core::Code::aborted);
    CHECK(world.state(ticket.id) == State::cancelled);
  });
}

Task<State> wait_then_leave(World& world, core::ApprovalId id) {
  core::CallContext context;
  world.test.loops.at(0).post([token = context.cancelled]() mutable { token.request(); });
  co_return (*co_await world.service->wait(id, State::pending, context))->state;
}

TEST_CASE("a caller who goes away leaves the request pending") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request("a"));
    CHECK(world.test.run(wait_then_leave(world, ticket.id)) == State::pending);
    CHECK(world.vote(world.ana, ticket.id, Decision::approve)->state == State::approved);
    CHECK(world.admit(world.request("a")).state == State::approved);
  });
}

TEST_CASE("a halt stops what was approved, freezes every clock, and gives the time back") {
  on_both([](World& world) {
    const Ticket waits = world.admit(world.request("waits"));
    const Ticket decided = world.admit(world.request("decided"));
    REQUIRE(world.vote(world.ana, decided.id, Decision::approve));
    world.clock.advance(core::seconds(100));  // of 300 and of 900
    CHECK(world.test.run(world.service->halt(world.as(world.ana), HaltScope::tools, ""))
              .error()
              .code == core::Code::invalid_argument);
    CHECK(world.test.run(world.service->halt(world.as(world.viewer), HaltScope::tools, "no"))
              .error()
              .code == core::Code::permission_denied);
    REQUIRE(
        world.test.run(world.service->halt(world.as(world.ana), HaltScope::tools, "an attack")));
    CHECK(world.service->switches().is_on(HaltScope::tools));
    CHECK(world.test.run(world.service->begin_execution(decided.id, {})).error().code ==
          core::Code::failed_precondition);
    CHECK(world.test.run(world.service->admit(world.request("later"), {})).error().code ==
          core::Code::failed_precondition);

    world.clock.advance(core::seconds(10'000));
    world.test.run(world.service->expire_due());
    CHECK(world.state(waits.id) == State::pending);
    CHECK(world.state(decided.id) == State::approved);
    world.restart();  // a halt is not forgotten
    CHECK(world.service->switches().is_on(HaltScope::tools));
    CHECK(world.test.run(world.service->halts(world.account))->front().reason == "an attack");

    CHECK(*world.test.run(world.service->resume(world.as(world.bo), HaltScope::tools)) == 2);
    CHECK_FALSE(world.service->switches().is_on(HaltScope::tools));
    const auto after = *world.test.run(world.service->find(world.account, waits.id));
    CHECK(after.expires_at == waits.expires_at + core::seconds(10'000));
    CHECK(after.given_back == core::seconds(10'000));
    world.clock.advance(core::seconds(199));
    world.test.run(world.service->expire_due());
    CHECK(world.state(waits.id) == State::pending);
    CHECK(world.test.run(world.service->begin_execution(decided.id, {})));
    world.clock.advance(core::seconds(2));
    world.test.run(world.service->expire_due());
    CHECK(world.state(waits.id) == State::expired);
  });
}

TEST_CASE("what is decided during a halt has all of its time afterwards") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request());
    REQUIRE(world.test.run(world.service->halt(world.as(world.ana), HaltScope::tools, "stop")));
    world.clock.advance(core::seconds(1000));
    REQUIRE(world.vote(world.bo, ticket.id, Decision::approve));
    world.clock.advance(core::seconds(5000));
    REQUIRE(world.test.run(world.service->resume(world.as(world.ana), HaltScope::tools)));
    const auto after = *world.test.run(world.service->find(world.account, ticket.id));
    CHECK(*after.valid_until == world.clock.wall() + core::seconds(900));
    CHECK(world.test.run(world.service->resume(world.as(world.ana), HaltScope::tools)) == 0U);
  });
}

TEST_CASE("regression: a request whose deadline passes during a halt is told as open") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request());
    Notices notices(*world.service, *world.identity, world.clock);
    REQUIRE(world.test.run(world.service->halt(world.as(world.ana), HaltScope::tools, "stop")));
    world.clock.advance(core::seconds(5000));
    const auto ask = world.test.run(notices.find(world.account, ticket.id));
    REQUIRE(ask);
    CHECK(ask->is_open);
    CHECK(ask->outcome.empty());
    CHECK_FALSE(ask->asked.empty());
  });
}

policy::Workflow escalating() {
  return {.approvers = {"ana@example.com"},
          .timeout = core::seconds(600),
          .escalation = {{.after = core::seconds(600),
                          .approvers = {"bo@example.com"},
                          .timeout = core::seconds(600)}}};
}

std::size_t events_of(World& world, std::string_view kind) {
  return world.test
      .run(world.test.database.query(
          store::statement("SELECT seq FROM event WHERE kind = $1", kind)))
      ->size();
}

TEST_CASE("without an answer the next level is asked, once, over a restart, and may decide") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request("deploy", escalating()));
    CHECK(ticket.expires_at == world.clock.wall() + core::seconds(1200));
    CHECK(world.vote(world.bo, ticket.id, Decision::approve).error().code ==
          core::Code::permission_denied);
    world.clock.advance(core::seconds(550));
    world.test.run(world.service->expire_due());
    CHECK(events_of(world, "approval.reminder") == 1);  // the later one stands for both
    CHECK(events_of(world, "approval.escalated") == 0);
    world.clock.advance(core::seconds(50));
    world.restart();
    world.test.run(world.service->expire_due());
    world.test.run(world.service->expire_due());
    CHECK(events_of(world, "approval.escalated") == 1);
    CHECK(world.state(ticket.id) == State::pending);
    world.restart();
    world.test.run(world.service->expire_due());
    CHECK(events_of(world, "approval.escalated") == 1);
    const auto decided = world.vote(world.bo, ticket.id, Decision::approve);
    REQUIRE_MESSAGE(decided, decided.error().message);
    CHECK(decided->state == State::approved);
    CHECK(world.test.run(world.service->begin_execution(ticket.id, {})));
  });
}

TEST_CASE(
    "the first level may still decide after an escalation, and the last deadline expires it") {
  on_both([](World& world) {
    const Ticket first = world.admit(world.request("first", escalating()));
    const Ticket other = world.admit(world.request("other", escalating()));
    world.clock.advance(core::seconds(601));
    world.test.run(world.service->expire_due());
    CHECK(world.vote(world.ana, first.id, Decision::decline)->state == State::declined);
    world.clock.advance(core::seconds(598));
    world.test.run(world.service->expire_due());
    CHECK(world.state(other.id) == State::pending);
    world.clock.advance(core::seconds(1));
    world.test.run(world.service->expire_due());
    CHECK(world.state(other.id) == State::expired);
  });
}

TEST_CASE("many requests that end in the same second end together, and others go on meanwhile") {
  store::testing::for_each_database([](store::testing::TestDatabase& test) {
    World world(test);
    test.run(world.service->stop());
    world.most_pending = 2000;
    world.start();
    std::vector<core::ApprovalId> ids(600);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      ids[i] = world.admit(world.request(std::to_string(i))).id;
    }
    CHECK(world.service->pending_count() == 600);
    world.clock.advance(core::seconds(300));
    test.run(world.service->expire_due());
    CHECK(world.service->pending_count() == 0);
    CHECK(world.state(ids.front()) == State::expired);
    CHECK(world.state(ids.back()) == State::expired);
  });
}

TEST_CASE("a request that the rules overtook ends as superseded, and the call may ask again") {
  on_both([](World& world) {
    const Ticket ticket = world.admit(world.request());
    REQUIRE(world.vote(world.ana, ticket.id, Decision::approve));
    CHECK(world.test.run(world.service->supersede(ticket.id, "the rules now ask for more")));
    CHECK(world.state(ticket.id) == State::superseded);
    CHECK(world.admit(world.request()).how == Ticket::How::created);
  });
}

}  // namespace
}  // namespace preloop::approvals
