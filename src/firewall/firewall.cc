#include "firewall/firewall.h"

#include "core/log.h"
#include "firewall/governed_call.h"
#include "firewall/recovery.h"
#include "policy/decide.h"

namespace preloop::firewall {

Firewall::Firewall(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      in_flight_(dependencies_.loops, dependencies_.record) {}

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
  co_return co_await governed.run();
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
    const identity::AgentPrincipal&, std::optional<core::ServerId> server) const {
  const auto& catalogue = dependencies_.catalogue.read();
  const auto& policy = dependencies_.policy.read();
  std::vector<catalogue::ToolPtr> tools;
  for (const catalogue::ToolPtr& tool : catalogue->tools()) {
    if ((!server || tool->server == *server) && policy::is_enabled(*policy, *tool)) {
      tools.push_back(tool);
    }
  }
  return tools;
}

}  // namespace preloop::firewall
