#pragma once
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::audit {

/// How full the place for the record is. At `full` calls that must be recorded are refused and
/// reads go on.
enum class StorageLevel : std::uint8_t { ok, warn, critical, full };
std::string_view to_string(StorageLevel level);

struct StorageUse {
  std::uint64_t used_bytes = 0;  ///< by the data dir
  std::uint64_t free_bytes = 0;  ///< for us, on its file system
  std::uint64_t disk_bytes = 0;  ///< size of its file system
};

struct QuotaRules {
  std::uint64_t max_bytes = 0;  ///< of the data dir; 0: only the disk limits
  /// Free space that is never used up for calls, so that decisions, retention and SQLite's own work
  /// still fit; at most a twentieth of the disk, so that small ones can be used.
  std::uint64_t reserve_bytes = 64ULL << 20;
};

/// Warn at 80 % of `max_bytes` or four reserves left, critical at 95 % or two, full at 100 % or
/// one. Pure.
StorageLevel level_of(const StorageUse& use, const QuotaRules& rules);

/// The next level after `previous`: rises at once, falls only when it is 5 % away from the border,
/// so that it does not flap. Pure.
StorageLevel next_level(StorageLevel previous, const StorageUse& use, const QuotaRules& rules);

/// Blocking: walks the data dir. unavailable when it cannot be read.
core::Result<StorageUse> measure_storage(const std::string& data_dir);

}  // namespace preloop::audit
