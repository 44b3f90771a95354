#include "identity/key_usage.h"

#include "core/loop_call.h"
#include "identity/key_repo.h"

namespace preloop::identity {

void KeyUsage::note(core::AccountId account, core::KeyId key) {
  const core::WallTime now = registry_.clock().wall();
  registry_.owner().post([this, account, key, now] { used_[key] = {account, now}; });
}

core::Task<core::Status> KeyUsage::flush() {
  co_return co_await core::on_loop(registry_.owner(), flush_here());
}

core::Task<core::Status> KeyUsage::flush_here() {
  if (used_.empty()) {
    co_return core::Status();
  }
  store::Unit unit;
  for (const auto& [key, use] : used_) {
    unit.add(KeyRepo::used(use.first, key, use.second));
  }
  used_.clear();
  co_return co_await registry_.database().commit(std::move(unit), store::Durability::standard);
}

}  // namespace preloop::identity
