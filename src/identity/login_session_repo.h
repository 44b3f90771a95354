#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <optional>
#include <string>
#include <vector>

namespace preloop::identity {

/// A console session: two secrets, each held in another place of the browser (decision 31).
struct LoginSession {
  core::LoginSessionId id;
  core::AccountId account;
  core::PersonId person;
  core::Digest cookie_hash{};
  core::Digest header_hash{};
  std::string client;   ///< user agent, cut and made printable
  std::string address;  ///< of the sign-in
  core::WallTime created_at;
  core::WallTime last_seen_at;  ///< to the minute
  core::WallTime authenticated_at;
  core::WallTime expires_at;
  std::optional<core::WallTime> ended_at;
};

/// SQL of the table `login_session`.
class LoginSessionRepo {
 public:
  static core::Task<core::Result<std::optional<LoginSession>>> find(store::Database& database,
                                                                    core::LoginSessionId id);
  /// Live ones of a person, newest first.
  static core::Task<core::Result<std::vector<LoginSession>>> of_person(store::Database& database,
                                                                       core::AccountId account,
                                                                       core::PersonId person,
                                                                       core::WallTime now);
  static store::Statement insert(const LoginSession& session);
  static store::Statement seen(const LoginSession& session, core::WallTime now);
  static store::Statement authenticated(core::AccountId account,
                                        core::LoginSessionId id,
                                        core::WallTime now);
  static store::Statement end(core::AccountId account, core::LoginSessionId id, core::WallTime now);
  static store::Statement end_of_person(core::AccountId account,
                                        core::PersonId person,
                                        core::WallTime now);
  static store::Statement end_others(core::AccountId account,
                                     core::PersonId person,
                                     core::LoginSessionId keep,
                                     core::WallTime now);
  /// Everybody's: after a restore, whoever was signed in then may have been signed out since.
  static store::Statement end_all(core::AccountId account, core::WallTime now);
  /// Rows that expired before `limit`.
  static store::Statement purge(core::WallTime limit);
};

}  // namespace preloop::identity
