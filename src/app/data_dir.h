#pragma once
#include "core/result.h"

#include <string>

namespace preloop::app {

/// Who the server runs as once it has started. As root: `run_as`, else the user who called sudo,
/// else nobody; otherwise whoever started it.
struct RunAs {
  unsigned uid = 0;
  unsigned gid = 0;
  std::string name;
  bool changes = false;  ///< the process must drop to it
};
/// invalid_argument when there is no such user, or `run_as` is given without being root.
core::Result<RunAs> choose_run_as(const std::string& run_as);

/// Makes the data dir (0700, of that user) when it is missing, with the folders above it. Refuses
/// one that others may enter, one of somebody else and one that cannot be written, each in one line
/// that says what to do.
core::Status prepare_data_dir(const std::string& path, const RunAs& user);

/// Drops root for good: groups, gid, uid, and no way back. Before any thread is started.
core::Status drop_privileges(const RunAs& user);

/// For `admin` without a server: as root in a data dir of another user, becomes that user, so that
/// no file of root's is left where the server must read it.
core::Status become_owner_of(const std::string& path);

/// Has a server ever started here? Looks for the database; SQLite only.
bool is_fresh_data_dir(const std::string& path);

}  // namespace preloop::app
