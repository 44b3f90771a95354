#include "app/data_dir.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace preloop::app {

using core::Code;
using core::fail;

core::Result<RunAs> choose_run_as(const std::string& run_as) {
  RunAs user;
  user.uid = ::geteuid();
  user.gid = ::getegid();
  if (user.uid != 0) {
    if (!run_as.empty()) {
      const passwd* const wanted = ::getpwnam(run_as.c_str());
      if (wanted == nullptr || wanted->pw_uid != user.uid) {
        return fail(Code::invalid_argument, "--run-as works only when started as root");
      }
    }
    return user;
  }
  std::string name = run_as;
  if (name.empty()) {
    const char* const sudo = std::getenv("SUDO_USER");
    name = sudo != nullptr && *sudo != '\0' ? sudo : "nobody";
  }
  const passwd* const found = ::getpwnam(name.c_str());
  if (found == nullptr) {
    return fail(Code::invalid_argument, fmt::format("there is no user '{}' to run as", name));
  }
  user.uid = found->pw_uid;
  user.gid = found->pw_gid;
  user.name = name;
  user.changes = user.uid != 0;
  return user;
}

core::Status prepare_data_dir(const std::string& path, const RunAs& user) {
  const auto refuse = [&](std::string_view problem) {
    return fail(Code::failed_precondition, fmt::format("the data dir {} {}", path, problem));
  };
  if (!path.starts_with('/')) {
    return refuse("must be an absolute path");
  }
  std::error_code error;
  const std::filesystem::path dir(path);
  if (!std::filesystem::exists(dir, error)) {
    std::filesystem::create_directories(dir.parent_path(), error);
    if (::mkdir(path.c_str(), 0700) != 0) {
      return refuse(fmt::format("cannot be made: {}", std::strerror(errno)));
    }
    if (user.changes && ::chown(path.c_str(), user.uid, user.gid) != 0) {
      return refuse(fmt::format("cannot be given to {}: {}", user.name, std::strerror(errno)));
    }
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return refuse("is not a folder");
  }
  if (info.st_uid != user.uid) {
    return refuse(
        fmt::format("belongs to another user than the one the server runs as ({}); chown "
                    "it, or choose another --data-dir or --run-as",
                    user.name.empty() ? std::to_string(user.uid) : user.name));
  }
  if ((info.st_mode & 077) != 0) {
    return refuse("may be entered by others; run: chmod 700 " + path);
  }
  if (!user.changes && ::access(path.c_str(), W_OK | X_OK) != 0) {
    return refuse("cannot be written");
  }
  return {};
}

core::Status drop_privileges(const RunAs& user) {
  if (!user.changes) {
    return {};
  }
  if (::initgroups(user.name.c_str(), user.gid) != 0 ||
      ::setresgid(user.gid, user.gid, user.gid) != 0 ||
      ::setresuid(user.uid, user.uid, user.uid) != 0 || ::setuid(0) == 0) {
    return fail(Code::permission_denied,
                fmt::format("cannot run as {}: {}", user.name, std::strerror(errno)));
  }
  // What held root's memory must not be attached to or dumped by the user it now is.
  ::prctl(PR_SET_DUMPABLE, 0);
  // Programs that the server starts look for a home that this user can read.
  if (const passwd* const entry = ::getpwuid(user.uid); entry != nullptr) {
    ::setenv("HOME", entry->pw_dir, 1);
    ::setenv("USER", user.name.c_str(), 1);
  }
  return {};
}

core::Status become_owner_of(const std::string& path) {
  struct stat info{};
  if (::geteuid() != 0 || ::stat(path.c_str(), &info) != 0 || info.st_uid == 0) {
    return {};
  }
  const passwd* const owner = ::getpwuid(info.st_uid);
  if (owner == nullptr) {
    return fail(Code::failed_precondition, fmt::format("nobody knows the owner of {}", path));
  }
  return drop_privileges({info.st_uid, owner->pw_gid, owner->pw_name, true});
}

bool is_fresh_data_dir(const std::string& path) {
  std::error_code error;
  return !std::filesystem::exists(path + "/preloop.db", error);
}

}  // namespace preloop::app
