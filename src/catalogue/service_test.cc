#include "catalogue/service.h"

#include "audit/types.h"
#include "catalogue/definition.h"
#include "core/testing/fake_clock.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

namespace preloop::catalogue {
namespace {

struct Seen final : ServerObserver {
  std::vector<std::string> events;
  void server_started(const Server& server) override { events.push_back("+" + server.config.name); }
  void server_removed(core::ServerId) override { events.push_back("-"); }
};

/// Keeps the drafts away from the chain: this test is about the catalogue.
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

Tool tool_of(const std::string& text) {
  const auto parsed = core::JsonDocument::parse(text);
  return *read_definition(parsed->root(), text);
}

ServerConfig config_of(std::string name) {
  ServerConfig config;
  config.name = std::move(name);
  config.command = "bank-server";
  config.env = {{"TOKEN", "secret:bank"}};
  return config;
}

TEST_CASE("servers and tools are kept, published and read again") {
  store::testing::for_each_database([](store::testing::TestDatabase& test) {
    NoSealer sealer;
    test.database.set_sealer(&sealer);
    core::testing::FakeClock clock;
    const core::AccountId account = test.make_account();
    const CatalogueService::Dependencies dependencies{
        test.loops.at(0), test.loops, test.database, clock, account};
    const audit::Actor actor{.type = audit::ActorClass::admin, .id = {}, .name = "test"};
    Seen seen;
    const auto service = CatalogueService::create(dependencies);
    service->set_observer(&seen);
    REQUIRE(test.run(service->start()));

    const auto bank = test.run(service->add(actor, config_of("bank")));
    REQUIRE_MESSAGE(bank, bank.error().message);
    CHECK(test.run(service->add(actor, config_of("bank"))).error().code ==
          core::Code::already_exists);
    CHECK(test.run(service->add(actor, config_of("Bank"))).error().code ==
          core::Code::invalid_argument);
    REQUIRE(test.run(
        service->listed(bank->id, {tool_of(R"({"name":"pay","inputSchema":{"type":"object"}})")})));
    REQUIRE(test.run(service->listed(bank->id,
                                     {tool_of(R"({"name":"pay","inputSchema":{"type":"object"}})"),
                                      tool_of(R"({"name":"x"})")})));
    auto catalogue = service->snapshot().latest();
    REQUIRE(catalogue->find_exposed("bank__pay") != nullptr);
    const ToolPtr added = *catalogue->find_exposed("bank__x");
    CHECK(added->pin == PinState::new_tool);

    REQUIRE(test.run(service->accept(actor, bank->id, std::nullopt)));
    REQUIRE(test.run(service->set_enabled(actor, added->id, false)));
    ServerConfig renamed = config_of("vault");
    CHECK(test.run(service->update(actor, bank->id, renamed, 7)).error().code ==
          core::Code::aborted);
    auto lists = std::make_shared<ServerLists>();
    lists->digest = 1;
    test.run(service->report_lists(bank->id, lists));
    CHECK(service->snapshot().latest()->find_server("bank")->lists == lists);
    REQUIRE(test.run(service->update(actor, bank->id, renamed, 1)));
    // Regression: what the server listed before it was changed is not what it has now.
    CHECK(service->snapshot().latest()->find_server("vault")->lists == nullptr);

    // Another service on the same database sees all of it.
    const auto again = CatalogueService::create(dependencies);
    REQUIRE(test.run(again->start()));
    catalogue = again->snapshot().latest();
    REQUIRE(catalogue->find_server("vault") != nullptr);
    CHECK(catalogue->find_server("vault")->config == renamed);
    const ToolPtr* const found = catalogue->find_exposed("vault__x");
    REQUIRE(found != nullptr);
    CHECK((*found)->pin == PinState::accepted);
    CHECK_FALSE((*found)->enabled);

    REQUIRE(test.run(service->remove(actor, bank->id)));
    CHECK(service->snapshot().latest()->tools().empty());
    CHECK(test.run(service->remove(actor, bank->id)).error().code == core::Code::not_found);
    const auto empty = CatalogueService::create(dependencies);
    REQUIRE(test.run(empty->start()));
    CHECK(empty->snapshot().latest()->tools().empty());
    CHECK(seen.events == std::vector<std::string>{"+bank", "+vault", "-"});
    CHECK(sealer.sealed >= 7);
    test.database.set_sealer(nullptr);
  });
}

TEST_CASE("regression: a server that came back with the same tools is announced") {
  store::testing::for_each_database([](store::testing::TestDatabase& test) {
    NoSealer sealer;
    test.database.set_sealer(&sealer);
    core::testing::FakeClock clock;
    const core::AccountId account = test.make_account();
    const audit::Actor actor{.type = audit::ActorClass::admin, .id = {}, .name = "test"};
    Seen seen;
    const auto service =
        CatalogueService::create({test.loops.at(0), test.loops, test.database, clock, account});
    service->set_observer(&seen);
    REQUIRE(test.run(service->start()));
    const auto announced = [&] {
      const auto rows = test.run(test.database.query(
          store::statement(store::Sql("SELECT seq FROM event WHERE account = $1"), account)));
      REQUIRE(rows);
      return rows->size();
    };
    const auto bank = test.run(service->add(actor, config_of("bank")));
    REQUIRE(bank);
    REQUIRE(test.run(service->listed(bank->id, {tool_of(R"({"name":"pay"})")})));
    test.run(service->report_status(bank->id, ServerStatus::failed, "crashed"));

    const auto before = announced();
    REQUIRE(test.run(service->listed(bank->id, {tool_of(R"({"name":"pay"})")})));
    CHECK(announced() == before + 1);
    REQUIRE(test.run(service->listed(bank->id, {tool_of(R"({"name":"pay"})")})));
    CHECK(announced() == before + 1);
    test.database.set_sealer(nullptr);
  });
}

}  // namespace
}  // namespace preloop::catalogue
