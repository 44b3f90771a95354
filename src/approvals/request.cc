#include "approvals/request.h"

#include <algorithm>

namespace preloop::approvals {

bool may_move(State from, State to) {
  switch (from) {
    case State::pending:
      return to == State::approved || to == State::declined || to == State::expired ||
             to == State::cancelled || to == State::superseded;
    case State::approved:
      return to == State::executing || to == State::expired || to == State::cancelled ||
             to == State::superseded;
    case State::executing:
      return to == State::succeeded || to == State::failed || to == State::unknown;
    case State::unknown:
      return to == State::failed;  // a person released it
    default:
      return false;
  }
}

bool is_live(State state) {
  return state == State::pending || state == State::approved || state == State::executing;
}

core::seconds validity(const Request& request) {
  core::seconds shortest{24 * 3600};
  for (const policy::WorkflowPtr& workflow : request.verdict.workflows) {
    shortest = std::min(shortest, workflow->approval_valid_for);
  }
  return shortest;
}

}  // namespace preloop::approvals
