#pragma once
#include "core/result.h"
#include "core/secret.h"

#include <functional>
#include <string>

namespace preloop::app {

struct RestoreOptions {
  std::string data_dir;
  std::string backup;
  bool replace = false;         ///< an existing database is set aside as preloop.db.before-restore
  std::string master_key_file;  ///< as for the server
  std::string master_key_command;  ///< as for the server
  /// Asked when the backup has keys in it.
  std::function<core::Result<core::Secret>()> passphrase;
};

/// Puts a backup in place, of a server that does not run. The copy is opened beside the data first:
/// its schema and its master key are checked, calls that were executing become unknown, requests
/// that were waiting are cancelled, everybody is signed out, and the restore is recorded. Only then
/// does it take the place of what was there. Returns what it did as a JSON object. Blocking.
///
/// On any error the data dir's database and keys are as they were: failed_precondition when a
/// server holds the data dir, when it has a database and `replace` is not set, when the schema is
/// newer or the master key is not the backup's; permission_denied for a wrong passphrase.
core::Result<std::string> restore_backup(const RestoreOptions& options);

}  // namespace preloop::app
