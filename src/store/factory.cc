#include "store/factory.h"

#include "core/offload.h"
#include "store/sqlite/sqlite_database.h"

#include <utility>

namespace preloop::store {

core::Task<core::Result<std::unique_ptr<Database>>> open_database(OpenOptions options,
                                                                  core::LoopPool&) {
  const std::string& url = options.database_url;
  if (!url.empty()) {
    co_return core::fail(core::Code::invalid_argument,
                         "the database URL begins with postgresql://, or is left out for SQLite");
  }
  // Migrations and recovery block; the thread lives for this call only.
  core::Offload thread(1);
  const sqlite::Options chosen{options.data_dir, options.holder, options.read_threads};
  co_return co_await thread.run([chosen] { return sqlite::open(chosen); });
}

}  // namespace preloop::store
