#include "identity/turnstile.h"

#include <utility>

namespace preloop::identity {

Turnstile::Turnstile(core::Loop& owner, std::size_t places, std::size_t line, std::string when_full)
    : owner_(owner),
      places_(places),
      longest_line_(line),
      when_full_(std::move(when_full)),
      state_(std::make_shared<State>()) {}

Turnstile::Turn::~Turn() {
  if (state_ == nullptr) {
    return;
  }
  if (state_->line.empty()) {
    --state_->inside;
    return;
  }
  const auto next = std::move(state_->line.front());
  state_->line.pop_front();
  next->set();
}

std::size_t Turnstile::busy() const {
  return state_->inside + state_->line.size();
}

core::Task<core::Result<Turnstile::Turn>> Turnstile::enter() {
  const auto state = state_;
  if (state->inside < places_) {
    ++state->inside;
    co_return Turn(state);
  }
  if (state->line.size() >= longest_line_) {
    co_return core::fail(core::Code::resource_exhausted, when_full_);
  }
  const auto mine = std::make_shared<core::Wakeup>(owner_.executor());
  state->line.push_back(mine);
  if (co_await mine->wait() == core::Outcome::cancelled) {
    if (mine->is_set()) {
      const Turn pass_on(state);  // the place was ours already
    } else {
      std::erase(state->line, mine);
    }
    co_return core::fail(core::Code::cancelled, "the caller went away");
  }
  co_return Turn(state);
}

}  // namespace preloop::identity
