#pragma once
#include "core/result.h"

#include <string>
#include <string_view>

namespace preloop::store {

/// `DATA_DIR/lock`: names the one process that may open the SQLite file. Held with flock(2), so the
/// kernel releases it when the process ends, however it ends; the text inside is for people.
class LockFile {
 public:
  /// Takes the lock at once or answers failed_precondition with the holder's name and pid. Creates
  /// the file (0600). `holder` says who we are, for instance "preloop serve".
  static core::Result<LockFile> acquire(const std::string& path, std::string_view holder);

  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();  ///< Releases. The file stays: removing it would let two processes lock two files.

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace preloop::store
