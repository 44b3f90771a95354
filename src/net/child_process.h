#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::net {

/// How to start a child. The environment is exactly `environment`: nothing is inherited.
struct ChildOptions {
  std::string command;  ///< looked up in the PATH of `environment` unless it has a slash
  std::vector<std::string> arguments;  ///< without the command itself
  std::map<std::string, std::string> environment;
  std::string directory;  ///< empty: ours
  /// Absolute path of our own binary, or "/proc/self/exe"; it is started as `preloop __child` to
  /// guard the child, and its main() hands that command to run_child_guard.
  std::string guard_binary;
};

struct ChildExit {
  int code = 0;    ///< exit code, or -1
  int signal = 0;  ///< ending signal, or 0
};

/// A process with pipes on stdin, stdout and stderr, in its own process group behind a guard
/// (`run_child_guard`): when we die by any signal, or stop it, the whole group and everything it
/// left behind end. Owned by one loop. No zombie, no inherited descriptor, no orphan (decision 10).
/// Its limit of open files is the usual 1024, not ours. From the first start on, this process
/// ignores SIGPIPE.
class ChildProcess {
 public:
  /// not_found when the command cannot be found, permission_denied when it cannot be run.
  static core::Task<core::Result<std::unique_ptr<ChildProcess>>> start(core::Loop& loop,
                                                                       ChildOptions options);
  virtual ~ChildProcess() = default;  ///< Kills what still runs.

  /// The guard's process id, for logs.
  virtual int pid() const = 0;
  /// All of `bytes` to stdin. `unavailable` when the child has gone; suspends while its pipe is
  /// full.
  virtual core::Task<core::Status> write(std::string_view bytes) = 0;
  virtual void close_stdin() = 0;
  /// At least one byte, or 0 at the end.
  virtual core::Task<core::Result<std::size_t>> read_stdout(std::span<char> buffer) = 0;
  virtual core::Task<core::Result<std::size_t>> read_stderr(std::span<char> buffer) = 0;
  /// Waits for the end.
  virtual core::Task<core::Result<ChildExit>> wait() = 0;
  /// Closes stdin, waits `grace`, SIGTERM to the group, waits `grace`, SIGKILL. Idempotent.
  virtual core::Task<ChildExit> stop(core::milliseconds grace) = 0;
};

/// The body of the hidden `preloop __child` command: becomes a subreaper, starts the command given
/// after `--` in its own process group with our stdin/stdout/stderr, watches the lifeline on
/// descriptor 3, and when it ends (parent closed it or died) sends SIGTERM, then SIGKILL after
/// `grace`, then kills what it adopted. Returns the exit code to end with. Uses no threads.
int run_child_guard(int argc, char** argv);

}  // namespace preloop::net
