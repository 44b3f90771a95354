#include "firewall/firewall.h"

#include "audit/payload_cipher.h"
#include "audit/sealer.h"
#include "catalogue/definition.h"
#include "core/crypto.h"
#include "core/loop_call.h"
#include "core/task_scope.h"
#include "core/testing/fake_clock.h"
#include "core/wakeup.h"
#include "firewall/recovery.h"
#include "identity/directory.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <random>
#include <set>

namespace preloop::firewall {
namespace {

using core::Task;
using Kind = CallResult::Kind;

/// A database whose commits can be made to fail, as with a full disk.
class FailingDatabase final : public store::Database {
 public:
  explicit FailingDatabase(store::Database& real) : real_(real) {}
  Task<core::Result<store::Rows>> query(store::Statement statement) override {
    return real_.query(std::move(statement));
  }
  Task<core::Status> commit(store::Unit unit, store::Durability durability) override {
    if (fail_after-- == 0 || alive_for.fetch_sub(1) <= 0) {
      co_return core::fail(core::Code::resource_exhausted, "the disk is full");
    }
    if (meanwhile_after-- == 0) {
      co_await meanwhile();
    }
    co_return co_await real_.commit(std::move(unit), durability);
  }
  void set_sealer(store::Sealer* sealer) override { real_.set_sealer(sealer); }
  void set_commit_listener(std::function<void()> listener) override {
    real_.set_commit_listener(std::move(listener));
  }
  store::Health health() const override { return real_.health(); }
  Task<core::Status> backup(std::string path) override { return real_.backup(std::move(path)); }
  std::string_view dialect() const override { return real_.dialect(); }
  Task<void> stop() override { return real_.stop(); }

  std::atomic<int> fail_after = -1;  ///< commits before the one that fails; negative: none does
  std::atomic<int> meanwhile_after = -1;  ///< commits before the one that `meanwhile` runs in
  std::function<Task<void>()> meanwhile;
  std::atomic<int> alive_for = std::numeric_limits<int>::max();  ///< commits; then none succeeds

 private:
  store::Database& real_;
};

struct ScriptedUpstream final : Upstream {
  Task<core::Result<UpstreamAnswer>> call_tool(const Permit& permit,
                                               const catalogue::Tool& tool,
                                               std::string params,
                                               std::function<void(std::string_view)>,
                                               std::function<void(ServerRequest)>,
                                               const ClientSide&,
                                               const core::CallContext&) override {
    ++calls;
    const std::lock_guard lock(mutex);
    last_params = std::move(params);
    last_tool = tool.name;
    CHECK(permit.verdict().action != policy::Action::deny);
    co_return answer;
  }
  std::atomic<int> calls = 0;
  std::mutex mutex;
  std::string last_params, last_tool;
  core::Result<UpstreamAnswer> answer = UpstreamAnswer{R"({"content":[]})", {}};
};

struct SilentObserver final : CallObserver {
  void held(const Hold& hold) override { held_request = hold.request; }
  void notification(std::string_view) override {}
  void request(ServerRequest) override {}
  std::optional<core::ApprovalId> held_request;
};

struct World {
  store::testing::TestDatabase& test;
  FailingDatabase database{test.database};
  core::testing::FakeClock clock;
  audit::PayloadCipher cipher{core::Secret(core::random_bytes(32))};
  audit::ChainSealer sealer{clock, cipher, core::Uuid::v7(clock.wall())};
  core::AccountId account;
  identity::AgentPrincipal agent;
  core::PersonId ana = core::PersonId::make(clock.wall());
  std::unique_ptr<identity::IdentitySnapshot> identity;
  std::unique_ptr<catalogue::CatalogueSnapshot> catalogue;
  std::unique_ptr<policy::PolicySnapshot> policy;
  std::unique_ptr<approvals::ApprovalService> approvals;
  std::unique_ptr<audit::AuditRepo> audit;
  std::unique_ptr<CallCounter> counter;
  ScriptedUpstream upstream;
  core::Offload offload{1};
  bool may_record = true;
  std::unique_ptr<Firewall> firewall;

  explicit World(store::testing::TestDatabase& on) : test(on) {
    test.database.set_sealer(&sealer);
    account = test.make_account();
    agent.account = account;
    agent.agent = core::AgentId::make(clock.wall());
    agent.key = core::KeyId::make(clock.wall());
    agent.session = core::RuntimeSessionId::make(clock.wall());
    identity = std::make_unique<identity::IdentitySnapshot>(
        test.loops, std::make_shared<const identity::Directory>(directory()));
    catalogue = std::make_unique<catalogue::CatalogueSnapshot>(test.loops, tools("a"));
    policy = std::make_unique<policy::PolicySnapshot>(test.loops, compile(k_payments));
    approvals =
        approvals::ApprovalService::create({.owner = test.loops.at(0),
                                            .loops = test.loops,
                                            .database = database,
                                            .identity = *identity,
                                            .clock = clock,
                                            .result_key = core::Secret(core::random_bytes(32))});
    audit = std::make_unique<audit::AuditRepo>(database, cipher);
    counter = std::make_unique<CallCounter>(CallCounter::Dependencies{.owner = test.loops.at(0),
                                                                      .record = *audit,
                                                                      .approvals = *approvals,
                                                                      .clock = clock,
                                                                      .account = account});
    approvals->set_observer(counter.get());
    REQUIRE(test.run(approvals->start()));
    new_firewall();
  }
  void new_firewall() {
    firewall = std::make_unique<Firewall>(
        Firewall::Dependencies{.database = database,
                               .catalogue = *catalogue,
                               .policy = *policy,
                               .identity = *identity,
                               .approvals = *approvals,
                               .counter = *counter,
                               .upstream = upstream,
                               .clock = clock,
                               .offload = offload,
                               .loops = test.loops,
                               .record = sealer,
                               .may_record = [this] { return may_record; }});
  }
  ~World() {
    test.run(approvals->stop());
    test.database.set_sealer(nullptr);
  }

  static constexpr std::string_view k_payments = R"(version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval}
  - {tool: pay, action: deny, message: "too much"}
)";
  static std::shared_ptr<const policy::CompiledPolicy> compile(std::string_view yaml) {
    auto document = policy::parse_document(yaml);
    REQUIRE(document);
    auto compiled = policy::CompiledPolicy::compile(std::move(*document));
    REQUIRE(compiled);
    return *compiled;
  }
  std::shared_ptr<const catalogue::Catalogue> tools(std::string_view description) {
    const std::string text =
        R"({"name":"pay","description":")" + std::string(description) +
        R"(","inputSchema":{"type":"object","properties":{"amount":{"type":"number"}}}})";
    const auto parsed = core::JsonDocument::parse(text);
    auto tool = catalogue::read_definition(parsed->root(), text);
    REQUIRE(tool);
    catalogue::Server server;
    server.id = server_id;
    server.config.name = "bank";
    tool->id = core::ToolId::make(clock.wall());
    tool->server = server.id;
    tool->server_name = "bank";
    tool->exposed_name = "bank__pay";
    return std::make_shared<const catalogue::Catalogue>(
        std::vector{std::make_shared<const catalogue::Server>(server)},
        std::vector<catalogue::ToolPtr>{std::make_shared<const catalogue::Tool>(std::move(*tool))});
  }
  core::ServerId server_id = core::ServerId::make(clock.wall());

  identity::Directory::Contents directory() const {
    identity::Directory::Contents contents;
    identity::Agent bot;
    bot.id = agent.agent;
    bot.account = account;
    bot.name = "bot";
    contents.agents.push_back(bot);
    identity::KeyInfo key;
    key.id = agent.key;
    key.account = account;
    key.name = "laptop";
    key.agent = agent.agent;
    contents.keys.push_back(key);
    identity::Person person;
    person.id = ana;
    person.account = account;
    person.email = "ana@example.com";
    person.role = identity::Role::approver;
    contents.people.push_back(person);
    return contents;
  }

  Task<CallResult> call_task(std::string amount,
                             SilentObserver& observer,
                             core::CallContext context) {
    const auto params = core::JsonDocument::parse(
        R"({"_meta":{"x":null},"name":"bank__pay","arguments":{"amount": )" + amount + "}}");
    ToolCall call;
    call.name = *params->root()["name"].as_string();
    call.params = params->root();
    call.params_text = params->text();
    co_return co_await firewall->call(agent, call, observer, context);
  }
  CallResult call(std::string amount) {
    SilentObserver observer;
    return test.run(call_task(std::move(amount), observer, {}));
  }
  std::size_t rows(store::Statement query) {
    const auto found = test.run(test.database.query(std::move(query)));
    REQUIRE_MESSAGE(found, (found ? "" : found.error().message));
    return found->size();
  }
  std::size_t in_flight() {
    CHECK(test.run(firewall->checkpoint()));
    return rows(store::statement("SELECT id FROM call_in_flight"));
  }
  std::size_t recorded(std::string_view kind) {
    return rows(store::statement("SELECT position FROM audit_record WHERE kind = $1", kind));
  }
};

void on_both(const std::function<void(World&)>& check) {
  store::testing::for_each_database([&](store::testing::TestDatabase& test) {
    World world(test);
    check(world);
  });
}

/// A request that is decided like a call.
CallResult request(World& world, catalogue::Method method, std::string arguments) {
  const auto params = core::JsonDocument::parse(R"({"arguments":)" + std::move(arguments) +
                                                R"(,"_meta":{"x": null}})");
  SilentObserver observer;
  ToolCall call;
  call.method = method;
  call.server = world.server_id;
  call.params = params->root();
  call.params_text = params->text();
  return world.test.run(world.firewall->call(world.agent, call, observer, {}));
}

Task<bool> may_request(World& world, core::ServerId server, catalogue::Method method) {
  co_return world.firewall->may_request(world.agent, server, method);
}

TEST_CASE("reading a resource is decided on its URI, recorded, and sent as it was asked for") {
  on_both([](World& world) {
    world.test.run(world.policy->publish(World::compile(R"yaml(version: 2
rules:
  - {tool: "bank/resources:read", when: "args.uri.startsWith('secret:')", action: deny, message: "not this"}
  - {tool: "prompts:get", action: deny}
)yaml")));
    const CallResult read =
        request(world, catalogue::Method::resources_read, R"({"uri": "open:1"})");
    CHECK(read.kind == Kind::answered);
    CHECK(world.upstream.last_tool == "resources:read");
    CHECK(world.upstream.last_params == R"({"uri": "open:1","_meta":{"x": null}})");
    CHECK(world.recorded("call.decided") == 1);
    CHECK(world.recorded("call.completed") == 1);
    const CallResult refused =
        request(world, catalogue::Method::resources_read, R"({"uri":"secret:1"})");
    CHECK(refused.kind == Kind::refused);
    CHECK(refused.text.contains("not this"));
    CHECK(request(world, catalogue::Method::prompts_get, R"({"name":"x"})").kind == Kind::refused);
    CHECK(world.upstream.calls == 1);
    const auto may = [&](core::ServerId server, catalogue::Method method) {
      return world.test.run(may_request(world, server, method));
    };
    CHECK(may(world.server_id, catalogue::Method::resources_read));
    CHECK_FALSE(may(world.server_id, catalogue::Method::prompts_get));
    CHECK_FALSE(may(core::ServerId::make({}), catalogue::Method::resources_read));
  });
}

TEST_CASE("a tool call cannot name a request, nor a request a server that is not there") {
  on_both([](World& world) {
    const auto params = core::JsonDocument::parse(R"({"name":"resources:read","arguments":{}})");
    SilentObserver observer;
    ToolCall call;
    call.name = "resources:read";
    call.server = world.server_id;
    call.params = params->root();
    call.params_text = params->text();
    CHECK(world.test.run(world.firewall->call(world.agent, call, observer, {})).kind ==
          Kind::unknown_tool);
    call.method = catalogue::Method::resources_read;
    call.server = core::ServerId::make({});
    CHECK(world.test.run(world.firewall->call(world.agent, call, observer, {})).kind ==
          Kind::unknown_tool);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("an allowed call is recorded, sent with the server's own name, recorded again") {
  on_both([](World& world) {
    const CallResult result = world.call("50");
    CHECK(result.kind == Kind::answered);
    CHECK(result.json == R"({"content":[]})");
    CHECK(world.upstream.last_tool == "pay");
    CHECK(world.upstream.last_params ==
          R"({"_meta":{"x":null},"name":"pay","arguments":{"amount": 50}})");
    CHECK(world.recorded("call.decided") == 1);
    CHECK(world.recorded("call.completed") == 1);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("what is denied, invalid or unknown never reaches the upstream") {
  on_both([](World& world) {
    CHECK(world.call("5000").text.find("too much") != std::string::npos);
    CHECK(world.call("\"50\"").kind == Kind::refused);
    SilentObserver observer;
    const auto params = core::JsonDocument::parse(R"({"name":"nothing"})");
    ToolCall call;
    call.name = "nothing";
    call.params = params->root();
    call.params_text = params->text();
    CHECK(world.test.run(world.firewall->call(world.agent, call, observer, {})).kind ==
          Kind::unknown_tool);
    CHECK(world.upstream.calls == 0);
    CHECK(world.recorded("call.decided") == 2);
  });
}

TEST_CASE("when the decision cannot be recorded nothing is sent") {
  on_both([](World& world) {
    world.database.fail_after = 0;
    CHECK(world.call("50").kind == Kind::refused);
    CHECK(world.upstream.calls == 0);
    world.may_record = false;
    CHECK(world.call("50").text.find("disk full") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("when the outcome cannot be recorded the answer is withheld and becomes unknown") {
  on_both([](World& world) {
    world.database.fail_after = 1;
    const CallResult result = world.call("50");
    CHECK(result.kind == Kind::refused);
    CHECK(result.json.empty());
    CHECK(result.text.find("may have been executed") != std::string::npos);
    CHECK(world.recorded("call.unknown") == 0);
    // As soon as something can be recorded again.
    CHECK(world.in_flight() == 0);
    CHECK(world.recorded("call.unknown") == 1);
    CHECK(*world.test.run(mark_lost_calls(world.test.database, "test")) == 0);
  });
}

TEST_CASE("a start after a crash finds the call that was sent, once") {
  on_both([](World& world) {
    world.database.alive_for = 1;
    CHECK(world.call("50").kind == Kind::refused);
    CHECK(*world.test.run(mark_lost_calls(world.test.database, "test")) == 1);
    CHECK(world.recorded("call.unknown") == 1);
    CHECK(*world.test.run(mark_lost_calls(world.test.database, "test")) == 0);
  });
}

/// Calls on every loop and checkpoints between them, until the store takes nothing more.
Task<void> calls_until_the_end(World& world) {
  std::vector<std::unique_ptr<core::TaskScope>> scopes;
  const auto caller = [](World& in) -> Task<void> {
    SilentObserver observer;
    for (int i = 0; i < 8; ++i) {
      co_await in.call_task("50", observer, {});
    }
  };
  const auto start = [](core::TaskScope& scope, Task<void> task) -> Task<void> {
    scope.spawn("caller", std::move(task));
    co_return;
  };
  const auto idle = [](core::TaskScope& scope) -> Task<void> { co_await scope.idle(); };
  for (std::size_t i = 0; i < 6; ++i) {
    core::Loop& loop = world.test.loops.at(i);
    scopes.push_back(std::make_unique<core::TaskScope>(loop.executor()));
    co_await core::on_loop(loop, start(*scopes.back(), caller(world)));
  }
  const auto nothing = []() -> Task<void> { co_return; };
  while (world.upstream.calls != 6 * 8 && co_await world.firewall->checkpoint()) {
    // Lets the callers of this loop go on, also when there was nothing to write.
    co_await core::on_loop(world.test.loops.at(1), nothing());
  }
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    co_await core::on_loop(world.test.loops.at(i), idle(*scopes[i]));
  }
}

/// Out of the whole record.
std::size_t without_outcome(World& world) {
  const auto rows = world.test.run(world.test.database.query(
      store::statement("SELECT kind, call FROM audit_record WHERE call IS NOT NULL ORDER BY "
                       "position")));
  REQUIRE(rows);
  std::set<std::string> open;
  for (const store::Row& row : *rows) {
    store::RowReader reader(row);
    if (reader.text() == "call.decided") {
      open.insert(reader.blob());
    } else {
      open.erase(reader.blob());
    }
  }
  return open.size();
}

TEST_CASE("wherever the end comes, the next start knows exactly the calls without an outcome") {
  on_both([](World& world) {
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
      world.upstream.calls = 0;
      world.database.alive_for = std::uniform_int_distribution(1, 110)(random);
      world.test.run(calls_until_the_end(world));
      world.database.alive_for = std::numeric_limits<int>::max();
      const std::size_t open = without_outcome(world);
      const std::size_t before = world.recorded("call.unknown");
      CAPTURE(round);
      REQUIRE(*world.test.run(mark_lost_calls(world.test.database, "test")) == open);
      CHECK(world.recorded("call.unknown") == before + open);
      // A new process has a new list.
      world.new_firewall();
    }
  });
}

TEST_CASE("an upstream that was not reached and one that lost the call are told apart") {
  on_both([](World& world) {
    world.upstream.answer = core::fail(core::Code::unavailable, "no child");
    CHECK(world.call("50").text.find("Nothing was executed") != std::string::npos);
    world.upstream.answer = core::fail(core::Code::deadline_exceeded, "silence");
    CHECK(world.call("50").text.find("may have been executed") != std::string::npos);
    world.upstream.answer = UpstreamAnswer{{}, R"({"code":-1,"message":"x"})"};
    CHECK(world.call("50").kind == Kind::upstream_error);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("a revoked key is refused although its call was admitted") {
  on_both([](World& world) {
    world.test.run(world.identity->publish(std::make_shared<const identity::Directory>()));
    CHECK(world.call("50").kind == Kind::refused);
    CHECK(world.upstream.calls == 0);
  });
}

Task<CallResult> held_call(World& world,
                           approvals::Decision decision,
                           std::string_view meanwhile,
                           std::string_view changed_tool = {}) {
  SilentObserver observer;
  core::TaskScope scope(world.test.loops.at(0).executor());
  std::optional<CallResult> result;
  const auto caller =
      [](World& in, SilentObserver& seen, std::optional<CallResult>& out) -> Task<void> {
    out = co_await in.call_task("150", seen, {});
  };
  scope.spawn("caller", caller(world, observer, result));
  core::Wakeup tick(world.test.loops.at(0).executor());
  while (world.approvals->pending_count() == 0) {
    co_await tick.wait_until(std::chrono::steady_clock::now() + core::milliseconds(1));
  }
  const auto waiting = co_await world.approvals->list(world.account, {});
  if (!meanwhile.empty()) {
    co_await world.policy->publish(World::compile(meanwhile));
  }
  if (!changed_tool.empty()) {
    co_await world.catalogue->publish(world.tools(changed_tool));
  }
  identity::PersonPrincipal person;
  person.account = world.account;
  person.person = world.ana;
  person.role = identity::Role::approver;
  person.authenticated_at = world.clock.wall();
  const auto decided = co_await world.approvals->decide(
      person, waiting->front().id, decision, "not today", approvals::Channel::console);
  CHECK(decided.has_value());
  co_await scope.idle();
  co_return std::move(*result);
}

TEST_CASE("a held call runs once when it is approved") {
  on_both([](World& world) {
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.kind == Kind::answered);
    CHECK(world.upstream.calls == 1);
    CHECK(world.in_flight() == 0);
    world.test.run(world.firewall->delivered(world.agent, result));
  });
}

TEST_CASE("regression: a tool that changed with the policy is refused in the new policy's words") {
  on_both([](World& world) {
    constexpr std::string_view k_redacting =
        "version: 2\nrules: [{tool: pay, action: require_approval}]\n"
        "tools: [{name: pay, redact: {stored: ['$.amount'], shown: [email]}}]\n";
    world.test.run(world.policy->publish(World::compile(k_redacting)));
    const CallResult result = world.test.run(
        held_call(world, approvals::Decision::approve, World::k_payments, "another tool"));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.find("changed") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

Task<void> publish(World& world, std::string_view policy) {
  co_await world.policy->publish(World::compile(policy));
}

TEST_CASE("regression: rules that change while an approved call's dispatch is stored are obeyed") {
  on_both([](World& world) {
    world.database.meanwhile = [&world] {
      return publish(world, "version: 2\nrules: [{tool: pay, action: deny}]\n");
    };
    world.database.meanwhile_after = 2;  // the question, the vote, then the dispatch
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.find("Nothing was executed") != std::string::npos);
    CHECK(world.upstream.calls == 0);
    CHECK(world.recorded("call.dispatched") == 1);
    CHECK(world.recorded("call.completed") == 1);
    CHECK(world.in_flight() == 0);
  });
}

identity::Principal person(World& world) {
  identity::PersonPrincipal person;
  person.account = world.account;
  person.person = world.ana;
  person.role = identity::Role::approver;
  person.authenticated_at = world.clock.wall();
  return person;
}

Task<void> halt(World& world) {
  const auto halted =
      co_await world.approvals->halt(person(world), approvals::HaltScope::tools, "an attack");
  CHECK(halted.has_value());
}

Task<void> resume(World& world) {
  CHECK(co_await world.approvals->resume(person(world), approvals::HaltScope::tools));
}

TEST_CASE("halted: nothing goes, not even what was decided already, until it is released") {
  on_both([](World& world) {
    world.test.run(halt(world));
    const CallResult result = world.call("50");
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.contains("halted by a person"));
    CHECK(world.recorded("call.decided") == 1);
    CHECK(world.recorded("system.halted") == 1);
    CHECK(world.upstream.calls == 0);
    world.test.run(resume(world));
    CHECK(world.call("50").kind == Kind::answered);

    // Decided, and its record is on the way to the disk when the halt comes.
    world.database.meanwhile = [&world] { return halt(world); };
    world.database.meanwhile_after = 0;
    const CallResult decided = world.call("51");
    CHECK(decided.kind == Kind::refused);
    CHECK(decided.text.contains("halted by a person"));
    CHECK(world.upstream.calls == 1);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("regression: a halt that could not be stored stops, and can be released") {
  on_both([](World& world) {
    world.database.fail_after = 0;
    const auto halted = world.test.run(
        world.approvals->halt(person(world), approvals::HaltScope::tools, "an attack"));
    REQUIRE_FALSE(halted);
    CHECK(halted.error().message.contains("halted, but this could not be stored"));
    CHECK(world.call("50").kind == Kind::refused);
    world.test.run(resume(world));
    CHECK(world.call("50").kind == Kind::answered);
  });
}

TEST_CASE("an approved call that a halt stops right before it is sent was not executed") {
  on_both([](World& world) {
    world.database.meanwhile = [&world] { return halt(world); };
    world.database.meanwhile_after = 2;  // the question, the vote, then the dispatch
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.contains("were halted"));
    CHECK(world.upstream.calls == 0);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("regression: an approved call whose outcome could not be recorded can be released") {
  on_both([](World& world) {
    world.database.fail_after = 3;  // the question, the vote, the dispatch, then the outcome
    const CallResult result = world.test.run(held_call(world, approvals::Decision::approve, ""));
    CHECK(result.text.find("may have been executed") != std::string::npos);
    REQUIRE(result.approval);
    CHECK(world.in_flight() == 0);
    CHECK(world.recorded("call.unknown") == 1);
    const auto request = world.test.run(world.approvals->find(world.account, *result.approval));
    REQUIRE(request);
    CHECK(request->state == approvals::State::unknown);
    CHECK(world.in_flight() == 0);
    CHECK(world.recorded("call.unknown") == 1);
  });
}

/// Both callers hold; the one whose turn comes second finds the request used, and ended.
Task<std::vector<CallResult>> held_twice(World& world) {
  SilentObserver first, second;
  core::TaskScope scope(world.test.loops.at(0).executor());
  std::vector<CallResult> results;
  const auto caller =
      [](World& in, SilentObserver& seen, std::vector<CallResult>& out) -> Task<void> {
    CallResult result = co_await in.call_task("150", seen, {});
    co_await in.firewall->delivered(in.agent, result);
    out.push_back(std::move(result));
  };
  scope.spawn("first", caller(world, first, results));
  scope.spawn("second", caller(world, second, results));
  core::Wakeup tick(world.test.loops.at(0).executor());
  while (!first.held_request || !second.held_request) {
    co_await tick.wait_until(std::chrono::steady_clock::now() + core::milliseconds(1));
  }
  CHECK(first.held_request == second.held_request);
  identity::PersonPrincipal person;
  person.account = world.account;
  person.person = world.ana;
  person.role = identity::Role::approver;
  person.authenticated_at = world.clock.wall();
  CHECK(co_await world.approvals->decide(
      person, *first.held_request, approvals::Decision::approve, "", approvals::Channel::console));
  co_await scope.idle();
  co_return results;
}

TEST_CASE("regression: two identical calls end, run once, and leave no question behind") {
  on_both([](World& world) {
    for (int round = 0; round < 20; ++round) {
      const std::vector<CallResult> results = world.test.run(held_twice(world));
      REQUIRE(results.size() == 2);
      // In the order in which they ended: whoever came second may be told first that it is used.
      for (const CallResult& result : results) {
        CHECK((result.kind == Kind::answered || result.kind == Kind::refused));
      }
      CHECK(std::ranges::count(results, Kind::answered, &CallResult::kind) >= 1);
      CHECK(world.upstream.calls == round + 1);
      CHECK(world.approvals->pending_count() == 0);
    }
  });
}

TEST_CASE("a declined call tells the agent why") {
  on_both([](World& world) {
    const CallResult result = world.test.run(held_call(world, approvals::Decision::decline, ""));
    CHECK(result.kind == Kind::refused);
    CHECK(result.text.find("not today") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("rules that changed after the question are asked again before an approved call runs") {
  on_both([](World& world) {
    const CallResult denied = world.test.run(
        held_call(world,
                  approvals::Decision::approve,
                  "version: 2\nrules: [{tool: pay, action: deny, message: 'closed now'}]\n"));
    CHECK(denied.text.find("closed now") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("stricter rules supersede an approval, laxer ones do not matter") {
  on_both([](World& world) {
    const CallResult superseded = world.test.run(
        held_call(world,
                  approvals::Decision::approve,
                  "version: 2\nworkflows: [{name: two, quorum: 2}]\nrules: [{tool: pay, action: "
                  "require_approval, workflow: two}]\n"));
    CHECK(superseded.kind == Kind::refused);
    CHECK(world.upstream.calls == 0);
  });
  on_both([](World& world) {
    const CallResult laxer = world.test.run(held_call(
        world, approvals::Decision::approve, "version: 2\nrules: [{tool: pay, action: allow}]\n"));
    CHECK(laxer.kind == Kind::answered);
    CHECK(world.upstream.calls == 1);
  });
}

constexpr std::string_view k_one_an_hour = R"(version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 1", action: allow}
  - {tool: pay, action: deny, message: "one an hour"}
)";

TEST_CASE("a place in a count is given back only when the call provably never left") {
  on_both([](World& world) {
    world.test.run(world.policy->publish(World::compile(k_one_an_hour)));
    world.database.fail_after = 0;  // the decision cannot be recorded
    CHECK(world.call("1").kind == Kind::refused);
    world.upstream.answer = core::fail(core::Code::unavailable, "not there");
    CHECK(world.call("2").kind == Kind::refused);
    world.upstream.answer = core::fail(core::Code::internal, "no answer came");
    CHECK(world.call("3").kind == Kind::refused);
    CHECK(world.upstream.calls == 2);
    world.upstream.answer = UpstreamAnswer{R"({"content":[]})", {}};
    CHECK(world.call("4").text.find("one an hour") != std::string::npos);  // the third may have run
    CHECK(world.upstream.calls == 2);
  });
}

TEST_CASE("a result is masked for the agent, or withheld when it cannot be looked through") {
  on_both([](World& world) {
    world.test.run(world.policy->publish(World::compile(
        "version: 2\ntools: [{name: pay, redact: {result: [email, '$.phone']}}]\n")));
    world.upstream.answer = UpstreamAnswer{
        R"({"content":[{"type":"text","text":"{\"phone\":1,\"m\":\"a@example.com\"}"}]})", {}};
    CHECK(
        world.call("1").json ==
        R"({"content":[{"type":"text","text":"{\"phone\":\"[redacted:field]\",\"m\":\"[redacted:email]\"}"}]})");
    world.upstream.answer =
        UpstreamAnswer{std::string(policy::k_max_redacted + 1, ' ') + R"({"content":[]})", {}};
    const CallResult withheld = world.call("2");
    CHECK(withheld.kind == Kind::refused);
    CHECK(withheld.text.find("withheld") != std::string::npos);
    CHECK(world.upstream.calls == 2);
    // What looks like JSON and cannot be read may have the field all the same.
    for (const std::string_view text : {R"({\"phone\":1}\n{\"phone\":2})",
                                        R"({\"phone\":1,\"phone\":2})",
                                        R"(\ufeff[{\"phone\":12345678901234567890}])"}) {
      CAPTURE(text);
      world.upstream.answer = UpstreamAnswer{
          R"({"content":[{"type":"text","text":")" + std::string(text) + R"("}]})", {}};
      CHECK(world.call("3").kind == Kind::refused);
    }
  });
}

}  // namespace
}  // namespace preloop::firewall
