#include "policy/effective.h"

#include "policy/compiled_impl.h"

#include <algorithm>

namespace preloop::policy {
namespace {

/// What `lists` say about the tool; false when the answer depends on more than tool, agent and key.
bool gather(const RuleList& list, const catalogue::Tool& tool, std::vector<EffectiveRule>& out) {
  bool fixed = true;
  const ToolTags tags = tags_of(tool.annotations);
  list.visit(tool.server_name, tool.name, [&](const Rule& rule) {
    if ((tags & rule.tagged) == rule.tagged) {
      out.push_back({*rule.match, rule.action, rule.observes, rule.message});
      fixed = fixed && (rule.is_static || rule.observes);
    }
    return true;
  });
  return fixed;
}

const CompiledPolicy::Impl::Scoped* find(const CompiledPolicy::Impl::Scopes& scopes,
                                         std::string_view name) {
  const auto found = scopes.find(name);
  return found == scopes.end() ? nullptr : &found->second;
}

EffectiveTool effective_tool(const CompiledPolicy& policy,
                             CallFacts facts,
                             const catalogue::ToolPtr& tool) {
  const CompiledPolicy::Impl& impl = policy.impl();
  EffectiveTool out{.tool = tool};
  facts.tool = tool.get();
  bool fixed = gather(impl.account, *tool, out.rules);
  for (const auto* const scope :
       {find(impl.agents, facts.agent_name), find(impl.keys, facts.key_name)}) {
    fixed = (scope == nullptr || gather(scope->rules, *tool, out.rules)) && fixed;
  }
  out.listed = !is_never_allowed(policy, facts);
  out.justification = justification_of(policy, facts);
  if (!out.listed) {
    out.outcome = Action::deny;
  } else if (fixed) {
    // Nothing looks at the arguments: decide as if they fitted.
    catalogue::Tool without_schema = *tool;
    without_schema.arguments = catalogue::ArgumentsMode::lenient;
    without_schema.input_schema = nullptr;
    facts.tool = &without_schema;
    facts.justification = "given";
    out.outcome = decide(policy, facts).action;
  }
  return out;
}

/// A narrower scope can only take away.
void restrict(std::optional<std::vector<std::string>>& models,
              const ScopeTexts& scopes,
              std::string_view name) {
  const auto found = scopes.find(std::string(name));
  if (found == scopes.end() || !found->second.allowed_models) {
    return;
  }
  const std::vector<std::string>& allowed = *found->second.allowed_models;
  if (!models) {
    models = allowed;
    return;
  }
  std::erase_if(*models, [&](const std::string& model) {
    return std::ranges::find(allowed, model) == allowed.end();
  });
}

}  // namespace

EffectivePolicy effective_policy(const TrialWorld& world,
                                 std::string_view agent,
                                 std::string_view key) {
  EffectivePolicy out;
  const Document& document = world.policy.document();
  out.defaults = document.defaults;
  restrict(out.allowed_models, document.agents, agent);
  restrict(out.allowed_models, document.keys, key);
  const CallFacts facts = facts_of(world, agent, key);
  for (const catalogue::ToolPtr& tool : world.catalogue.tools()) {
    out.tools.push_back(effective_tool(world.policy, facts, tool));
  }
  return out;
}

}  // namespace preloop::policy
