#include "policy/tool_rules.h"

#include "policy/patterns.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace preloop::policy {
namespace {

using core::Code;
using core::fail;

/// Examples stand in the document beside their rule.
void keep_tests(std::vector<RuleText>& rules,
                const std::vector<RuleText>& before,
                const ToolSubject& subject) {
  for (RuleText& rule : rules) {
    const auto same = [&](const RuleText& old) {
      return subject.owns(old.tool) && old.when == rule.when && old.action == rule.action &&
             old.observes == rule.observes;
    };
    const auto old = std::ranges::find_if(before, same);
    if (old != before.end()) {
      rule.tests = old->tests;
    }
  }
}

void replace(std::vector<RuleText>& all, const ToolSubject& subject, std::vector<RuleText> rules) {
  keep_tests(rules, all, subject);
  auto at = std::ranges::find_if(all, [&](const auto& rule) { return subject.owns(rule.tool); });
  if (at == all.end()) {
    at =
        std::ranges::find_if(all, [&](const auto& rule) { return subject.is_named_by(rule.tool); });
  }
  std::vector<RuleText> next(all.begin(), at);
  next.insert(next.end(), rules.begin(), rules.end());
  std::copy_if(at, all.end(), std::back_inserter(next), [&](const RuleText& rule) {
    return !subject.owns(rule.tool);
  });
  all = std::move(next);
}

void set_enabled(std::vector<ToolText>& tools, const ToolSubject& subject, bool enabled) {
  std::erase_if(tools, [&](const ToolText& tool) { return subject.owns(tool.name); });
  if (!enabled) {
    ToolText off;
    off.name = subject.qualified();
    off.enabled = false;
    tools.push_back(std::move(off));
  }
}

}  // namespace

bool ToolSubject::is_named_by(std::string_view pattern) const {
  const auto parsed = ToolPattern::parse(std::string(pattern));
  return parsed && parsed->matches(server, name);
}

core::Status set_tool_rules(Document& document, const ToolSubject& subject, ToolRules next) {
  if (next.scope == Scope::account) {
    if (next.enabled || !next.scope_name.empty()) {
      return fail(Code::invalid_argument,
                  "the account has no name, and its switch of a tool is the tool's own",
                  {{next.enabled ? "/enabled" : "/scope_name", "only with an agent or key"}});
    }
    replace(document.rules, subject, std::move(next.rules));
    return {};
  }
  if (next.scope_name.empty()) {
    return fail(Code::invalid_argument,
                "whose rules they are is missing",
                {{"/scope_name", "the name of the agent or key"}});
  }
  ScopeTexts& scopes = next.scope == Scope::agent ? document.agents : document.keys;
  ScopeText& scope = scopes[next.scope_name];
  replace(scope.rules, subject, std::move(next.rules));
  if (next.enabled) {
    set_enabled(scope.tools, subject, *next.enabled);
  }
  if (scope.rules.empty() && scope.tools.empty() && !scope.allowed_models) {
    scopes.erase(next.scope_name);
  }
  return {};
}

std::vector<std::string> switched_off_for(const ScopeTexts& scopes, const ToolSubject& subject) {
  std::vector<std::string> out;
  for (const auto& [name, scope] : scopes) {
    const auto is_off = [&](const ToolText& tool) {
      return !tool.enabled.value_or(true) && subject.is_named_by(tool.name);
    };
    if (std::ranges::any_of(scope.tools, is_off)) {
      out.push_back(name);
    }
  }
  return out;
}

}  // namespace preloop::policy
