#pragma once
#include "core/result.h"
#include "core/task.h"
#include "notify/preference.h"
#include "notify/types.h"
#include "store/database.h"

#include <map>
#include <utility>
#include <vector>

namespace preloop::notify {

/// SQL of channels, devices and preferences. Seals secrets with `key` (32 bytes); the row's id is
/// bound into each. Any loop.
class ChannelRepo {
 public:
  ChannelRepo(store::Database& database, core::Secret key)
      : database_(database), key_(std::move(key)) {}

  core::Task<core::Result<std::vector<Channel>>> channels(core::AccountId account);
  store::Statement insert(const Channel& channel) const;
  /// One row when its revision is still `before`.
  store::Statement update(const Channel& channel, std::int64_t before) const;
  static store::Statement remove(core::AccountId account, ChannelId id);

  core::Task<core::Result<std::vector<Device>>> devices(core::AccountId account);
  store::Statement insert(const Device& device) const;
  static store::Statement remove(core::AccountId account, core::PersonId person, DeviceId id);

  core::Task<core::Result<std::map<core::PersonId, Preference>>> preferences(
      core::AccountId account);
  /// One row when its revision is still `before` (0: there is none yet).
  static store::Statement set(core::AccountId account,
                              core::PersonId person,
                              const Preference& preference,
                              std::int64_t before);

 private:
  store::Database& database_;
  core::Secret key_;
};

}  // namespace preloop::notify
