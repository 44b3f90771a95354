#include "net/child_process.h"
#include "net/child_wire.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

extern char** environ;

namespace preloop::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds k_default_grace{2'000};
constexpr milliseconds k_most_grace{600'000};
/// How long processes that were killed may take to be gone (uninterruptible ones take longer).
constexpr milliseconds k_burial{5'000};
constexpr rlim_t k_usual_files = 1024;
constexpr int k_exit_not_found = 127;
constexpr int k_exit_not_startable = 126;

void report(const ChildReport& what) {
  // Smaller than PIPE_BUF, so written whole; a parent that has died does not care.
  (void)!write(k_report, &what, sizeof what);
}

/// The server raised its own limit of open files; programs that use select() must not inherit it.
void lower_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = std::min(limit.rlim_max, k_usual_files);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
  }
}

/// Starts the command in a process group of its own with fresh signals; errno, or 0.
int start_command(char** command, pid_t& pid) {
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
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  const int error = posix_spawnp(&pid, command[0], &files, &attributes, command, environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return error;
}

/// While we hold the pipes, neither side would see the other one's end.
void let_go_of_standard_streams() {
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; ++i) {
    dup2(null, i);
  }
}

int watch_signals() {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    sigaddset(&watched, signal);
  }
  sigprocmask(SIG_BLOCK, &watched, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Our children at this moment: the command, and what we adopted as a subreaper.
std::vector<pid_t> children() {
  std::vector<pid_t> out;
  DIR* const proc = opendir("/proc");
  while (const dirent* const entry = proc != nullptr ? readdir(proc) : nullptr) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) {
      continue;
    }
    char path[64], stat[512];
    std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t size = file >= 0 ? read(file, stat, sizeof stat - 1) : -1;
    close(file);
    if (size <= 0) {
      continue;
    }
    stat[size] = '\0';
    // "pid (name) state ppid": the name may hold anything, also brackets.
    const char* const name_end = std::strrchr(stat, ')');
    if (name_end != nullptr && std::strlen(name_end) > 4 && std::atoi(name_end + 4) == getpid()) {
      out.push_back(pid);
    }
  }
  if (proc != nullptr) {
    closedir(proc);
  }
  return out;
}

/// Ends what the command left behind. Killing a parent makes its children ours: until none is left.
void bury_adopted() {
  const auto until = Clock::now() + k_burial;
  while (Clock::now() < until) {
    for (const pid_t pid : children()) {
      kill(pid, SIGKILL);
    }
    pid_t reaped = 0;
    while ((reaped = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (reaped < 0) {
      return;  // ECHILD: nobody is left
    }
    poll(nullptr, 0, 2);
  }
}

class Guard {
 public:
  explicit Guard(pid_t command) : command_(command) {}

  /// Until the command has ended, of itself or by us.
  void watch(int signals) {
    pollfd watched[] = {{k_lifeline, POLLIN, 0}, {signals, POLLIN, 0}};
    while (!command_ended()) {
      poll(watched, 2, time_left());
      if (watched[0].revents != 0) {
        read_lifeline(watched[0]);
      }
      if (watched[1].revents != 0) {
        read_signal(signals);
      }
      if (stopping_ && Clock::now() >= kill_at_) {
        kill(-command_, SIGKILL);
        kill_at_ = Clock::time_point::max();
      }
    }
  }

  /// Kills the group while the dead leader still holds its number, then takes the leader's status.
  ChildReport reap() {
    kill(-command_, SIGKILL);
    int status = 0;
    while (waitpid(command_, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? ChildReport{-1, WTERMSIG(status)}
                               : ChildReport{WEXITSTATUS(status), 0};
  }

 private:
  bool command_ended() {
    while (true) {
      siginfo_t info{};
      if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
        return false;
      }
      if (info.si_pid == command_) {
        return true;
      }
      waitpid(info.si_pid, nullptr, WNOHANG);  // an orphan we adopted
    }
  }

  int time_left() const {
    if (!stopping_ || kill_at_ == Clock::time_point::max()) {
      return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(kill_at_ - Clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(left, 0));
  }

  void read_lifeline(pollfd& entry) {
    char digits[16];
    const ssize_t size = read(k_lifeline, digits, sizeof digits);
    if (size > 0) {
      for (ssize_t i = 0; i < size; ++i) {
        if (digits[i] >= '0' && digits[i] <= '9') {
          asked_ = std::min(asked_.value_or(milliseconds(0)) * 10 + milliseconds(digits[i] - '0'),
                            k_most_grace);
        }
      }
    } else if (size == 0 || errno != EINTR) {
      entry.fd = -1;  // poll ignores it from now on
      stop(asked_.value_or(k_default_grace));
    }
  }

  void read_signal(int signals) {
    signalfd_siginfo info{};
    while (read(signals, &info, sizeof info) == sizeof info) {
      if (info.ssi_signo != SIGCHLD) {
        stop(k_default_grace);
      }
    }
  }

  void stop(milliseconds grace) {
    if (!stopping_) {
      stopping_ = true;
      kill_at_ = Clock::now() + grace;
      kill(-command_, SIGTERM);
    }
  }

  pid_t command_;
  bool stopping_ = false;
  std::optional<milliseconds> asked_;
  Clock::time_point kill_at_{};
};

}  // namespace

int run_child_guard(int argc, char** argv) {
  char** const end = argv + argc;
  char** const dashes =
      std::find_if(argv, end, [](const char* word) { return std::strcmp(word, "--") == 0; });
  if (dashes == end || dashes + 1 == end) {
    return k_exit_not_startable;
  }
  const int signals = watch_signals();
  lower_file_limit();
  // Before the start, so that nothing the command leaves behind can slip away to init.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t command = 0;
  const int error = start_command(dashes + 1, command);
  report({error, command});
  if (error != 0) {
    return error == ENOENT ? k_exit_not_found : k_exit_not_startable;
  }
  let_go_of_standard_streams();
  Guard guard(command);
  guard.watch(signals);
  const ChildReport ended = guard.reap();
  bury_adopted();
  report(ended);
  return ended.number != 0 ? 128 + ended.number : ended.error;
}

}  // namespace preloop::net
