#include "policy/trial.h"

#include "policy/patterns.h"

#include <fmt/format.h>

namespace preloop::policy {
namespace {

/// Takes any arguments: for tools that no server has (yet).
std::shared_ptr<const schema::Schema> permissive_schema() {
  const auto anything = core::JsonDocument::parse("{}");
  auto compiled = schema::Schema::compile(anything->root());
  return std::make_shared<const schema::Schema>(std::move(*compiled));
}

std::vector<catalogue::ToolPtr> find_tools(const catalogue::Catalogue& catalogue,
                                           const std::string& name) {
  if (const catalogue::ToolPtr* const exposed = catalogue.find_exposed(name)) {
    return {*exposed};
  }
  std::vector<catalogue::ToolPtr> out;
  if (const auto pattern = ToolPattern::parse(name)) {
    for (const catalogue::ToolPtr& tool : catalogue.tools()) {
      if ((pattern->server.empty() || pattern->server == tool->server_name) &&
          pattern->name == tool->name) {
        out.push_back(tool);
      }
    }
  }
  return out;
}

catalogue::ToolPtr imagined_tool(const std::string& name) {
  catalogue::Tool tool;
  const auto pattern = ToolPattern::parse(name);
  tool.name = pattern ? pattern->name : name;
  tool.server_name = pattern ? pattern->server : std::string();
  tool.input_schema = permissive_schema();
  return std::make_shared<const catalogue::Tool>(std::move(tool));
}

std::string describe(const TrialResult& result) {
  const Verdict& verdict = result.explanation.verdict;
  std::string out = fmt::format("{}{}{}: {}",
                                result.server,
                                result.server.empty() ? "" : "/",
                                result.tool,
                                to_string(verdict.action));
  if (verdict.rule) {
    out += fmt::format(" by rule {}", verdict.rule->position);
    if (verdict.rule->scope != Scope::account) {
      out += fmt::format(" of {} {}", to_string(verdict.rule->scope), verdict.rule->scope_name);
    }
    if (!verdict.rule->error.empty()) {
      out += fmt::format(" ({})", verdict.rule->error);
    }
  } else {
    out += fmt::format(" ({})", to_string(verdict.cause));
  }
  return out;
}

}  // namespace

core::Result<std::vector<TrialResult>> try_call(const TrialWorld& world, const TrialCall& call) {
  PRELOOP_TRY(const core::JsonDocument args, core::JsonDocument::parse(call.args));
  if (!args.root().is_object()) {
    return core::fail(core::Code::invalid_argument,
                      "the arguments must be a JSON object",
                      {{"/args", "must be an object"}});
  }
  std::vector<catalogue::ToolPtr> tools = find_tools(world.catalogue, call.tool);
  const bool known = !tools.empty();
  if (!known) {
    tools.push_back(imagined_tool(call.tool));
  }
  CallFacts facts = facts_of(world, call.agent, call.key);
  facts.args = args.root();
  facts.justification = call.justification;
  facts.now = call.now.value_or(world.now);
  facts.usage = call.past ? call.past.get() : facts.usage;
  std::vector<TrialResult> out;
  for (const catalogue::ToolPtr& tool : tools) {
    facts.tool = tool.get();
    out.push_back({tool->server_name, tool->name, known, explain(world.policy, facts)});
  }
  return out;
}

CallFacts facts_of(const TrialWorld& world, std::string_view agent, std::string_view key) {
  CallFacts facts;
  facts.agent_name = agent;
  facts.key_name = key;
  facts.now = world.now;
  facts.usage = &world.usage;
  if (const identity::Agent* const known = world.directory.find_agent(world.account, agent)) {
    facts.agent = known->id;
    facts.agent_kind = known->kind;
    facts.agent_tags = &known->tags;
    if (const identity::Person* const owner =
            known->owner ? world.directory.find_person(*known->owner) : nullptr) {
      facts.agent_owner = owner->email;
    }
  }
  for (const identity::KeyInfo& known : world.directory.keys()) {
    if (known.account == world.account && known.name == key) {
      facts.key = known.id;
    }
  }
  return facts;
}

std::vector<TestText> all_tests(const Document& document) {
  std::vector<TestText> out = document.tests;
  const auto add = [&](const RuleText& rule, std::string_view agent, std::string_view key) {
    for (TestText test : rule.tests) {
      test.tool = test.tool.empty() ? rule.tool : test.tool;
      test.agent = test.agent.empty() ? agent : test.agent;
      test.key = test.key.empty() ? key : test.key;
      out.push_back(std::move(test));
    }
  };
  for (const RuleText& rule : document.rules) {
    add(rule, {}, {});
  }
  for (const auto& [name, scope] : document.agents) {
    for (const RuleText& rule : scope.rules) {
      add(rule, name, {});
    }
  }
  for (const auto& [name, scope] : document.keys) {
    for (const RuleText& rule : scope.rules) {
      add(rule, {}, name);
    }
  }
  return out;
}

std::vector<TestOutcome> run_tests(const TrialWorld& world, const std::vector<TestText>& tests) {
  std::vector<TestOutcome> out;
  out.reserve(tests.size());
  for (const TestText& test : tests) {
    TestOutcome outcome{.test = test, .passed = true, .actual = test.expect, .message = {}};
    TrialCall call{.tool = test.tool, .args = test.args, .agent = test.agent, .key = test.key};
    // What is tested is the rules, not whether somebody wrote a justification.
    call.justification = "test";
    if (const auto now = core::parse_rfc3339(test.now)) {
      call.now = *now;
    }
    const auto results = try_call(world, call);
    if (!results) {
      outcome.passed = false;
      outcome.actual = Action::deny;
      outcome.message = results.error().message;
    } else {
      for (const TrialResult& result : *results) {
        if (result.explanation.verdict.action != test.expect && outcome.passed) {
          outcome.passed = false;
          outcome.actual = result.explanation.verdict.action;
          outcome.message = describe(result);
        }
      }
      if (outcome.passed) {
        outcome.message = describe(results->front());
      }
    }
    out.push_back(std::move(outcome));
  }
  return out;
}

}  // namespace preloop::policy
