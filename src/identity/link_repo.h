#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace preloop::identity {

enum class LinkPurpose : std::uint8_t {
  setup,  ///< without a person: makes the first owner; with one: their first password
  reset,  ///< a new password
};
std::string_view to_string(LinkPurpose purpose);
std::optional<LinkPurpose> parse_link_purpose(std::string_view text);

struct OneTimeLink {
  core::AccountId account;
  core::Digest token_hash{};
  LinkPurpose purpose = LinkPurpose::setup;
  std::optional<core::PersonId> person;
  core::WallTime created_at;
  core::WallTime expires_at;
  std::optional<core::WallTime> used_at;
};

/// SQL of the table `one_time_link`.
class LinkRepo {
 public:
  static core::Task<core::Result<std::optional<OneTimeLink>>> find(store::Database& database,
                                                                   core::Digest token_hash);
  static store::Statement insert(const OneTimeLink& link);
  /// One row when it is unused and has not expired: the guard of whatever the link does.
  static store::Statement use(const OneTimeLink& link, core::WallTime now);
  /// Earlier unused links of that purpose for that person stop working.
  static store::Statement supersede(const OneTimeLink& link);
  /// Every unused link of the account: after a restore, one may have been used since.
  static store::Statement forget_unused(core::AccountId account);
  static store::Statement purge(core::WallTime limit);
};

}  // namespace preloop::identity
