#include "secrets/key_command.h"

#include "core/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

namespace preloop::secrets {
namespace {

using core::Code;
using core::fail;
using core::Secret;

constexpr std::size_t k_max_output = 4096;

core::milliseconds left_until(core::MonoTime deadline) {
  return std::max(
      core::milliseconds(0),
      std::chrono::ceil<core::milliseconds>(deadline - std::chrono::steady_clock::now()));
}

/// The child in its own group, reading nothing, writing into `output`, with our signal dispositions
/// and mask reset and none of our other descriptors.
int spawn(const KeyCommand& command, int output, pid_t& pid) {
  std::vector<char*> arguments;
  arguments.reserve(command.arguments.size() + 1);
  for (const std::string& argument : command.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  const int error =
      posix_spawnp(&pid, arguments.front(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

enum class ReadEnd : std::uint8_t { closed, late, too_much, failed };

ReadEnd read_until_closed(int fd, core::MonoTime deadline, std::string& into, std::size_t& used) {
  while (true) {
    pollfd wanted{fd, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(left_until(deadline).count()));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (ready <= 0) {
      return ready == 0 ? ReadEnd::late : ReadEnd::failed;
    }
    if (used == into.size()) {
      return ReadEnd::too_much;
    }
    const ssize_t got = ::read(fd, into.data() + used, into.size() - used);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return got == 0 ? ReadEnd::closed : ReadEnd::failed;
    }
    used += static_cast<std::size_t>(got);
  }
}

/// Waits for the leader until the deadline, then ends the whole group; -1 when it was too late. The
/// group is killed before the leader is reaped, while its number cannot belong to anybody else.
int reap(pid_t pid, core::MonoTime deadline) {
  siginfo_t info{};
  bool ended = false;
  while (!ended && left_until(deadline).count() > 0) {
    info.si_pid = 0;
    ended = ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid == pid;
    if (!ended) {
      // Its output is closed already, so the exit is a matter of microseconds.
      std::this_thread::sleep_for(core::milliseconds(1));
    }
  }
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

core::Result<Secret> run_key_command(const KeyCommand& command) {
  if (command.arguments.empty() || command.arguments.front().empty()) {
    return fail(Code::invalid_argument, "the master key command is empty");
  }
  const std::string name = core::printable(command.arguments.front(), 200);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(Code::unavailable, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  const core::MonoTime deadline = std::chrono::steady_clock::now() + command.limit;
  pid_t pid = 0;
  const int error = spawn(command, ends[1], pid);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return fail(
        error == ENOENT ? Code::not_found : Code::permission_denied,
        fmt::format("cannot run the master key command {}: {}", name, std::strerror(error)));
  }
  std::string output(k_max_output, '\0');
  std::size_t used = 0;
  const ReadEnd end = read_until_closed(ends[0], deadline, output, used);
  ::close(ends[0]);
  const int exit_code = reap(pid, end == ReadEnd::closed ? deadline : core::MonoTime{});
  Secret printed(output.substr(0, used));
  core::wipe(output.data(), output.size());

  if (end == ReadEnd::too_much) {
    return fail(Code::invalid_argument,
                fmt::format("the master key command {} printed more than a key", name));
  }
  if (end != ReadEnd::closed || exit_code < 0) {
    return fail(
        Code::deadline_exceeded,
        fmt::format(
            "the master key command {} took longer than {} ms", name, command.limit.count()));
  }
  if (exit_code != 0) {
    return fail(Code::unavailable,
                fmt::format("the master key command {} ended with code {}", name, exit_code));
  }
  return printed;
}

}  // namespace preloop::secrets
