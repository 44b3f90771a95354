#include "catalogue/listing.h"

#include "catalogue/definition.h"

#include <doctest/doctest.h>

namespace preloop::catalogue {
namespace {

Tool tool_of(const std::string& text) {
  const auto parsed = core::JsonDocument::parse(text);
  return *read_definition(parsed->root(), text);
}

constexpr core::WallTime k_now{core::seconds(1'700'000'000)};

/// A server that has listed `pay` once.
struct Accepted {
  Server server;
  std::vector<ToolRow> rows;
  Accepted() {
    server.id = core::ServerId::make(k_now);
    rows =
        apply_listing(server, {}, {tool_of(R"({"name":"pay","description":"a"})")}, k_now).changed;
    server.accepted = true;
  }
  ListingChange list(const std::vector<Tool>& tools) const {
    return apply_listing(server, rows, tools, k_now);
  }
};

TEST_CASE("the first listing is accepted with its server, an equal one changes nothing") {
  const Accepted state;
  REQUIRE(state.rows.size() == 1);
  CHECK(state.rows[0].pin == PinState::accepted);
  CHECK(state.list({tool_of(R"({"name":"pay","description":"a"})")}).changed.empty());
  // Another spelling of the same definition is stored but stays accepted.
  const auto respelled = state.list({tool_of(R"({"description":"a", "name":"pay"})")});
  CHECK(respelled.changed[0].pin == PinState::accepted);
}

TEST_CASE("a later tool is new, a different definition is changed") {
  const Accepted state;
  const auto change =
      state.list({tool_of(R"({"name":"pay","description":"b"})"), tool_of(R"({"name":"refund"})")});
  REQUIRE(change.changed.size() == 2);
  CHECK(change.changed[0].pin == PinState::changed);
  CHECK(change.changed[0].accepted_definition == R"({"name":"pay","description":"a"})");
  CHECK(change.changed[1].pin == PinState::new_tool);
}

TEST_CASE("going back to what was accepted, after vanishing or changing, is accepted again") {
  Accepted state;
  state.rows = state.list({}).changed;
  CHECK_FALSE(state.rows[0].present);
  const auto back = state.list({tool_of(R"({"name":"pay","description":"a"})")});
  CHECK(back.changed[0].present);
  CHECK(back.changed[0].pin == PinState::accepted);
  const auto other = state.list({tool_of(R"({"name":"pay","description":"evil"})")});
  CHECK(other.changed[0].pin == PinState::changed);
}

TEST_CASE("a changed tool stays changed while its new definition is listed again") {
  Accepted state;
  state.rows = state.list({tool_of(R"({"name":"pay","description":"b"})")}).changed;
  CHECK(state.list({tool_of(R"({"name":"pay","description":"b"})")}).changed.empty());
  CHECK(state.rows[0].pin == PinState::changed);
}

}  // namespace
}  // namespace preloop::catalogue
