#pragma once
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "core/task.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preloop::policy {

/// A policy that was applied. `number` counts from 1; the highest is in force.
struct Version {
  std::int64_t number = 0;
  std::string document;  ///< canonical YAML; empty in lists
  core::Digest hash{};   ///< CompiledPolicy::hash, as decisions record it
  std::string actor;     ///< who applied it, as they were called then
  std::string comment;
  core::WallTime created_at;
};

/// SQL of the table `policy_version`.
class PolicyRepo {
 public:
  PolicyRepo(store::Database& database, core::AccountId account)
      : database_(database), account_(account) {}

  /// The one in force; nullopt before the first.
  core::Task<core::Result<std::optional<Version>>> newest() const;
  core::Task<core::Result<std::optional<Version>>> find(std::int64_t number) const;
  /// Newest first, without documents; older than `before` when given.
  core::Task<core::Result<std::vector<Version>>> page(std::optional<std::int64_t> before,
                                                      std::size_t limit) const;
  /// As a unit's guard: touches one row when `version.number - 1` is still the newest.
  store::Statement insert(const Version& version) const;

 private:
  store::Database& database_;
  core::AccountId account_;
};

}  // namespace preloop::policy
