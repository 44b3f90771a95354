#pragma once
#include "core/result.h"

#include <string>

namespace preloop::app {

struct RestoreOptions {
  std::string data_dir;
  std::string backup;
  bool replace = false;  ///< an existing database is set aside as preloop.db.before-restore
};

/// Puts a backup in place, of a server that does not run: copies the file, opens it, marks calls
/// that were executing as unknown, cancels requests that were waiting, and records the restore.
/// Returns what it did as a JSON object. Blocking.
///
/// failed_precondition when a server holds the data dir, or it has a database and `replace` is not
/// set; then nothing was changed.
core::Result<std::string> restore_backup(const RestoreOptions& options);

}  // namespace preloop::app
