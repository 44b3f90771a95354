#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "core/secret.h"
#include "core/task.h"
#include "store/database.h"
#include "store/migration.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace preloop::store::postgres {

struct Options {
  core::Secret url;                    ///< postgresql://…; see Endpoint
  const core::Clock* clock = nullptr;  ///< must outlive the database
  std::vector<Migration> migrations;   ///< all that this binary knows, by number
  std::size_t readers = 4;             ///< read-only sessions, opened when needed
};

/// Connects, brings the schema up to date and starts a thread that all sessions live on. Three
/// sessions (writer, listener, one reader or more) are kept; poolers that hand a session to several
/// clients do not work, because of prepared statements and LISTEN.
///
/// Errors: invalid_argument (URL), failed_precondition (schema or server version), `unavailable`.
core::Task<core::Result<std::unique_ptr<Database>>> open(Options options);

}  // namespace preloop::store::postgres
