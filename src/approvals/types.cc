#include "approvals/types.h"

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

std::string_view to_string(Decision decision) {
  return decision == Decision::approve ? "approve" : "decline";
}
std::string_view to_string(Channel channel) {
  return channel == Channel::console ? "console" : "cli";
}

}  // namespace preloop::approvals
