#include "policy/service.h"

#include "audit/types.h"
#include "catalogue/definition.h"
#include "core/testing/fake_clock.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

namespace preloop::policy {
namespace {

/// Counts the records; the chain itself is audit's matter.
struct NoSealer final : store::Sealer {
  void begin() override {}
  core::Result<std::vector<store::Statement>> seal(const store::Draft&) override {
    ++sealed;
    return std::vector<store::Statement>();
  }
  void committed() override {}
  void rolled_back() override {}
  int sealed = 0;
};

catalogue::Tool tool_of(const std::string& text) {
  const auto parsed = core::JsonDocument::parse(text);
  return *catalogue::read_definition(parsed->root(), text);
}

constexpr std::string_view k_payments = R"(version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval}
  - {tool: pay, action: deny, message: "Payments over 1000 are not possible here"}
tests:
  - {tool: pay, args: {amount: 50}, expect: allow}
  - {tool: pay, args: {amount: 5000}, expect: deny}
)";

/// An account with the server "bank", which has been listed and has the tool `pay`.
struct World {
  store::testing::TestDatabase& test;
  NoSealer sealer;
  core::testing::FakeClock clock;
  core::Offload offload{1};
  core::AccountId account;
  audit::Actor actor{.type = audit::ActorClass::admin, .id = {}, .name = "ana@example.com"};
  std::unique_ptr<identity::IdentitySnapshot> identity;
  std::unique_ptr<catalogue::CatalogueService> catalogue;
  std::unique_ptr<PolicyService> service;

  explicit World(store::testing::TestDatabase& database) : test(database) {
    test.database.set_sealer(&sealer);
    account = test.make_account();
    identity = std::make_unique<identity::IdentitySnapshot>(
        test.loops, std::make_shared<const identity::Directory>());
    catalogue = catalogue::CatalogueService::create(
        {test.loops.at(0), test.loops, test.database, clock, account});
    REQUIRE(test.run(catalogue->start()));
    catalogue::ServerConfig bank;
    bank.name = "bank";
    bank.command = "bank-server";
    const auto added = test.run(catalogue->add(actor, bank));
    REQUIRE(added);
    REQUIRE(test.run(catalogue->listed(
        added->id,
        {tool_of(
            R"({"name":"pay","inputSchema":{"type":"object","properties":{"amount":{"type":"number"}}}})")})));
    restart();
  }
  ~World() { test.database.set_sealer(nullptr); }

  void restart() {
    service = PolicyService::create({test.loops.at(0),
                                     test.loops,
                                     test.database,
                                     *catalogue,
                                     *identity,
                                     clock,
                                     offload,
                                     account});
    const auto started = test.run(service->start());
    REQUIRE_MESSAGE(started, started.error().message);
  }
  core::Result<Applied> apply(std::string_view yaml, PolicyService::ApplyOptions options = {}) {
    return test.run(service->apply(actor, std::string(yaml), std::move(options)));
  }
  Action action(std::string args) const {
    const auto results = service->explain(std::nullopt, {.tool = "pay", .args = std::move(args)});
    REQUIRE(results);
    return results->front().explanation.verdict.action;
  }
};

void with_world(void (*test)(World&)) {
  store::testing::for_each_database([test](store::testing::TestDatabase& database) {
    World world(database);
    test(world);
  });
}

TEST_CASE("applied means committed, recorded, published, and there after a restart") {
  with_world([](World& world) {
    CHECK(world.service->in_force()->version.number == 0);
    CHECK(world.action(R"({"amount":5000})") == Action::allow);
    const int before = world.sealer.sealed;
    const auto applied = world.apply(k_payments, {.comment = "first"});
    REQUIRE_MESSAGE(applied, applied.error().message);
    CHECK(applied->version == 1);
    CHECK(applied->warnings.size() == 2);  // two rules read `amount`, which may be absent
    CHECK(world.sealer.sealed == before + 1);
    CHECK(world.action(R"({"amount":50})") == Action::allow);
    CHECK(world.action(R"({"amount":150})") == Action::require_approval);
    CHECK(world.action(R"({"amount":5000})") == Action::deny);
    CHECK(world.service->snapshot().latest()->hash() ==
          world.service->in_force()->compiled->hash());

    world.restart();
    CHECK(world.action(R"({"amount":5000})") == Action::deny);
    const auto version = world.test.run(world.service->version(1));
    REQUIRE(version);
    CHECK(version->comment == "first");
    CHECK(version->actor == "ana@example.com");
    CHECK(version->hash == world.service->in_force()->compiled->hash());
    CHECK(world.test.run(world.service->version(2)).error().code == core::Code::not_found);
  });
}

TEST_CASE("an export changes nothing when applied, and neither does the same document twice") {
  with_world([](World& world) {
    REQUIRE(world.apply(k_payments));
    const std::string exported = world.service->export_document();
    CHECK(exported.find("bank-server") != std::string::npos);
    const auto proposal = world.service->propose(exported, Prune::no);
    REQUIRE_MESSAGE(proposal, proposal.error().message);
    CHECK(proposal->changes.empty());
    const auto again = world.apply(exported);
    REQUIRE(again);
    CHECK(again->version == 1);
    CHECK(again->changes.empty());
    CHECK(world.service->export_document() == exported);
    CHECK(world.apply(k_payments)->version == 1);
  });
}

TEST_CASE("the difference shown is the difference made, servers included") {
  with_world([](World& world) {
    const std::string wanted = R"(version: 2
servers:
  - {name: bank, transport: stdio, command: bank-server, args: ["--new"]}
  - {name: vault, transport: streamable_http, url: "https://vault.example/mcp"}
rules:
  - {tool: vault/open, action: deny}
)";
    const auto proposal = world.service->propose(wanted, Prune::no);
    REQUIRE_MESSAGE(proposal, proposal.error().message);
    CHECK(proposal->changes.size() == 3);
    CHECK(changes_command(proposal->changes));
    REQUIRE(proposal->warnings.size() == 1);  // vault has not been listed
    CHECK(proposal->warnings[0].message.find("vault/open") != std::string::npos);
    const auto applied = world.apply(wanted);
    REQUIRE_MESSAGE(applied, applied.error().message);
    CHECK(applied->changes == proposal->changes);
    auto catalogue = world.catalogue->snapshot().latest();
    CHECK(catalogue->find_server("bank")->config.args == std::vector<std::string>{"--new"});
    CHECK(catalogue->find_server("vault") != nullptr);

    // Without pruning nothing goes that the document does not name.
    CHECK(world.apply("version: 2\nservers: []\n")->changes.empty());
    REQUIRE(world.apply("version: 2\nservers: []\n", {.prune = Prune::yes}));
    CHECK(world.catalogue->snapshot().latest()->servers().empty());
    const auto removal = world.test.run(world.service->versions(std::nullopt, 10));
    REQUIRE(removal);
    CHECK(removal->size() == 2);
    CHECK(removal->front().number == 2);
  });
}

TEST_CASE("an unknown tool is an error when every server was listed, with a suggestion") {
  with_world([](World& world) {
    const auto refused = world.apply("version: 2\nrules:\n  - {tool: pya, action: deny}\n");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == core::Code::invalid_argument);
    REQUIRE(refused.error().details.size() == 1);
    CHECK(refused.error().details[0].path == "3:6");
    CHECK(refused.error().details[0].message.find("did you mean 'pay'?") != std::string::npos);
    const auto server = world.apply("version: 2\nrules:\n  - {tool: bnak/pay, action: deny}\n");
    REQUIRE_FALSE(server);
    CHECK(server.error().message.find("'bank'") != std::string::npos);
    CHECK(world.service->in_force()->version.number == 0);

    catalogue::ServerConfig fresh;
    fresh.name = "fresh";
    fresh.command = "fresh";
    REQUIRE(world.test.run(world.catalogue->add(world.actor, fresh)));
    const auto warned = world.apply("version: 2\nrules:\n  - {tool: pya, action: deny}\n");
    REQUIRE(warned);
    CHECK(warned->warnings.size() == 1);
  });
}

TEST_CASE("a tool that vanished does not make the policy in force unusable") {
  with_world([](World& world) {
    REQUIRE(world.apply(k_payments));
    const auto bank = world.catalogue->snapshot().latest()->find_server("bank")->id;
    REQUIRE(world.test.run(world.catalogue->listed(bank, {tool_of(R"({"name":"other"})")})));
    const auto applied = world.apply(world.service->export_document());
    REQUIRE_MESSAGE(applied, applied.error().message);
    CHECK(applied->changes.empty());
    CHECK_FALSE(applied->warnings.empty());
  });
}

TEST_CASE("apply may be refused: by another version, by the permit, by the document") {
  with_world([](World& world) {
    CHECK(world.apply(k_payments, {.expected_version = 3}).error().code == core::Code::aborted);
    const auto no = [](const std::vector<Change>& changes) -> core::Status {
      CHECK_FALSE(changes.empty());
      return core::fail(core::Code::permission_denied, "no");
    };
    CHECK(world.apply(k_payments, {.comment = {}, .expected_version = 0, .permit = no})
              .error()
              .code == core::Code::permission_denied);
    CHECK(world.apply("version: 2\nrules:\n  - {tool: pay, action: alow}\n").error().code ==
          core::Code::invalid_argument);
    CHECK(world.service->in_force()->version.number == 0);
    CHECK(world.test.run(world.service->versions(std::nullopt, 10))->empty());
  });
}

TEST_CASE("an edit is a new version of the rules and leaves the servers alone") {
  with_world([](World& world) {
    REQUIRE(world.apply(k_payments));
    const auto edited = world.test.run(world.service->edit(
        world.actor,
        [](Document& document) -> core::Status {
          document.rules.insert(document.rules.begin(), {.tool = "pay", .action = Action::deny});
          return {};
        },
        {.comment = {}, .expected_version = 1, .permit = {}}));
    REQUIRE_MESSAGE(edited, edited.error().message);
    CHECK(edited->version == 2);
    CHECK(edited->changes.size() == 1);
    CHECK(edited->warnings.size() == 3);  // and a test of the document fails now
    CHECK(world.action(R"({"amount":50})") == Action::deny);
    CHECK(world.catalogue->snapshot().latest()->find_server("bank") != nullptr);
  });
}

TEST_CASE("tests and trials name their tools as people do") {
  with_world([](World& world) {
    const auto outcomes = world.service->test(
        std::string(k_payments),
        {{.tool = "bank/pay", .args = R"({"amount":500})", .expect = Action::require_approval},
         {.tool = "bank__pay", .args = R"({"amount":500})", .expect = Action::allow},
         {.tool = "elsewhere", .args = "{}", .expect = Action::allow}});
    REQUIRE(outcomes);
    REQUIRE(outcomes->size() == 5);
    CHECK((*outcomes)[0].passed);
    CHECK((*outcomes)[2].passed);
    CHECK_FALSE((*outcomes)[3].passed);
    CHECK((*outcomes)[3].actual == Action::require_approval);
    CHECK((*outcomes)[3].message == "bank/pay: require_approval by rule 2");
    CHECK((*outcomes)[4].passed);
    CHECK(world.service->in_force()->version.number == 0);
    const auto bad = world.service->explain(std::nullopt, {.tool = "pay", .args = "[1]"});
    CHECK(bad.error().code == core::Code::invalid_argument);
  });
}

}  // namespace
}  // namespace preloop::policy
