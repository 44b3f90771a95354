#pragma once
#include "audit/payload_cipher.h"
#include "audit/sealer.h"
#include "catalogue/definition.h"
#include "core/crypto.h"
#include "core/loop_call.h"
#include "core/testing/fake_clock.h"
#include "firewall/firewall.h"
#include "firewall/recovery.h"
#include "identity/directory.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

#include <atomic>
#include <limits>
#include <mutex>

namespace preloop::firewall::testing {

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

inline void on_both(const std::function<void(World&)>& check) {
  store::testing::for_each_database([&](store::testing::TestDatabase& test) {
    World world(test);
    check(world);
  });
}

/// A request that is decided like a call.
inline CallResult request(World& world, catalogue::Method method, std::string arguments) {
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

}  // namespace preloop::firewall::testing
