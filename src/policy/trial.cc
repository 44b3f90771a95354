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
  CallFacts facts;
  facts.args = args.root();
  facts.agent_name = call.agent;
  facts.key_name = call.key;
  facts.now = world.now;
  if (const identity::Agent* const agent = world.directory.find_agent(world.account, call.agent)) {
    facts.agent_kind = agent->kind;
    facts.agent_tags = &agent->tags;
    if (const identity::Person* const owner =
            agent->owner ? world.directory.find_person(*agent->owner) : nullptr) {
      facts.agent_owner = owner->email;
    }
  }
  std::vector<TrialResult> out;
  for (const catalogue::ToolPtr& tool : tools) {
    facts.tool = tool.get();
    out.push_back({tool->server_name, tool->name, known, explain(world.policy, facts)});
  }
  return out;
}

std::vector<TestOutcome> run_tests(const TrialWorld& world, const std::vector<TestText>& tests) {
  std::vector<TestOutcome> out;
  out.reserve(tests.size());
  for (const TestText& test : tests) {
    TestOutcome outcome{.test = test, .passed = true, .actual = test.expect, .message = {}};
    const auto results =
        try_call(world, {.tool = test.tool, .args = test.args, .agent = test.agent, .key = {}});
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
