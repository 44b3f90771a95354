// Decisions, large policies and replay, one after the other on this thread: bench_policy
// [MILLISECONDS]. Prints one line of JSON. Nothing is mocked: definitions, documents, the compiled
// policy and the replay are the server's own; what is left out is what is around them (network,
// record, commit).
#include "catalogue/definition.h"
#include "firewall/replay.h"
#include "language_cases.h"
#include "policy/compiled.h"
#include "policy/decide.h"
#include "policy/document.h"
#include "run_length.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace preloop {
namespace {

using Clock = std::chrono::steady_clock;
using PolicyPtr = std::shared_ptr<const policy::CompiledPolicy>;
constexpr core::WallTime k_now{std::chrono::hours(480'000)};
constexpr int k_tools = 1'000;
constexpr int k_rules_a_tool = 10;
constexpr std::size_t k_replayed = 50'000;

[[noreturn]] void give_up(std::string_view why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

double microseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

catalogue::ToolPtr tool_named(std::string_view name) {
  const std::string text =
      fmt::format(R"({{"name":"{}","inputSchema":{}}})", name, bench::k_tool_schema);
  const auto parsed = core::JsonDocument::parse(text);
  auto tool = parsed ? catalogue::read_definition(parsed->root(), text)
                     : core::Result<catalogue::Tool>(std::unexpected(parsed.error()));
  if (!tool) {
    give_up(tool.error().message);
  }
  tool->server_name = "shop";
  tool->exposed_name = fmt::format("shop__{}", name);
  return std::make_shared<const catalogue::Tool>(std::move(*tool));
}

/// Rules of one tool of which only the last fits the arguments: all of them are evaluated.
void write_rules(std::string& out, std::string_view tool, int count) {
  constexpr std::string_view k_conditions[] = {
      "args.environment == 'dev'",
      "args.replicas > 50 && !args.dry_run",
      "args.service.startsWith('internal-')",
      "args.tags.exists(t, t == 'frozen')",
      "args.service.matches('^legacy-[a-z]+$')",
      "args.limits.cpu > 16.0",
      "args.environment in ['staging', 'dev'] && args.replicas > 10",
      "agent.name == 'untrusted'",
      "has(args.notes) && args.notes.contains('BEGIN PRIVATE KEY')",
  };
  for (int i = 0; i + 1 < count; ++i) {
    out += fmt::format("  - {{tool: shop/{}, when: \"{}\", action: {}}}\n",
                       tool,
                       k_conditions[static_cast<std::size_t>(i) % std::size(k_conditions)],
                       i % 3 == 0 ? "require_approval" : "deny");
  }
  out += fmt::format("  - {{tool: shop/{}, when: \"args.replicas <= 10\", action: allow}}\n", tool);
}

policy::Document read(const std::string& yaml) {
  auto document = policy::parse_document(yaml);
  if (!document) {
    give_up(document.error().message);
  }
  return std::move(*document);
}

PolicyPtr compile(policy::Document document, const policy::CompiledPolicy* before = nullptr) {
  auto compiled = policy::CompiledPolicy::compile(
      std::move(document), policy::CompiledPolicy::Teams::known, before);
  if (!compiled) {
    give_up(compiled.error().message);
  }
  return *compiled;
}

/// Microseconds of single decisions, parsing of the arguments included; sorted.
std::vector<double> decisions(const policy::CompiledPolicy& policy,
                              const catalogue::Tool& tool,
                              std::chrono::milliseconds length) {
  const std::string text = bench::tool_arguments();
  const auto decide = [&] {
    const auto args = core::JsonDocument::parse(text);
    policy::CallFacts facts;
    facts.tool = &tool;
    facts.args = args->root();
    facts.agent_name = "ci";
    facts.now = k_now;
    return policy::decide(policy, facts).action;
  };
  for (int i = 0; i < 1'000; ++i) {
    if (decide() != policy::Action::allow) {
      give_up("the arguments are not allowed");
    }
  }
  std::vector<double> times;
  const auto end = Clock::now() + length;
  while (Clock::now() < end || times.size() < 10'000) {
    const auto start = Clock::now();
    if (decide() != policy::Action::allow) [[unlikely]] {
      give_up("the arguments are not allowed any more");
    }
    times.push_back(microseconds_since(start));
  }
  std::ranges::sort(times);
  return times;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * share)];
}

struct Large {
  double load_ms = 0;    ///< from the text: read and compiled
  double change_ms = 0;  ///< one rule of it: the document copied, changed, compiled anew
  double mib = 0;        ///< what it keeps
  double p50_us = 0;     ///< a decision
};

Large large_policy(const catalogue::Tool& tool, std::chrono::milliseconds length) {
  std::string yaml = "version: 2\nrules:\n";
  for (int i = 0; i < k_tools; ++i) {
    write_rules(yaml, fmt::format("deploy_{}", i), k_rules_a_tool);
  }
  Large out;
  const std::size_t before = resident_bytes();
  const auto start = Clock::now();
  const PolicyPtr policy = compile(read(yaml));
  out.load_ms = microseconds_since(start) / 1000;
  out.mib = static_cast<double>(resident_bytes() - before) / 1024 / 1024;
  out.p50_us = percentile(decisions(*policy, tool, length), 0.5);
  std::vector<double> changes;
  for (int i = 0; i < 5; ++i) {
    const auto begun = Clock::now();
    policy::Document document = policy->document();
    document.rules[static_cast<std::size_t>(i) * 7].when = fmt::format("args.replicas > {}", i);
    const PolicyPtr changed = compile(std::move(document), policy.get());
    changes.push_back(microseconds_since(begun) / 1000);
  }
  std::ranges::sort(changes);
  out.change_ms = changes[changes.size() / 2];
  return out;
}

/// Recorded calls a second, from their bytes to the groups of the report.
double replayed_a_second(const PolicyPtr& policy, const catalogue::ToolPtr& tool) {
  auto server = std::make_shared<catalogue::Server>();
  server->id = core::ServerId::make(k_now);
  server->config.name = tool->server_name;
  const auto catalogue = std::make_shared<const catalogue::Catalogue>(
      std::vector<std::shared_ptr<const catalogue::Server>>{server},
      std::vector<catalogue::ToolPtr>{tool});
  firewall::Replay replay(policy, catalogue, std::make_shared<const identity::Directory>());
  std::vector<firewall::RecordedCall> calls(1'000);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    firewall::RecordedCall& call = calls[i];
    call.id = core::CallId::make(k_now);
    call.agent_name = "ci";
    call.server = tool->server_name;
    call.tool = tool->name;
    call.action = i % 10 == 0 ? "deny" : "allow";
    call.at = k_now + core::seconds(static_cast<std::int64_t>(i));
    call.arguments = bench::tool_arguments();
  }
  const auto start = Clock::now();
  for (std::size_t done = 0; done < k_replayed; done += calls.size()) {
    replay.add(calls);
  }
  const double seconds = microseconds_since(start) / 1e6;
  const firewall::ReplayReport report = replay.report();
  if (report.calls != k_replayed || report.changed != k_replayed / 10) {
    give_up("the replay counts otherwise");
  }
  return static_cast<double>(k_replayed) / seconds;
}

}  // namespace
}  // namespace preloop

int main(int argc, char** argv) {
  using namespace preloop;
  const std::chrono::milliseconds length = bench::run_length(argc, argv);
  const catalogue::ToolPtr tool = tool_named("deploy_500");
  // First, while the heap is small: what a large policy keeps is told by the resident set.
  const Large large = large_policy(*tool, length);
  std::string rules = "version: 2\nrules:\n";
  write_rules(rules, tool->name, 2 * k_rules_a_tool);
  const PolicyPtr twenty = compile(read(rules));
  rules = "version: 2\nrules:\n";
  write_rules(rules, tool->name, k_rules_a_tool);
  const PolicyPtr ten = compile(read(rules));
  const std::vector<double> whole = decisions(*twenty, *tool, length);
  const std::vector<double> small = decisions(*ten, *tool, length);
  fmt::print(
      R"({{"decision_p50_us":{:.2f},"decision_p99_us":{:.2f},"small_p50_us":{:.2f},"large_p50_us":{:.2f},)"
      R"("large_load_ms":{:.0f},"large_change_ms":{:.1f},"large_mib":{:.1f},"replayed_per_second":{:.0f}}})"
      "\n",
      percentile(whole, 0.5),
      percentile(whole, 0.99),
      percentile(small, 0.5),
      large.p50_us,
      large.load_ms,
      large.change_ms,
      large.mib,
      replayed_a_second(twenty, tool));
}
