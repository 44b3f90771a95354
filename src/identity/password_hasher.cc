#include "identity/password_hasher.h"

#include "core/loop_call.h"
#include "core/wakeup.h"
#include "identity/password.h"

#include <deque>
#include <utility>

namespace preloop::identity {

struct PasswordHasher::State {
  std::size_t running = 0;
  std::deque<std::shared_ptr<core::Wakeup>> waiting;
};

/// One of the k_at_once places; hands itself to the next in line when it goes.
class PasswordHasher::Turn {
 public:
  explicit Turn(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~Turn() {
    if (state_->waiting.empty()) {
      --state_->running;
      return;
    }
    const auto next = std::move(state_->waiting.front());
    state_->waiting.pop_front();
    next->set();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::shared_ptr<State> state_;
};

PasswordHasher::PasswordHasher(core::Loop& owner, core::Offload& offload)
    : owner_(owner), offload_(offload), state_(std::make_shared<State>()) {}
PasswordHasher::~PasswordHasher() = default;

std::size_t PasswordHasher::busy() const {
  return state_->running + state_->waiting.size();
}

core::Task<core::Result<std::unique_ptr<PasswordHasher::Turn>>> PasswordHasher::take_turn() {
  if (state_->running < k_at_once) {
    ++state_->running;
    co_return std::make_unique<Turn>(state_);
  }
  if (state_->waiting.size() >= k_waiting) {
    co_return core::fail(core::Code::resource_exhausted,
                         "too many people are signing in; try again in a few seconds");
  }
  const auto state = state_;
  const auto mine = std::make_shared<core::Wakeup>(owner_.executor());
  state->waiting.push_back(mine);
  if (co_await mine->wait() == core::Outcome::cancelled) {
    if (mine->is_set()) {
      const Turn pass_on(state);  // the place was ours already
    } else {
      std::erase(state->waiting, mine);
    }
    co_return core::fail(core::Code::cancelled, "the caller went away");
  }
  co_return std::make_unique<Turn>(state);
}

core::Task<core::Result<std::string>> PasswordHasher::hash_here(core::Secret password) {
  PRELOOP_CO_TRY(const auto turn, co_await take_turn());
  co_return co_await offload_.run([password] { return hash_password(password); });
}

core::Task<core::Result<bool>> PasswordHasher::verify_here(std::string stored,
                                                           core::Secret password) {
  PRELOOP_CO_TRY(const auto turn, co_await take_turn());
  co_return co_await offload_.run([stored, password] { return verify_password(stored, password); });
}

core::Task<core::Result<std::string>> PasswordHasher::hash(core::Secret password) {
  co_return co_await core::on_loop(owner_, hash_here(std::move(password)));
}
core::Task<core::Result<bool>> PasswordHasher::verify(std::string stored, core::Secret password) {
  co_return co_await core::on_loop(owner_, verify_here(std::move(stored), std::move(password)));
}

}  // namespace preloop::identity
