#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "secrets/master_key.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace preloop::secrets {

/// `DATA_DIR/keys/master.key`: made and rotated by the server itself.
struct OwnKeyFile {
  std::string path;
};
/// A file the operator keeps, for instance one mounted by the platform. Never written.
struct GivenKeyFile {
  std::string path;
};
/// A command of the operator that prints the key. Inherits our environment (it may need a token
/// there), not our descriptors; its standard error is ours.
struct KeyCommand {
  std::vector<std::string> arguments;  ///< the first is looked up in PATH
  core::milliseconds limit = core::seconds(5);
};
using KeySource = std::variant<OwnKeyFile, GivenKeyFile, KeyCommand>;

// All of these block: call them before the loops serve, or through core::Offload.

/// Reads the key. not_found when there is no such file or command, permission_denied when an own
/// key file may be read by others, deadline_exceeded when the command takes longer than its limit
/// (its whole process group is killed), invalid_argument for anything that is not a key.
core::Result<MasterKey> load_key(const KeySource& source);

/// Writes a new file of mode 0600 in a folder of mode 0700 (made when missing), synced to the disk.
/// already_exists rather than ever replacing a key.
core::Status write_key_file(const std::string& path, const MasterKey& key);

/// Rotation of an own key file in two steps, so that a crash between them loses nothing: the next
/// key is staged beside the current one, the store commits, the staged file takes its place.
std::string staged_path(const OwnKeyFile& file);
core::Status promote_staged(const OwnKeyFile& file);
core::Status discard_staged(const OwnKeyFile& file);

}  // namespace preloop::secrets
