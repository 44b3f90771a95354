#include "app/restore.h"

#include "app/blocking.h"
#include "app/data_dir.h"
#include "app/foundation.h"
#include "approvals/service.h"
#include "audit/record.h"
#include "core/json_writer.h"
#include "firewall/recovery.h"
#include "identity/cli_login_repo.h"
#include "identity/link_repo.h"
#include "identity/login_session_repo.h"
#include "notify/outbox_repo.h"
#include "secrets/key_bundle.h"
#include "store/lock_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace preloop::app {
namespace {

using core::Code;
using core::fail;
using core::Task;

namespace fs = std::filesystem;

/// Removed with everything in it, whatever happens.
struct StagingFolder {
  fs::path path;
  ~StagingFolder() {
    std::error_code error;
    fs::remove_all(path, error);
  }
};

core::Status io_failure(std::string_view what, const fs::path& path, const std::string& reason) {
  return fail(Code::unavailable, fmt::format("cannot {} {}: {}", what, path.string(), reason));
}

core::Status write_private(const fs::path& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  ::chmod(path.c_str(), 0600);
  file << content;
  file.flush();
  return file ? core::Status() : io_failure("write", path, std::strerror(errno));
}

/// A backup and where its parts are.
struct Backup {
  std::ifstream file;
  std::uint64_t database_size = 0;
  std::string keys;  ///< sealed; empty when it was made without
};

core::Result<Backup> open_backup(const std::string& path) {
  Backup backup{std::ifstream(path, std::ios::binary | std::ios::ate), 0, {}};
  if (!backup.file) {
    return fail(Code::permission_denied, "cannot read " + path);
  }
  const auto size = static_cast<std::uint64_t>(backup.file.tellg());
  backup.database_size = size;
  std::string end(std::min<std::uint64_t>(size, secrets::k_trailer_end_size), '\0');
  backup.file.seekg(static_cast<std::streamoff>(size - end.size()));
  backup.file.read(end.data(), static_cast<std::streamsize>(end.size()));
  const std::uint64_t behind = secrets::bundle_size(end) + secrets::k_trailer_end_size;
  if (behind > secrets::k_trailer_end_size && behind < size) {
    backup.database_size = size - behind;
    backup.keys.resize(behind - secrets::k_trailer_end_size);
    backup.file.seekg(static_cast<std::streamoff>(backup.database_size));
    backup.file.read(backup.keys.data(), static_cast<std::streamsize>(backup.keys.size()));
  }
  backup.file.seekg(0);
  if (!backup.file) {
    return fail(Code::unavailable, "cannot read " + path);
  }
  return backup;
}

core::Status copy_database(Backup& backup, const fs::path& to) {
  std::ofstream copy(to, std::ios::binary | std::ios::trunc);
  ::chmod(to.c_str(), 0600);
  std::string buffer(std::size_t{1} << 20, '\0');
  for (std::uint64_t left = backup.database_size; left > 0;) {
    const auto piece = static_cast<std::streamsize>(std::min<std::uint64_t>(left, buffer.size()));
    backup.file.read(buffer.data(), piece);
    copy.write(buffer.data(), piece);
    if (!backup.file || !copy) {
      return io_failure("write", to, std::strerror(errno));
    }
    left -= static_cast<std::uint64_t>(piece);
  }
  copy.flush();
  return copy ? core::Status() : io_failure("write", to, std::strerror(errno));
}

/// The keys that the copy is opened with: those in the backup, else those in the data dir.
core::Status stage_keys(const RestoreOptions& options, const Backup& backup, const fs::path& to) {
  std::error_code error;
  fs::create_directory(to, error);
  ::chmod(to.c_str(), 0700);
  if (!backup.keys.empty()) {
    PRELOOP_TRY(const core::Secret passphrase, options.passphrase());
    PRELOOP_TRY(const auto files, secrets::open_key_files(backup.keys, passphrase));
    for (const secrets::KeyFile& file : files) {
      PRELOOP_CHECK(write_private(to / file.name, file.content.reveal()));
    }
    return {};
  }
  for (const char* name : {"master.key", "master.key.next", "audit.key"}) {
    const fs::path from = fs::path(options.data_dir) / "keys" / name;
    if (fs::exists(from, error)) {
      if (!fs::copy_file(from, to / name, error)) {
        return io_failure("copy", from, error.message());
      }
    }
  }
  const bool is_given = !options.master_key_file.empty() || !options.master_key_command.empty();
  if (!is_given && !fs::exists(to / "master.key", error)) {
    return fail(Code::failed_precondition,
                fmt::format("the backup needs the master key it was written with, and it is not "
                            "in the backup: put master.key (and audit.key) into {}/keys first, or "
                            "restore a backup made with --with-keys",
                            options.data_dir));
  }
  return {};
}

core::Status move_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? io_failure("move", from, error.message()) : core::Status();
}

bool same_content(const fs::path& a, const fs::path& b) {
  std::ifstream one(a, std::ios::binary);
  std::ifstream two(b, std::ios::binary);
  return one && two &&
         std::string(std::istreambuf_iterator<char>(one), {}) ==
             std::string(std::istreambuf_iterator<char>(two), {});
}

/// What was there is set aside, never overwritten. The database moves last: until then a server
/// that starts here starts as it did before, or not at all.
core::Status put_in_place(const fs::path& staging, const fs::path& data_dir) {
  std::error_code error;
  fs::create_directory(data_dir / "keys", error);
  ::chmod((data_dir / "keys").c_str(), 0700);
  for (const auto& entry : fs::directory_iterator(staging / "keys", error)) {
    const fs::path target = data_dir / "keys" / entry.path().filename();
    if (fs::exists(target, error)) {
      if (same_content(entry.path(), target)) {
        continue;
      }
      PRELOOP_CHECK(move_file(target, target.string() + ".before-restore"));
    }
    PRELOOP_CHECK(move_file(entry.path(), target));
  }
  const std::string database = data_dir / "preloop.db";
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (fs::exists(database + suffix, error)) {
      PRELOOP_CHECK(move_file(database + suffix, database + ".before-restore" + suffix));
    }
  }
  for (const char* suffix : {"-wal", "-shm", ""}) {
    const fs::path from = staging.string() + "/preloop.db" + suffix;
    if (fs::exists(from, error)) {
      PRELOOP_CHECK(move_file(from, database + suffix));
    }
  }
  return {};
}

/// Everything that was on its way when the backup was made.
Task<core::Result<std::string>> settle(Foundation& foundation, bool had_keys) {
  PRELOOP_CO_TRY(
      const std::size_t unknown,
      co_await firewall::mark_lost_calls(*foundation.database, "restored from a backup"));
  const auto approvals = approvals::ApprovalService::create(
      {.owner = foundation.loops.at(0),
       .loops = foundation.loops,
       .database = *foundation.database,
       .identity = foundation.registry->snapshot(),
       .clock = foundation.clock,
       .result_key =
           foundation.keyring->keys().begin()->second.derive(secrets::Purpose::kept_result)});
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
      .field("keys", had_keys ? "from the backup" : "already here")
      .field("signed_out", "everybody")
      .end_object();
  record.details = report;
  store::Unit unit;
  const core::WallTime now = foundation.clock.wall();
  unit.add(identity::LoginSessionRepo::end_all(foundation.account, now));
  unit.add(identity::LinkRepo::forget_unused(foundation.account));
  unit.add(notify::OutboxRepo::forget_unused_links(foundation.account));
  unit.add(identity::CliLoginRepo::purge(now + std::chrono::hours(24)));
  unit.drafts.push_back(audit::make_draft(foundation.account, record));
  PRELOOP_CO_CHECK(
      co_await foundation.database->commit(std::move(unit), store::Durability::strict));
  co_return report;
}

}  // namespace

core::Result<std::string> restore_backup(const RestoreOptions& options) {
  std::error_code error;
  if (!fs::is_regular_file(options.backup, error)) {
    return fail(Code::not_found, "there is no file " + options.backup);
  }
  PRELOOP_TRY(const RunAs user, choose_run_as({}));
  if (!fs::exists(options.data_dir, error)) {
    PRELOOP_CHECK(prepare_data_dir(options.data_dir, user));
  }
  // Read as who we are, written as whose data it becomes.
  PRELOOP_TRY(Backup backup, open_backup(options.backup));
  PRELOOP_CHECK(become_owner_of(options.data_dir));
  // Held to the end: a server cannot start meanwhile.
  PRELOOP_TRY(const auto lock,
              store::LockFile::acquire(options.data_dir + "/lock", "preloop admin restore"));
  if (!options.replace && !is_fresh_data_dir(options.data_dir)) {
    return fail(Code::failed_precondition,
                fmt::format("{} has a database; restore into an empty data dir, or set it aside "
                            "with --replace",
                            options.data_dir));
  }
  const StagingFolder staging{fs::path(options.data_dir) / "restoring"};
  fs::remove_all(staging.path, error);
  if (::mkdir(staging.path.c_str(), 0700) != 0) {
    return std::unexpected(io_failure("make", staging.path, std::strerror(errno)).error());
  }
  PRELOOP_CHECK(copy_database(backup, staging.path / "preloop.db"));
  PRELOOP_CHECK(stage_keys(options, backup, staging.path / "keys"));
  std::string report;
  {
    FoundationOptions wanted;
    wanted.data_dir = staging.path;
    wanted.master_key_file = options.master_key_file;
    wanted.master_key_command = options.master_key_command;
    wanted.holder = "preloop admin restore";
    PRELOOP_TRY(const auto foundation, Foundation::open(std::move(wanted)));
    if (foundation->is_new) {
      return fail(Code::invalid_argument, options.backup + " is not a backup of a Preloop server");
    }
    PRELOOP_TRY(report,
                run_blocking(foundation->loops.at(0), settle(*foundation, !backup.keys.empty())));
  }
  PRELOOP_CHECK(put_in_place(staging.path, options.data_dir));
  return report;
}

}  // namespace preloop::app
