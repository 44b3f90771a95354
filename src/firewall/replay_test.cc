#include "firewall/replay.h"

#include "catalogue/definition.h"
#include "firewall/suggest.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>

namespace preloop::firewall {
namespace {

constexpr core::WallTime k_begin{std::chrono::hours(480'000)};

std::shared_ptr<const policy::CompiledPolicy> compile(std::string_view yaml) {
  auto document = policy::parse_document(yaml);
  REQUIRE_MESSAGE(document, document.error().message);
  auto compiled = policy::CompiledPolicy::compile(std::move(*document));
  REQUIRE_MESSAGE(compiled, compiled.error().message);
  return *compiled;
}

std::shared_ptr<const catalogue::Catalogue> bank() {
  const std::string text =
      R"({"name":"pay","inputSchema":{"type":"object","properties":{"amount":{"type":"number"},"to":{"type":"string"}}}})";
  const auto parsed = core::JsonDocument::parse(text);
  catalogue::Tool tool = *catalogue::read_definition(parsed->root(), text);
  auto server = std::make_shared<catalogue::Server>();
  server->id = core::ServerId::make(k_begin);
  server->config.name = "bank";
  tool.server = server->id;
  tool.server_name = "bank";
  tool.exposed_name = "bank__pay";
  return std::make_shared<const catalogue::Catalogue>(
      std::vector<std::shared_ptr<const catalogue::Server>>{server},
      std::vector<catalogue::ToolPtr>{std::make_shared<const catalogue::Tool>(std::move(tool))});
}

RecordedCall pay(std::string arguments, std::string action, int minute = 0) {
  const core::WallTime at = k_begin + std::chrono::minutes(minute);
  return {.id = core::CallId::make(at),
          .agent = {},
          .key = {},
          .session = {},
          .agent_name = "bot",
          .server = "bank",
          .tool = "pay",
          .action = std::move(action),
          .at = at,
          .arguments = std::move(arguments)};
}

TEST_CASE("what would have been decided otherwise, in groups, the largest first") {
  Replay replay(compile(R"(version: 2
rules:
  - {tool: pay, when: "args.amount > 100", action: deny}
  - {tool: gone, action: require_approval}
)"),
                bank(),
                std::make_shared<const identity::Directory>());
  RecordedCall vanished = pay("{}", "allow");
  vanished.tool = "gone";
  replay.add({pay(R"({"amount":500,"to":"4111 1111 1111 1111"})", "allow"),
              pay(R"({"amount":600})", "allow"),
              pay(R"({"amount":5})", "allow"),
              pay(R"({"amount":500})", "deny"),
              vanished,
              pay("", "allow")});
  const ReplayReport report = replay.report();
  CHECK(report.calls == 5);
  CHECK(report.same == 2);
  CHECK(report.changed == 3);
  CHECK(report.skipped == 1);
  REQUIRE(report.groups.size() == 2);
  CHECK(report.groups[0].tool == "pay");
  CHECK(report.groups[0].calls == 2);
  CHECK(report.groups[0].before == "allow");
  CHECK(report.groups[0].after == "deny");
  CHECK(report.groups[0].why == "account rule 1 (pay)");
  CHECK(report.groups[0].example.find("4111") == std::string::npos);
  CHECK(report.groups[1].tool == "gone");
}

TEST_CASE("a candidate that counts is replayed with its own counting, at the times of the calls") {
  Replay replay(compile(R"(version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 2", action: allow}
  - {tool: pay, action: deny}
)"),
                bank(),
                std::make_shared<const identity::Directory>());
  std::vector<RecordedCall> calls;
  for (const int minute : {0, 10, 20, 61, 62}) {
    calls.push_back(pay("{}", "allow", minute));
  }
  replay.add(calls);
  // The third is one too many; at 61 the first has left the window.
  CHECK(replay.report().changed == 2);
}

TEST_CASE("a month of calls is replayed in seconds") {
  Replay replay(compile(R"(version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval}
  - {tool: pay, action: deny}
)"),
                bank(),
                std::make_shared<const identity::Directory>());
  std::vector<RecordedCall> calls(1000, pay(R"({"amount":150.5,"to":"somebody"})", "allow"));
  const auto begin = std::chrono::steady_clock::now();
  constexpr int k_rounds = 20;
  for (int i = 0; i < k_rounds; ++i) {
    replay.add(calls);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  MESSAGE("replayed " << 1000 * k_rounds / taken.count() << " calls a second");
  CHECK(replay.report().changed == 1000 * k_rounds);
}

TEST_CASE("what people always let pass becomes a rule for exactly that") {
  Suggester suggester;
  std::vector<RecordedCall> calls;
  calls.reserve(6);
  for (int i = 0; i < 6; ++i) {
    calls.push_back(pay(fmt::format(R"({{"amount":{},"to":"{}","note":"n{}"}})",
                                    10 * (i + 1),
                                    i % 2 == 0 ? "ana" : "bo",
                                    i),
                        "require_approval",
                        i));
  }
  suggester.add(calls);
  for (const RecordedCall& call : calls) {
    suggester.decided(call.id, true);
  }
  const auto found = suggester.suggestions();
  REQUIRE(found.size() == 1);
  CHECK(found[0].when == R"(args.amount <= 60 && args.to in ["ana", "bo"])");
  CHECK(found[0].calls == 6);
  CHECK(found[0].agent == "bot");
  const std::string yaml = to_document(found);
  CHECK(yaml.find("approved 6 times, never declined") != std::string::npos);
  CHECK(compile(yaml));
}

TEST_CASE("nothing is proposed where people disagreed, or on little") {
  Suggester suggester;
  std::vector<RecordedCall> calls;
  calls.reserve(8);
  for (int i = 0; i < 8; ++i) {
    calls.push_back(pay(R"({"amount":1})", "require_approval", i));
  }
  suggester.add(calls);
  for (std::size_t i = 0; i < 4; ++i) {
    suggester.decided(calls[i].id, true);
  }
  CHECK(suggester.suggestions().empty());
  suggester.decided(calls[4].id, true);
  CHECK(suggester.suggestions().size() == 1);
  suggester.decided(calls[5].id, false);
  CHECK(suggester.suggestions().empty());
}

}  // namespace
}  // namespace preloop::firewall
