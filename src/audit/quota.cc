#include "audit/quota.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace preloop::audit {

std::string_view to_string(StorageLevel level) {
  switch (level) {
    case StorageLevel::ok:
      return "ok";
    case StorageLevel::warn:
      return "warn";
    case StorageLevel::critical:
      return "critical";
    case StorageLevel::full:
      return "full";
  }
  return "full";
}

StorageLevel level_of(const StorageUse& use, const QuotaRules& rules) {
  const std::uint64_t reserve = std::min(rules.reserve_bytes, use.disk_bytes / 20);
  const auto uses = [&](std::uint64_t percent) {
    return rules.max_bytes != 0 && use.used_bytes >= rules.max_bytes / 100 * percent;
  };
  if (use.free_bytes < reserve || uses(100)) {
    return StorageLevel::full;
  }
  if (use.free_bytes < 2 * reserve || uses(95)) {
    return StorageLevel::critical;
  }
  if (use.free_bytes < 4 * reserve || uses(80)) {
    return StorageLevel::warn;
  }
  return StorageLevel::ok;
}

StorageLevel next_level(StorageLevel previous, const StorageUse& use, const QuotaRules& rules) {
  const StorageLevel now = level_of(use, rules);
  if (now >= previous) {
    return now;
  }
  StorageUse worse = use;
  worse.used_bytes += worse.used_bytes / 20;
  worse.free_bytes -= worse.free_bytes / 20;
  return std::min(previous, level_of(worse, rules));
}

core::Result<StorageUse> measure_storage(const std::string& data_dir) {
  struct statvfs disk{};
  if (::statvfs(data_dir.c_str(), &disk) != 0) {
    return core::fail(core::Code::unavailable,
                      "cannot measure " + data_dir + ": " + std::strerror(errno));
  }
  StorageUse out{.free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize,
                 .disk_bytes = std::uint64_t{disk.f_blocks} * disk.f_frsize};
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator it(
           data_dir, fs::directory_options::skip_permission_denied, error);
       !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    std::error_code gone;  // files come and go while we walk
    if (it->is_regular_file(gone) && !gone) {
      const auto size = it->file_size(gone);
      out.used_bytes += gone ? 0 : size;
    }
  }
  return out;
}

}  // namespace preloop::audit
