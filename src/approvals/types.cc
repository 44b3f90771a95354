#include "approvals/types.h"

#include "approvals/halt.h"

#include <algorithm>
#include <array>

namespace preloop::approvals {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 4> k_channels{"console", "cli", "email", "ntfy"};

}  // namespace

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
  return k_channels[static_cast<std::size_t>(channel)];
}
std::optional<Channel> parse_channel(std::string_view text) {
  const auto found = std::ranges::find(k_channels, text);
  return found == k_channels.end()
             ? std::nullopt
             : std::optional(static_cast<Channel>(found - k_channels.begin()));
}

}  // namespace preloop::approvals
