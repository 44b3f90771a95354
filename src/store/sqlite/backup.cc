#include "store/sqlite/backup.h"

#include "store/sqlite/connection.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace preloop::store::sqlite {
namespace {

constexpr int k_pages_a_step = 512;

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};

core::Status create_empty(const std::string& target) {
  const int descriptor =
      ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return core::fail(
        errno == EEXIST ? core::Code::already_exists : core::Code::failed_precondition,
        fmt::format("cannot create {}: {}", target, std::strerror(errno)));
  }
  ::close(descriptor);
  return {};
}

core::Status sync_folder_of(const std::string& target) {
  const auto slash = target.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : target.substr(0, std::max<std::size_t>(slash, 1));
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int result = descriptor < 0 ? -1 : ::fsync(descriptor);
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  if (result != 0) {
    return core::fail(core::Code::unavailable, "cannot sync the folder of the backup");
  }
  return {};
}

core::Status copy(Connection& source, sqlite3* target, const std::function<bool()>& cancelled) {
  // An open read transaction pins what is copied; without one each foreign commit starts it anew.
  PRELOOP_CHECK(source.script("BEGIN; SELECT count(*) FROM sqlite_master;"));
  sqlite3_backup* const backup = sqlite3_backup_init(target, "main", source.handle(), "main");
  if (backup == nullptr) {
    return std::unexpected(error_of(target, sqlite3_errcode(target)));
  }
  int result = SQLITE_OK;
  while (result == SQLITE_OK && !cancelled()) {
    result = sqlite3_backup_step(backup, k_pages_a_step);
  }
  const int finished = sqlite3_backup_finish(backup);
  if (result == SQLITE_OK) {
    return core::fail(core::Code::cancelled, "the backup was stopped");
  }
  if (result != SQLITE_DONE || finished != SQLITE_OK) {
    return std::unexpected(error_of(target, result != SQLITE_DONE ? result : finished));
  }
  // The copy says "WAL" in its header, and would want side files to be opened.
  if (sqlite3_exec(target, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr) !=
      SQLITE_OK) {
    return std::unexpected(error_of(target, sqlite3_errcode(target)));
  }
  return {};
}

core::Status copy_file(const std::string& path,
                       const std::string& target,
                       const std::function<bool()>& cancelled) {
  PRELOOP_TRY(const auto source, Connection::open(path, Role::reader));
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(target.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, Close> closing(opened);
  if (result != SQLITE_OK) {
    return std::unexpected(error_of(opened, result));
  }
  PRELOOP_CHECK(copy(*source, opened, cancelled));
  return sync_folder_of(target);
}

}  // namespace

core::Status back_up(const std::string& path,
                     const std::string& target,
                     const std::function<bool()>& cancelled) {
  PRELOOP_CHECK(create_empty(target));
  auto done = copy_file(path, target, cancelled);
  if (!done) {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
      ::unlink((target + suffix).c_str());
    }
  }
  return done;
}

}  // namespace preloop::store::sqlite
