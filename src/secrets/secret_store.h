#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/offload.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "secrets/keyring.h"
#include "store/database.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::secrets {

/// `[a-z0-9_.-]{1,64}`. invalid_argument otherwise.
core::Status check_secret_name(std::string_view name);

/// What may be shown of a secret.
struct SecretInfo {
  std::string name;
  std::int64_t version = 0;
  core::WallTime created_at;
  core::WallTime updated_at;
};

/// One change, for the record: never the value.
struct SecretChange {
  enum class Kind : std::uint8_t { set, removed, rotated } kind = Kind::set;
  core::AccountId account;   ///< nil for `rotated`
  std::string name;          ///< empty for `rotated`
  std::int64_t version = 0;  ///< of the secret; of the master key for `rotated`
  core::WallTime at;
};
/// Adds audit drafts and events to the unit of a change; made by whoever knows who is acting.
using Annotate = std::function<void(store::Unit&, const SecretChange&)>;

/// Named secrets of an account, AES-256-GCM at rest. Nothing here gives one to an API: `resolve` is
/// for the server's own use (upstream credentials). May be called from any loop.
class SecretStore {
 public:
  static constexpr std::size_t k_max_value = 64 * 1024;

  SecretStore(store::Database& database,
              core::Offload& offload,
              const core::Clock& clock,
              KeyringPtr keyring);

  /// Makes or replaces one; `aborted` when somebody else replaced it at the same moment. Strict.
  core::Task<core::Result<SecretInfo>> set(core::AccountId account,
                                           std::string name,
                                           core::Secret value,
                                           Annotate annotate);
  core::Task<core::Result<std::vector<SecretInfo>>> list(core::AccountId account);
  /// not_found when there is none. Strict.
  core::Task<core::Status> remove(core::AccountId account, std::string name, Annotate annotate);
  /// not_found with the name; data_loss when it does not open with our keys.
  core::Task<core::Result<core::Secret>> resolve(core::AccountId account, std::string name);

  /// Puts `next` in the place of the master key: every secret is sealed again in one unit. With an
  /// own key file the key is made here and staged around the commit, so a crash at any point leaves
  /// a database and a key that fit (open_keyring finishes the rest). With a given source, `next` is
  /// what it will give from now on; the operator changes it after this returned.
  ///
  /// Keys derived before stay what they are in whoever holds them until the next start: sessions
  /// and cursors go on. `aborted` when another process rotated,
  /// failed_precondition when a rotation runs here.
  core::Task<core::Result<std::uint32_t>> rotate_own_file(OwnKeyFile file, Annotate annotate);
  core::Task<core::Result<std::uint32_t>> rotate(MasterKey next, Annotate annotate);

  KeyringPtr keyring() const;

 private:
  core::Task<core::Result<std::uint32_t>> rotate_to(MasterKey next, Annotate annotate);
  void use(KeyringPtr keyring);

  store::Database& database_;
  core::Offload& offload_;
  const core::Clock& clock_;
  mutable std::mutex mutex_;  ///< of keyring_ alone: read from every loop, replaced by a rotation
  KeyringPtr keyring_;
  std::atomic<bool> is_rotating_ = false;
};

}  // namespace preloop::secrets
