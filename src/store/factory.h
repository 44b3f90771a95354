#pragma once
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "store/database.h"

#include <cstddef>
#include <memory>
#include <string>

namespace preloop::store {

struct OpenOptions {
  std::string data_dir;            ///< SQLite: holds preloop.db and lock; made (0700) when missing
  core::Secret database_url;       ///< empty for SQLite in the data dir, else postgresql://…
  std::string holder = "preloop";  ///< who we are, for the one who finds the lock taken
  std::size_t readers = 3;         ///< queries that run at once
};

/// Opens the database, brings its schema up to date under a lock and starts its writer. The
/// loops that use the database must outlive it; stop() it before it is destroyed.
///
/// Errors: invalid_argument (URL), failed_precondition (another process holds the data dir, the
/// schema is newer than this binary, the file is not ours), unavailable, data_loss.
core::Task<core::Result<std::unique_ptr<Database>>> open_database(OpenOptions options);

}  // namespace preloop::store
