#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/permission.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>

namespace preloop::identity {

enum class LoginDecision : std::uint8_t { confirmed, denied };

/// A terminal that waits for a person in a browser.
struct CliLoginRow {
  core::AccountId account;
  core::Digest device_hash{};
  std::string code;  ///< as shown, without the dash
  ScopeSet scopes;
  std::optional<core::KeyId> parent;  ///< the key an elevation is asked with
  std::string client;
  std::string address;
  core::WallTime created_at;
  core::WallTime expires_at;
  std::optional<core::PersonId> person;
  std::optional<LoginDecision> decision;
  std::optional<core::WallTime> consumed_at;
};

/// SQL of the table `cli_login`.
class CliLoginRepo {
 public:
  static core::Task<core::Result<std::optional<CliLoginRow>>> find_device(store::Database& database,
                                                                          core::Digest device_hash);
  /// The undecided live one with this code.
  static core::Task<core::Result<std::optional<CliLoginRow>>> find_code(store::Database& database,
                                                                        core::AccountId account,
                                                                        std::string code,
                                                                        core::WallTime now);
  /// One row unless an account has `most` live ones.
  static store::Statement insert(const CliLoginRow& row, std::int64_t most);
  /// One row when nobody decided it and it has not expired.
  static store::Statement decide(const CliLoginRow& row,
                                 core::PersonId person,
                                 LoginDecision decision,
                                 core::WallTime now);
  /// One row when it was confirmed and not consumed: the guard of the key that it yields.
  static store::Statement consume(const CliLoginRow& row, core::WallTime now);
  static store::Statement purge(core::WallTime limit);
};

}  // namespace preloop::identity
