#pragma once
#include "core/id.h"
#include "core/result.h"
#include "core/secret.h"
#include "secrets/keyring.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::secrets {

// How secrets and retired keys are encrypted (decision 34). Pure but for the random nonce.

/// Seals with the key in use. The account, the name and the version are authenticated, so a row
/// cannot be moved to another place.
std::string seal_secret(const Keyring& keyring,
                        core::AccountId account,
                        std::string_view name,
                        std::int64_t version,
                        const core::Secret& value);
core::Result<core::Secret> open_secret(const Keyring& keyring,
                                       std::uint32_t key_version,
                                       core::AccountId account,
                                       std::string_view name,
                                       std::int64_t version,
                                       std::string_view sealed);

std::string seal_retired(const MasterKey& with, std::uint32_t version, const MasterKey& retired);
core::Result<MasterKey> open_retired(const MasterKey& with,
                                     std::uint32_t version,
                                     std::string_view sealed);

}  // namespace preloop::secrets
