#include "store/factory.h"

#include "core/clock.h"
#include "core/offload.h"
#include "store/migration.h"
#include "store/postgres/database.h"
#include "store/sqlite/sqlite_database.h"

#include <string_view>
#include <utility>

namespace preloop::store {
namespace {

// When a migration was applied and a session opened: the machine's time, in tests too.
const core::SystemClock k_clock;

bool names_postgresql(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

}  // namespace

core::Task<core::Result<std::unique_ptr<Database>>> open_database(OpenOptions options) {
  const std::string_view url = options.database_url.reveal();
  if (url.empty()) {
    // Migrations and recovery block; the thread lives for this call only.
    core::Offload thread(1);
    const sqlite::Options chosen{options.data_dir, options.holder, options.readers};
    co_return co_await thread.run([chosen] { return sqlite::open(chosen); });
  }
  if (!names_postgresql(url)) {
    co_return core::fail(core::Code::invalid_argument,
                         "the database URL begins with postgresql://, or is left out for SQLite");
  }
  PRELOOP_CO_TRY(auto migrations, embedded_migrations(Dialect::postgresql));
  co_return co_await postgres::open({.url = std::move(options.database_url),
                                     .clock = &k_clock,
                                     .migrations = std::move(migrations),
                                     .readers = options.readers});
}

}  // namespace preloop::store
