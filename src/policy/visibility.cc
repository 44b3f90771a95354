#include "cel/evaluate.h"
#include "policy/bindings.h"
#include "policy/compiled_impl.h"
#include "policy/decide.h"

#include <algorithm>

namespace preloop::policy {
namespace {

/// What a scope says without knowing the arguments.
enum class Outlook : std::uint8_t {
  denies,   ///< for certain
  silent,   ///< for certain no rule of it matches, or only ones that deny might
  depends,  ///< some call may get through
};

class Seer {
 public:
  Seer(const CompiledPolicy::Impl& policy, const CallFacts& facts)
      : policy_(policy),
        facts_(facts),
        tags_(tags_of(facts.tool->annotations)),
        bindings_(facts, policy.reads_details) {}

  bool never() {
    if (!settings_of(policy_, *facts_.tool).enabled || is_switched_off(policy_, facts_)) {
      return true;
    }
    const DefaultsText& defaults = policy_.document.defaults;
    if (facts_.tool->pin != catalogue::PinState::accepted && defaults.new_tools == Action::deny) {
      return true;
    }
    const Outlook account = outlook(policy_.account);
    if (account == Outlook::denies || denies(policy_.agents, facts_.agent_name) ||
        denies(policy_.keys, facts_.key_name)) {
      return true;
    }
    return account == Outlook::silent &&
           (named_ ? defaults.no_match : defaults.unknown_tools) == Action::deny;
  }

 private:
  bool denies(const CompiledPolicy::Impl::Scopes& scopes, std::string_view name) {
    const auto found = scopes.find(name);
    return found != scopes.end() && outlook(found->second.rules) == Outlook::denies;
  }

  Outlook outlook(const RuleList& list) {
    Outlook out = Outlook::silent;
    list.visit(facts_.tool->server_name, facts_.tool->name, [&](const Rule& rule) {
      if (rule.observes || (tags_ & rule.tagged) != rule.tagged) {
        return true;
      }
      named_ = true;
      if (!rule.is_static) {
        // A rule that may deny leaves everything open behind it; another may let a call through.
        out = rule.action == Action::deny ? out : Outlook::depends;
        return out != Outlook::depends;
      }
      if (!matches(rule)) {
        return true;
      }
      out = rule.action == Action::deny ? Outlook::denies : Outlook::depends;
      return false;
    });
    return out;
  }

  bool matches(const Rule& rule) const {
    if (!rule.when) {
      return true;
    }
    const auto held = cel::evaluate_bool(*rule.when, bindings_.activation());
    return held ? *held : rule.action != Action::allow;
  }

  const CompiledPolicy::Impl& policy_;
  const CallFacts& facts_;
  ToolTags tags_;
  Bindings bindings_;
  bool named_ = false;
};

}  // namespace

bool is_never_allowed(const CompiledPolicy& policy, const CallFacts& facts) {
  return Seer(policy.impl(), facts).never();
}

bool is_switched_off(const CompiledPolicy::Impl& policy, const CallFacts& facts) {
  const auto off = [&](const CompiledPolicy::Impl::Scopes& scopes, std::string_view name) {
    const auto found = scopes.empty() ? scopes.end() : scopes.find(name);
    return found != scopes.end() && found->second.disables(*facts.tool);
  };
  return off(policy.agents, facts.agent_name) || off(policy.keys, facts.key_name);
}

bool may_ask_justification(const CompiledPolicy& policy, const catalogue::Tool& tool) {
  const CompiledPolicy::Impl& impl = policy.impl();
  return std::ranges::any_of(impl.justified, [&](const ToolPattern& pattern) {
    return pattern.matches(tool.server_name, tool.name);
  });
}

Justification justification_of(const CompiledPolicy& policy, const CallFacts& facts) {
  const CompiledPolicy::Impl& impl = policy.impl();
  Justification most = settings_of(impl, *facts.tool).justification;
  const ToolTags tags = tags_of(facts.tool->annotations);
  const auto look = [&](const RuleList& list) {
    list.visit(facts.tool->server_name, facts.tool->name, [&](const Rule& rule) {
      if (rule.justification != Justification::none && (tags & rule.tagged) == rule.tagged) {
        // Behind a condition it is required of some calls only.
        most = std::max(most, rule.when ? Justification::optional : rule.justification);
      }
      return true;
    });
  };
  look(impl.account);
  if (const auto found = impl.agents.find(facts.agent_name); found != impl.agents.end()) {
    look(found->second.rules);
  }
  if (const auto found = impl.keys.find(facts.key_name); found != impl.keys.end()) {
    look(found->second.rules);
  }
  return most;
}

}  // namespace preloop::policy
