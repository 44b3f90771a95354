#pragma once
#include "audit/types.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/login_session_repo.h"
#include "identity/password_hasher.h"
#include "identity/principal.h"
#include "identity/rate_limit.h"
#include "identity/registry.h"
#include "identity/types.h"

#include <string>
#include <string_view>

namespace preloop::identity {

/// Where a request comes from: CallContext::peer and the User-Agent.
struct Visitor {
  std::string address;
  std::string client;
};

/// A session just made; both secrets are given to the browser once.
struct StartedSession {
  LoginSession session;
  core::Secret cookie;  ///< whole cookie value
  core::Secret header;  ///< for X-Preloop-Session
};

/// Passwords and console sessions. Owned by the registry's loop; may be called from any.
///
/// Errors of everything that takes a password: resource_exhausted with `retry_after` when the
/// network guessed too often or the hasher is full; unauthenticated with one message for a wrong
/// password, an unknown address and a person without a password.
class SignIn {
 public:
  static constexpr core::seconds k_idle_limit{12 * 60 * 60};
  static constexpr core::seconds k_session_life{7 * 24 * 60 * 60};

  SignIn(Registry& registry, PasswordHasher& hasher);

  core::Task<core::Result<StartedSession>> with_password(core::AccountId account,
                                                         std::string email,
                                                         core::Secret password,
                                                         Visitor visitor);

  /// Who holds both halves of a live session. unauthenticated otherwise; permission_denied when the
  /// person is suspended.
  core::Task<core::Result<PersonPrincipal>> authenticate(std::string cookie, std::string header);

  /// Step-up: the password again, in the same session.
  core::Task<core::Result<PersonPrincipal>> reauthenticate(PersonPrincipal person,
                                                           core::Secret password,
                                                           Visitor visitor);

  /// The password at the terminal: a key of its own with `scopes` and `read`, good for five
  /// minutes, to be kept in memory only. The key it was asked with stays as weak as it was, because
  /// whatever runs as the person can read that one.
  core::Task<core::Result<IssuedKey>> elevate(OperatorPrincipal key,
                                              core::Secret password,
                                              ScopeSet scopes,
                                              Visitor visitor);

  core::Task<core::Status> sign_out(PersonPrincipal person);
  core::Task<core::Result<std::vector<LoginSession>>> sessions(PersonPrincipal person);
  /// One's own; not_found for anybody else's.
  core::Task<core::Status> end_session(PersonPrincipal person, core::LoginSessionId id);

  /// Ends every other session of the person.
  core::Task<core::Status> change_password(PersonPrincipal person,
                                           core::Secret before,
                                           core::Secret after,
                                           Visitor visitor);

  /// A session without a password check, for somebody who has just shown a one-time link.
  core::Task<core::Result<StartedSession>> start_session(core::AccountId account,
                                                         core::PersonId person,
                                                         Visitor visitor);

  /// Deletes sessions that expired 30 days ago; from app's hourly tick.
  core::Task<core::Status> purge();

 private:
  core::Task<core::Result<core::PersonId>> check_here(core::AccountId account,
                                                      std::string email,
                                                      core::Secret password,
                                                      Visitor visitor);
  core::Task<core::Result<core::PersonId>> check(core::AccountId account,
                                                 std::string email,
                                                 core::Secret password,
                                                 Visitor visitor);
  core::Task<core::Status> check_person(core::AccountId account,
                                        core::PersonId person,
                                        core::Secret password,
                                        Visitor visitor);
  core::Task<void> record_failure(core::AccountId account, std::string email, Visitor visitor);
  core::Task<core::Status> commit_session_change(PersonPrincipal person,
                                                 store::Statement guard,
                                                 audit::Kind kind,
                                                 core::LoginSessionId id);

  Registry& registry_;
  PasswordHasher& hasher_;
  RateLimiter per_network_;
  LockOut lock_out_;
};

}  // namespace preloop::identity
