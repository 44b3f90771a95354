#include "secrets/sealing.h"

#include "core/crypto.h"

#include <fmt/format.h>

namespace preloop::secrets {
namespace {

std::string secret_aad(core::AccountId account, std::string_view name, std::int64_t version) {
  return fmt::format("{}|{}|{}", account.to_string(), name, version);
}

std::string retired_aad(std::uint32_t version) {
  return fmt::format("master-key|{}", version);
}

}  // namespace

std::string seal_secret(const Keyring& keyring,
                        core::AccountId account,
                        std::string_view name,
                        std::int64_t version,
                        const core::Secret& value) {
  return core::aes256_gcm_seal(
      keyring.derive(Purpose::secret), value.reveal(), secret_aad(account, name, version));
}

core::Result<core::Secret> open_secret(const Keyring& keyring,
                                       std::uint32_t key_version,
                                       core::AccountId account,
                                       std::string_view name,
                                       std::int64_t version,
                                       std::string_view sealed) {
  PRELOOP_TRY(const core::Secret key, keyring.derive(Purpose::secret, key_version));
  return core::aes256_gcm_open(key, sealed, secret_aad(account, name, version));
}

std::string seal_retired(const MasterKey& with, std::uint32_t version, const MasterKey& retired) {
  return core::aes256_gcm_seal(
      with.derive(Purpose::secret), retired.bytes().reveal(), retired_aad(version));
}

core::Result<MasterKey> open_retired(const MasterKey& with,
                                     std::uint32_t version,
                                     std::string_view sealed) {
  PRELOOP_TRY(const core::Secret bytes,
              core::aes256_gcm_open(with.derive(Purpose::secret), sealed, retired_aad(version)));
  return MasterKey::parse(bytes);
}

}  // namespace preloop::secrets
