#include "approvals/types.h"

#include "approvals/halt.h"

#include <algorithm>

namespace preloop::approvals {

std::string_view to_string(State state) {
  switch (state) {
    case State::pending:
      return "pending";
    case State::approved:
      return "approved";
    case State::declined:
      return "declined";
    case State::expired:
      return "expired";
    case State::cancelled:
      return "cancelled";
    case State::superseded:
      return "superseded";
    case State::executing:
      return "executing";
    case State::succeeded:
      return "succeeded";
    case State::failed:
      return "failed";
    case State::unknown:
      return "unknown";
  }
  return "unknown";
}
std::optional<State> parse_state(std::string_view text) {
  for (const State state : {State::pending,
                            State::approved,
                            State::declined,
                            State::expired,
                            State::cancelled,
                            State::superseded,
                            State::executing,
                            State::succeeded,
                            State::failed,
                            State::unknown}) {
    if (text == to_string(state)) {
      return state;
    }
  }
  return std::nullopt;
}

std::string_view to_string(HaltScope scope) {
  return std::ranges::find(k_halt_scopes, scope, &HaltScopeRow::scope)->name;
}
std::optional<HaltScope> parse_halt_scope(std::string_view name) {
  const auto found = std::ranges::find(k_halt_scopes, name, &HaltScopeRow::name);
  return found == k_halt_scopes.end() ? std::nullopt : std::optional(found->scope);
}

std::string_view to_string(Decision decision) {
  return decision == Decision::approve ? "approve" : "decline";
}
std::string_view to_string(Channel channel) {
  return channel == Channel::console ? "console" : "cli";
}

}  // namespace preloop::approvals
