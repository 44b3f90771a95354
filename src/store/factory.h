#pragma once
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "store/database.h"

#include <cstddef>
#include <memory>
#include <string>

namespace preloop::store {

struct OpenOptions {
  std::string data_dir;            ///< SQLite: holds preloop.db and lock; made (0700) when missing
  std::string database_url;        ///< empty for SQLite in the data dir, else postgresql://…
  std::string holder = "preloop";  ///< who we are, for the one who finds the lock taken
  std::size_t read_threads = 3;    ///< SQLite: queries that run at once
};

/// Opens the database, brings its schema up to date under a lock and starts its writer. The loops
/// must have started and must outlive the database; stop() it before it is destroyed.
///
/// Errors: invalid_argument (URL), failed_precondition (another process holds the data dir, the
/// schema is newer than this binary, the file is not ours), unavailable, data_loss.
core::Task<core::Result<std::unique_ptr<Database>>> open_database(OpenOptions options,
                                                                  core::LoopPool& loops);

}  // namespace preloop::store
