#include "identity/password_hasher.h"

#include "core/loop_call.h"
#include "identity/password.h"

#include <utility>

namespace preloop::identity {

PasswordHasher::PasswordHasher(core::Loop& owner, core::Offload& offload)
    : owner_(owner),
      offload_(offload),
      turnstile_(owner,
                 k_at_once,
                 k_waiting,
                 "too many people are signing in; try again in a few seconds") {}

core::Task<core::Result<std::string>> PasswordHasher::hash_here(core::Secret password) {
  PRELOOP_CO_TRY(const auto turn, co_await turnstile_.enter());
  co_return co_await offload_.run([password] { return hash_password(password); });
}

core::Task<core::Result<bool>> PasswordHasher::verify_here(std::string stored,
                                                           core::Secret password) {
  PRELOOP_CO_TRY(const auto turn, co_await turnstile_.enter());
  co_return co_await offload_.run([stored, password] { return verify_password(stored, password); });
}

core::Task<core::Result<std::string>> PasswordHasher::hash(core::Secret password) {
  co_return co_await core::on_loop(owner_, hash_here(std::move(password)));
}
core::Task<core::Result<bool>> PasswordHasher::verify(std::string stored, core::Secret password) {
  co_return co_await core::on_loop(owner_, verify_here(std::move(stored), std::move(password)));
}

}  // namespace preloop::identity
