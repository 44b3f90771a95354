#pragma once
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "identity/link_repo.h"
#include "identity/password_hasher.h"
#include "identity/principal.h"
#include "identity/rate_limit.h"
#include "identity/registry.h"
#include "identity/sign_in.h"

#include <optional>
#include <string>
#include <string_view>

namespace preloop::identity {

/// The address to show: the token stands in the fragment, which browsers send to nobody.
/// "https://preloop.example/setup#token=…"
core::Secret link_url(std::string_view public_url, LinkPurpose purpose, const core::Secret& token);

/// One-time links that set a password: for the first owner, for somebody invited, for somebody who
/// forgot. A link works once, until it expires or a newer one for the same person is made. Owned by
/// the registry's loop; may be called from any.
class Links {
 public:
  static constexpr core::seconds k_setup_life{24 * 60 * 60};
  static constexpr core::seconds k_reset_life{60 * 60};

  Links(Registry& registry, PasswordHasher& hasher, SignIn& sign_in);

  struct Made {
    core::Secret token;
    core::WallTime expires_at;
  };
  /// `person` empty: for the first owner, by `server` or `admin` only and while there is none
  /// (failed_precondition). With a person: needs manage_people, of an owner manage_owners.
  core::Task<core::Result<Made>> create(Actor by,
                                        LinkPurpose purpose,
                                        std::optional<core::PersonId> person);

  /// What the page behind a link says before anything is entered.
  struct Shown {
    LinkPurpose purpose = LinkPurpose::setup;
    std::string email;  ///< empty: the visitor enters one and becomes the owner
    core::WallTime expires_at;
  };
  /// not_found for an unknown, used or expired token: one answer for all.
  core::Task<core::Result<Shown>> show(core::Secret token, Visitor visitor);

  struct Entered {
    std::string email;         ///< read for the first owner only
    std::string display_name;  ///< the same
    core::Secret password;
  };
  /// Uses it up and signs in; ends the person's other sessions.
  core::Task<core::Result<StartedSession>> redeem(core::Secret token,
                                                  Entered entered,
                                                  Visitor visitor);

  core::Task<core::Status> purge();

 private:
  core::Task<core::Result<OneTimeLink>> find(core::Secret token, Visitor visitor);
  core::Task<core::Status> admit(std::string address);

  Registry& registry_;
  PasswordHasher& hasher_;
  SignIn& sign_in_;
  RateLimiter per_network_;
};

/// Is there anybody who can sign in as owner?
bool has_owner(const Directory& directory, core::AccountId account);

}  // namespace preloop::identity
