#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/registry.h"

#include <map>
#include <utility>

namespace preloop::identity {

/// When each key was last used, to the minute: collected in memory, written by `flush`. Owned by
/// the registry's loop; `note` from any.
class KeyUsage {
 public:
  explicit KeyUsage(Registry& registry) : registry_(registry) {}

  void note(core::AccountId account, core::KeyId key);
  /// From app's minute tick, and at the end.
  core::Task<core::Status> flush();

 private:
  core::Task<core::Status> flush_here();
  Registry& registry_;
  std::map<core::KeyId, std::pair<core::AccountId, core::WallTime>> used_;
};

}  // namespace preloop::identity
