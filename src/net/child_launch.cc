#include "net/child_launch.h"

#include "core/text.h"
#include "net/child_wire.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace preloop::net {

using core::Code;
using core::fail;

namespace {

/// A pipe between us and the guard.
struct Pipe {
  Fd ours;
  Fd theirs;
};
enum class Flow : std::uint8_t { to_child, from_child };

core::Result<Pipe> make_pipe(Flow flow) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(Code::resource_exhausted, std::string("cannot make a pipe: ") + strerror(errno));
  }
  Fd read_end(ends[0]), write_end(ends[1]);
  Fd& theirs = flow == Flow::to_child ? read_end : write_end;
  // Out of the way of 0-4, onto which the ends are duplicated one after the other.
  Fd moved(fcntl(theirs.get(), F_DUPFD_CLOEXEC, 10));
  if (moved.get() < 0) {
    return fail(Code::resource_exhausted, std::string("cannot make a pipe: ") + strerror(errno));
  }
  Pipe out;
  out.theirs = std::move(moved);
  out.ours = std::move(flow == Flow::to_child ? write_end : read_end);
  return out;
}

/// Writing to a child that has gone must be an error, not our end.
void ignore_broken_pipes() {
  struct sigaction current{};
  if (sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) {
    std::signal(SIGPIPE, SIG_IGN);
  }
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) {
    out.push_back(word.data());
  }
  out.push_back(nullptr);
  return out;
}

/// What it takes to start the guard; errno, or 0. `ends` become its descriptors 0 to 4.
int spawn_guard(const ChildOptions& options, const std::array<int, 5>& ends, pid_t& pid) {
  std::vector<std::string> words{options.guard_binary, "__child", "--", options.command};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : options.environment) {
    variables.push_back(name + "=" + value);
  }
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&files);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    posix_spawn_file_actions_adddup2(&files, ends[i], static_cast<int>(i));
  }
  posix_spawn_file_actions_addclosefrom_np(&files, static_cast<int>(ends.size()));
  if (!options.directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&files, options.directory.c_str());
  }
  const int error = posix_spawn(&pid,
                                options.guard_binary.c_str(),
                                &files,
                                &attributes,
                                pointers(words).data(),
                                pointers(variables).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error;
}

core::Status check_options(const ChildOptions& options) {
  const auto has_nul = [](std::string_view text) { return text.find('\0') != text.npos; };
  bool bad = options.command.empty() || has_nul(options.command);
  for (const std::string& argument : options.arguments) {
    bad = bad || has_nul(argument);
  }
  for (const auto& [name, value] : options.environment) {
    bad = bad || name.empty() || has_nul(name) || name.find('=') != name.npos || has_nul(value);
  }
  if (bad) {
    return fail(Code::invalid_argument,
                "the command, an argument or a variable is empty or holds a NUL byte");
  }
  struct stat info{};
  if (!options.directory.empty() &&
      (stat(options.directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))) {
    return fail(Code::not_found,
                "the working directory " + core::printable(options.directory) + " does not exist");
  }
  return {};
}

}  // namespace

core::Result<LaunchedGuard> launch_guard(const ChildOptions& options) {
  PRELOOP_CHECK(check_options(options));
  ignore_broken_pipes();
  PRELOOP_TRY(Pipe in, make_pipe(Flow::to_child));
  PRELOOP_TRY(Pipe out, make_pipe(Flow::from_child));
  PRELOOP_TRY(Pipe err, make_pipe(Flow::from_child));
  PRELOOP_TRY(Pipe lifeline, make_pipe(Flow::to_child));
  PRELOOP_TRY(Pipe report, make_pipe(Flow::from_child));
  static_assert(k_lifeline == 3 && k_report == 4);
  LaunchedGuard guard;
  const int error = spawn_guard(options,
                                {in.theirs.get(),
                                 out.theirs.get(),
                                 err.theirs.get(),
                                 lifeline.theirs.get(),
                                 report.theirs.get()},
                                guard.pid);
  if (error != 0) {
    return fail(Code::internal,
                "cannot start the guard " + options.guard_binary + ": " + strerror(error));
  }
  // glibc 2.36 declares pidfd_open without C linkage.
  guard.pid_file = Fd(static_cast<int>(syscall(SYS_pidfd_open, guard.pid, 0)));
  if (guard.pid_file.get() < 0) {
    (void)!write(lifeline.ours.get(), "0", 1);  // ends at once what it may have started
    lifeline.ours.reset();
    waitpid(guard.pid, nullptr, 0);
    return fail(Code::resource_exhausted, "no descriptor is free to watch a child");
  }
  guard.in = std::move(in.ours);
  guard.out = std::move(out.ours);
  guard.err = std::move(err.ours);
  guard.lifeline = std::move(lifeline.ours);
  guard.report = std::move(report.ours);
  return guard;
}

core::Error start_error(const ChildOptions& options, int error) {
  const std::string command = core::printable(options.command, 200);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return {Code::not_found,
              "cannot find the command '" + command + "'; give its full path, or check PATH",
              {}};
    case EACCES:
    case EPERM:
    case ENOEXEC:
      return {Code::permission_denied,
              "cannot run '" + command + "': " + std::string(strerror(error)),
              {}};
    default:
      return {
          Code::unavailable, "cannot start '" + command + "': " + std::string(strerror(error)), {}};
  }
}

}  // namespace preloop::net
