#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace preloop::secrets {

/// SQL of the table `master_key`.
struct MasterKeyRow {
  std::uint32_t version = 0;
  std::string check_value;
  std::optional<std::string> sealed;  ///< nullopt: the one in use
};

class MasterKeyRepo {
 public:
  /// By version, the one in use last.
  static core::Task<core::Result<std::vector<MasterKeyRow>>> all(store::Database& database);
  static store::Statement insert(std::uint32_t version,
                                 const std::string& check_value,
                                 core::WallTime now);
  /// One row when `version` is in use: the guard of a rotation.
  static store::Statement retire(std::uint32_t version, std::string sealed);
  static store::Statement reseal(std::uint32_t version, std::string sealed);
};

}  // namespace preloop::secrets
