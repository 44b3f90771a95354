#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preloop::secrets {

/// SQL of the table `secret`.
struct SecretRow {
  core::AccountId account;
  std::string name;
  std::int64_t version = 0;
  std::uint32_t key_version = 0;
  std::string sealed;
  core::WallTime created_at;
  core::WallTime updated_at;
};

class SecretRepo {
 public:
  static core::Task<core::Result<std::optional<SecretRow>>> find(store::Database& database,
                                                                 core::AccountId account,
                                                                 std::string name);
  /// By name.
  static core::Task<core::Result<std::vector<SecretRow>>> of_account(store::Database& database,
                                                                     core::AccountId account);
  static core::Task<core::Result<std::vector<SecretRow>>> all(store::Database& database);
  /// One row unless the name is taken.
  static store::Statement insert(const SecretRow& row);
  /// One row when its version is still `before`.
  static store::Statement replace(const SecretRow& row, std::int64_t before);
  static store::Statement remove(core::AccountId account, const std::string& name);
  /// The same value under another key.
  static store::Statement reseal(const SecretRow& row);
};

}  // namespace preloop::secrets
