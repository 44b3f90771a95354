#include "firewall/firewall.h"

#include "core/log.h"
#include "firewall/governed_call.h"
#include "firewall/justification.h"
#include "firewall/recovery.h"
#include "policy/decide.h"

namespace preloop::firewall {

namespace {

/// The tool as a client sees it: with our argument where a justification is asked for.
catalogue::ToolPtr as_listed(const policy::CompiledPolicy& policy,
                             const policy::CallFacts& facts,
                             const catalogue::ToolPtr& tool) {
  if (!policy::may_ask_justification(policy, *tool)) {
    return tool;
  }
  auto listed = std::make_shared<catalogue::Tool>(*tool);
  listed->definition =
      with_justification(tool->definition, policy::justification_of(policy, facts));
  listed->definition_hash = core::sha256(listed->definition);
  return listed;
}

}  // namespace

Firewall::Firewall(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      in_flight_(dependencies_.loops, dependencies_.record, dependencies_.approvals) {}

core::Task<core::Status> Firewall::start() {
  PRELOOP_CO_TRY(
      const std::size_t lost,
      co_await mark_lost_calls(dependencies_.database, "the server stopped before the outcome"));
  if (lost > 0) {
    core::log::warn("calls were in flight when the server stopped; their outcome is unknown",
                    {{"calls", lost}});
  }
  co_return core::Status();
}

core::Task<core::Status> Firewall::checkpoint() {
  return in_flight_.checkpoint(dependencies_.database);
}

core::Task<CallResult> Firewall::call(const identity::AgentPrincipal& principal,
                                      ToolCall call,
                                      CallObserver& observer,
                                      const core::CallContext& context) {
  GovernedCall governed(dependencies_, in_flight_, principal, call, observer, context);
  co_await governed.run();
  if (governed.has_unused_place()) {
    co_await governed.release_place();
  }
  co_return governed.take_result();
}

core::Task<void> Firewall::delivered(const identity::AgentPrincipal& principal,
                                     const CallResult& result) {
  if (result.kind != CallResult::Kind::answered || !result.approval) {
    co_return;
  }
  const auto dropped =
      co_await dependencies_.approvals.delivered(principal.account, *result.approval);
  if (!dropped) {
    core::log::warn(
        "a delivered result is kept on, for an identical retry",
        {{"request", result.approval->to_string()}, {"error", dropped.error().message}});
  }
}

std::vector<catalogue::ToolPtr> Firewall::visible_tools(
    const identity::AgentPrincipal& principal, std::optional<core::ServerId> server) const {
  const auto& catalogue = dependencies_.catalogue.read();
  const auto& policy = dependencies_.policy.read();
  const auto& directory = dependencies_.identity.read();
  policy::CallFacts facts;
  facts.agent = principal.agent;
  facts.key = principal.key;
  if (const identity::Agent* const agent = directory->find_agent(principal.agent)) {
    facts.agent_name = agent->name;
    facts.agent_kind = agent->kind;
    facts.agent_tags = &agent->tags;
    if (const identity::Person* const owner =
            agent->owner ? directory->find_person(*agent->owner) : nullptr) {
      facts.agent_owner = owner->email;
    }
  }
  if (const identity::KeyInfo* const key = directory->find_key(principal.key)) {
    facts.key_name = key->name;
  }
  std::vector<catalogue::ToolPtr> tools;
  for (const catalogue::ToolPtr& tool : catalogue->tools()) {
    facts.tool = tool.get();
    if ((!server || tool->server == *server) && !policy::is_never_allowed(*policy, facts)) {
      tools.push_back(as_listed(*policy, facts, tool));
    }
  }
  return tools;
}

}  // namespace preloop::firewall
