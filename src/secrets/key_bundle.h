#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace preloop::secrets {

/// A file of the data dir's folder `keys`.
struct KeyFile {
  std::string name;  ///< without a folder, for instance "master.key"
  core::Secret content;
};

/// Key files under a passphrase, to travel with a backup: Argon2id (64 MiB, 3 passes), AES-256-GCM.
/// Takes about 0.2 s. invalid_argument for a passphrase of fewer than 12 characters.
core::Result<std::string> seal_key_files(const std::vector<KeyFile>& files,
                                         const core::Secret& passphrase);
/// permission_denied for another passphrase or a changed byte; data_loss for what is no bundle.
core::Result<std::vector<KeyFile>> open_key_files(std::string_view sealed,
                                                  const core::Secret& passphrase);

// In a backup the bundle stands behind the database, which does not look there:
//   database ‖ bundle ‖ bundle's size (8 bytes, big endian) ‖ "preloop-with-keys"

/// What to append to a database file.
std::string bundle_trailer(std::string_view bundle);
constexpr std::size_t k_trailer_end_size = 25;
/// Size of the bundle by the last `k_trailer_end_size` bytes of a file; 0 when there is none.
std::size_t bundle_size(std::string_view file_end);

}  // namespace preloop::secrets
