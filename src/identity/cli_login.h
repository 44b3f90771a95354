#pragma once
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/cli_login_repo.h"
#include "identity/principal.h"
#include "identity/rate_limit.h"
#include "identity/registry.h"
#include "identity/sign_in.h"

#include <optional>
#include <string>

namespace preloop::identity {

/// Signing a terminal in through a browser (`preloop login`), after RFC 8628: the terminal shows a
/// code, a signed-in person enters or confirms it, the terminal's next poll gets an operator key.
/// The same for an elevation by a click instead of the password. Owned by the registry's loop; may
/// be called from any.
class CliLogin {
 public:
  static constexpr core::seconds k_life{10 * 60};
  static constexpr core::seconds k_poll_every{2};
  static constexpr core::seconds k_key_life{90 * 24 * 60 * 60};
  static constexpr std::int64_t k_most_waiting = 1'000;

  explicit CliLogin(Registry& registry);

  struct Started {
    core::Secret device;  ///< the terminal polls with it and shows it to nobody
    std::string code;     ///< "WDJB-MJHT", shown at the terminal and in the browser
    core::WallTime expires_at;
  };
  /// Anybody may start one: it yields nothing until a person confirms it, and then `read` only.
  core::Task<core::Result<Started>> start(core::AccountId account, Visitor visitor);
  /// Five minutes of `scopes` for the person whose key asks.
  core::Task<core::Result<Started>> start_elevation(OperatorPrincipal key,
                                                    ScopeSet scopes,
                                                    Visitor visitor);

  /// What the person is about to confirm: read it to them, with the address it came from.
  struct Waiting {
    ScopeSet scopes;
    bool is_elevation = false;
    std::string client;
    std::string address;
    core::WallTime created_at;
    core::WallTime expires_at;
  };
  /// The code with or without dash, in either case. not_found when no such terminal waits;
  /// resource_exhausted after 20 wrong codes in a minute.
  core::Task<core::Result<Waiting>> show(PersonPrincipal person, std::string code);
  /// An elevation is confirmed by the person whose key asked, who signed in within five minutes.
  core::Task<core::Status> decide(PersonPrincipal person, std::string code, LoginDecision decision);

  struct Polled {
    enum class State : std::uint8_t { pending, denied, done } state = State::pending;
    std::optional<IssuedKey> key;  ///< `done`: shown this once
  };
  /// not_found when the device secret is unknown, expired or was answered with a key before.
  core::Task<core::Result<Polled>> poll(core::Secret device);

  core::Task<core::Status> purge();

 private:
  core::Task<core::Result<Started>> start_row(CliLoginRow row, Visitor visitor);
  core::Task<core::Result<CliLoginRow>> find_code(PersonPrincipal person, std::string code);
  core::Task<core::Status> admit(RateLimiter& limiter, std::string key);

  Registry& registry_;
  RateLimiter starts_;
  RateLimiter codes_;
};

}  // namespace preloop::identity
