#pragma once
#include "core/clock.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/task.h"
#include "secrets/key_source.h"
#include "secrets/master_key.h"
#include "store/database.h"

#include <cstdint>
#include <map>
#include <memory>

namespace preloop::secrets {

/// The master key in use and the retired ones before it. Immutable once opened; thread-safe.
class Keyring {
 public:
  Keyring(std::uint32_t version, std::map<std::uint32_t, MasterKey> keys)
      : version_(version), keys_(std::move(keys)) {}

  /// Grows by one with each rotation; store it beside whatever is encrypted for longer than a day.
  std::uint32_t version() const { return version_; }
  /// For new data.
  core::Secret derive(Purpose purpose) const { return current().derive(purpose); }
  /// For data written under `version`; data_loss when that key is not known.
  core::Result<core::Secret> derive(Purpose purpose, std::uint32_t version) const;
  const MasterKey& current() const { return keys_.at(version_); }
  const std::map<std::uint32_t, MasterKey>& keys() const { return keys_; }

 private:
  std::uint32_t version_;
  std::map<std::uint32_t, MasterKey> keys_;
};
using KeyringPtr = std::shared_ptr<const Keyring>;

/// Loads the key, checks it against the stored check value, and unseals the retired ones. On a
/// database without one (first start) an own key file is made; given sources are taken as they are.
/// A rotation that a crash cut in half is finished or undone first. Before serving.
///
/// failed_precondition when the key is not this database's, or its file is gone: an own file is
/// never made anew beside existing data.
core::Task<core::Result<KeyringPtr>> open_keyring(store::Database& database,
                                                  core::Offload& offload,
                                                  KeySource source,
                                                  core::WallTime now);

}  // namespace preloop::secrets
