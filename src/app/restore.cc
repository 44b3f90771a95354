#include "app/restore.h"

#include "app/blocking.h"
#include "app/data_dir.h"
#include "app/foundation.h"
#include "approvals/service.h"
#include "audit/record.h"
#include "core/json_writer.h"
#include "firewall/recovery.h"
#include "store/lock_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace preloop::app {
namespace {

using core::Code;
using core::fail;
using core::Task;

core::Status put_in_place(const RestoreOptions& options, std::ifstream& backup) {
  namespace fs = std::filesystem;
  const fs::path database = fs::path(options.data_dir) / "preloop.db";
  std::error_code error;
  if (fs::exists(database, error)) {
    if (!options.replace) {
      return fail(
          Code::failed_precondition,
          fmt::format("{} has a database; restore into an empty data dir, or set it aside with "
                      "--replace",
                      options.data_dir));
    }
    for (const char* suffix : {"", "-wal", "-shm"}) {
      const fs::path from = database.string() + suffix;
      if (fs::exists(from, error)) {
        fs::rename(from, database.string() + ".before-restore" + suffix, error);
        if (error) {
          return fail(Code::unavailable, "cannot set the old database aside: " + error.message());
        }
      }
    }
  }
  std::ofstream copy(database, std::ios::binary | std::ios::trunc);
  ::chmod(database.c_str(), 0600);
  copy << backup.rdbuf();
  copy.flush();
  if (!copy || backup.bad()) {
    return fail(Code::unavailable, fmt::format("cannot copy {}", options.backup));
  }
  return {};
}

/// Everything that was on its way when the backup was made.
Task<core::Result<std::string>> settle(Foundation& foundation) {
  PRELOOP_CO_TRY(
      const std::size_t unknown,
      co_await firewall::mark_lost_calls(*foundation.database, "restored from a backup"));
  const auto approvals = approvals::ApprovalService::create(
      {.owner = foundation.loops.at(0),
       .loops = foundation.loops,
       .database = *foundation.database,
       .identity = foundation.registry->snapshot(),
       .clock = foundation.clock,
       .result_key = foundation.keyring->derive(secrets::Purpose::kept_result)});
  PRELOOP_CO_CHECK(co_await approvals->start());
  const std::size_t pending = approvals->pending_count();
  const core::Status cancelled = co_await approvals->cancel_all("restored from a backup");
  co_await approvals->stop();
  PRELOOP_CO_CHECK(cancelled);
  audit::Record record;
  record.kind = audit::Kind::restore_completed;
  record.actor = {audit::ActorClass::admin, {}, "preloop admin"};
  std::string report;
  core::JsonWriter(report)
      .begin_object()
      .field("restored", true)
      .field("calls_unknown", unknown)
      .field("requests_cancelled", pending)
      .end_object();
  record.details = report;
  store::Unit unit;
  unit.drafts.push_back(audit::make_draft(foundation.account, record));
  PRELOOP_CO_CHECK(
      co_await foundation.database->commit(std::move(unit), store::Durability::strict));
  co_return report;
}

}  // namespace

core::Result<std::string> restore_backup(const RestoreOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(options.backup, error)) {
    return fail(Code::not_found, "there is no file " + options.backup);
  }
  PRELOOP_TRY(const RunAs user, choose_run_as({}));
  if (!std::filesystem::exists(options.data_dir, error)) {
    PRELOOP_CHECK(prepare_data_dir(options.data_dir, user));
  }
  // Read as who we are, written as whose data it becomes.
  std::ifstream backup(options.backup, std::ios::binary);
  if (!backup) {
    return fail(Code::permission_denied, "cannot read " + options.backup);
  }
  PRELOOP_CHECK(become_owner_of(options.data_dir));
  {
    // Held while the file is put in place: a server cannot start meanwhile.
    PRELOOP_TRY(const auto lock,
                store::LockFile::acquire(options.data_dir + "/lock", "preloop admin restore"));
    PRELOOP_CHECK(put_in_place(options, backup));
  }
  FoundationOptions wanted;
  wanted.data_dir = options.data_dir;
  wanted.holder = "preloop admin restore";
  PRELOOP_TRY(const auto foundation, Foundation::open(std::move(wanted)));
  return run_blocking(foundation->loops.at(0), settle(*foundation));
}

}  // namespace preloop::app
