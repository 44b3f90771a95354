#include "net/child_process.h"

#include "core/text.h"
#include "core/wakeup.h"
#include "net/child_wire.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

namespace preloop::net {
namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using core::Code;
using core::fail;
using core::Task;

namespace {

constexpr auto k_await = asio::as_tuple(asio::use_awaitable);
/// Beyond the grace, what a guard may take to kill and bury before it is killed itself.
constexpr core::seconds k_guard_patience{8};

/// A descriptor of ours.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd() { reset(); }
  void reset() {
    if (number_ >= 0) {
      ::close(std::exchange(number_, -1));
    }
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

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

/// Everything about one child; shared with the task that waits for its end, which may outlive the
/// ChildProcess by the moment that the guard takes to clean up.
struct State {
  explicit State(const asio::any_io_executor& ex)
      : executor(ex), in(ex), out(ex), err(ex), report(ex), exited(ex) {}

  asio::any_io_executor executor;
  stream_descriptor in, out, err;
  stream_descriptor report;
  Fd lifeline;
  Fd pid_file;
  pid_t guard = 0;
  pid_t command = 0;
  bool stopping = false;
  std::optional<ChildExit> exit;
  core::Wakeup exited;

  /// Tells the guard to end everything: SIGTERM, and SIGKILL after `grace`.
  void cut_lifeline(core::milliseconds grace) {
    if (lifeline.get() >= 0) {
      const std::string digits = std::to_string(grace.count());
      (void)!::write(lifeline.get(), digits.data(), digits.size());
      lifeline.reset();
    }
  }
  void kill_all() {
    if (!exit) {
      // The guard is not reaped yet, so its number is still its own; the group's number is as long
      // as the guard has not reaped its leader.
      if (command > 0) {
        ::kill(-command, SIGKILL);
      }
      ::kill(guard, SIGKILL);
    }
  }
};
using StatePtr = std::shared_ptr<State>;

Task<std::optional<ChildReport>> read_report(State& state) {
  ChildReport report;
  const auto [error, size] =
      co_await state.report.async_read_some(asio::buffer(&report, sizeof report), k_await);
  co_return !error && size == sizeof report ? std::optional(report) : std::nullopt;
}

/// Waits for the guard's end and takes its status; runs once for every child, to the end.
Task<void> watch(StatePtr state) {
  co_await asio::this_coro::throw_if_cancelled(false);
  stream_descriptor ended(state->executor, state->pid_file.release());
  (void)co_await ended.async_wait(stream_descriptor::wait_read, k_await);
  const auto report = co_await read_report(*state);
  if (!report && state->command > 0) {
    ::kill(-state->command, SIGKILL);  // the guard was killed: its work is ours
  }
  int status = 0;
  while (waitpid(state->guard, &status, 0) < 0 && errno == EINTR) {
  }
  state->exit = report ? ChildExit{report->error, report->number}
                       : ChildExit{-1, WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL};
  state->exited.set();
}

/// Closes stdin, then asks, then kills.
Task<void> end_gently(StatePtr state, core::milliseconds grace) {
  boost::system::error_code ignored;
  state->in.close(ignored);
  const auto now = [] { return std::chrono::steady_clock::now(); };
  if (co_await state->exited.wait_until(now() + grace) == core::Outcome::in_time) {
    co_return;
  }
  state->cut_lifeline(grace);
  if (co_await state->exited.wait_until(now() + grace + k_guard_patience) !=
      core::Outcome::in_time) {
    state->kill_all();
  }
}

class Child final : public ChildProcess {
 public:
  explicit Child(StatePtr state) : state_(std::move(state)) {}
  ~Child() override {
    state_->cut_lifeline(core::milliseconds(0));
    boost::system::error_code ignored;
    for (stream_descriptor* const stream : {&state_->in, &state_->out, &state_->err}) {
      stream->close(ignored);
    }
  }

  int pid() const override { return state_->guard; }

  Task<core::Status> write(std::string_view bytes) override {
    const StatePtr state = state_;
    while (!bytes.empty()) {
      boost::system::error_code error;
      std::size_t size = state->in.write_some(asio::buffer(bytes.data(), bytes.size()), error);
      if (error == asio::error::would_block) {
        std::tie(error) = co_await state->in.async_wait(stream_descriptor::wait_write, k_await);
        size = 0;
      }
      if (error) {
        co_return error == asio::error::operation_aborted
            ? fail(Code::cancelled, "writing to the child was cancelled")
            : fail(Code::unavailable, "the child does not read any more: " + error.message());
      }
      bytes.remove_prefix(size);
    }
    co_return core::Status();
  }

  void close_stdin() override {
    boost::system::error_code ignored;
    state_->in.close(ignored);
  }

  Task<core::Result<std::size_t>> read_stdout(std::span<char> buffer) override {
    return read(state_, &State::out, buffer);
  }
  Task<core::Result<std::size_t>> read_stderr(std::span<char> buffer) override {
    return read(state_, &State::err, buffer);
  }

  Task<core::Result<ChildExit>> wait() override {
    const StatePtr state = state_;
    if (co_await state->exited.wait() != core::Outcome::in_time) {
      co_return fail(Code::cancelled, "the caller went away");
    }
    co_return *state->exit;
  }

  Task<ChildExit> stop(core::milliseconds grace) override {
    const StatePtr state = state_;
    if (!std::exchange(state->stopping, true)) {
      asio::co_spawn(state->executor, end_gently(state, grace), asio::detached);
    }
    while (!state->exit) {
      // Also when the stopping task is itself cancelled: it must not leave before the child has.
      co_await asio::this_coro::reset_cancellation_state();
      (void)co_await state->exited.wait();
    }
    co_return *state->exit;
  }

 private:
  static Task<core::Result<std::size_t>> read(StatePtr state,
                                              stream_descriptor State::* stream,
                                              std::span<char> buffer) {
    const auto [error, size] =
        co_await ((*state).*stream)
            .async_read_some(asio::buffer(buffer.data(), buffer.size()), k_await);
    if (error && error != asio::error::eof) {
      co_return error == asio::error::operation_aborted
          ? fail(Code::cancelled, "reading from the child was cancelled")
          : fail(Code::unavailable, "cannot read from the child: " + error.message());
    }
    co_return size;
  }

  StatePtr state_;
};

/// The pipes and the guard; what has been started is in `state`.
core::Result<StatePtr> launch(core::Loop& loop, const ChildOptions& options) {
  PRELOOP_TRY(Pipe in, make_pipe(Flow::to_child));
  PRELOOP_TRY(Pipe out, make_pipe(Flow::from_child));
  PRELOOP_TRY(Pipe err, make_pipe(Flow::from_child));
  PRELOOP_TRY(Pipe lifeline, make_pipe(Flow::to_child));
  PRELOOP_TRY(Pipe report, make_pipe(Flow::from_child));
  auto state = std::make_shared<State>(loop.executor());
  static_assert(k_lifeline == 3 && k_report == 4);
  const int error = spawn_guard(options,
                                {in.theirs.get(),
                                 out.theirs.get(),
                                 err.theirs.get(),
                                 lifeline.theirs.get(),
                                 report.theirs.get()},
                                state->guard);
  if (error != 0) {
    return fail(Code::internal,
                "cannot start the guard " + options.guard_binary + ": " + strerror(error));
  }
  // glibc 2.36 declares pidfd_open without C linkage.
  state->pid_file = Fd(static_cast<int>(syscall(SYS_pidfd_open, state->guard, 0)));
  if (state->pid_file.get() < 0) {
    ::kill(state->guard, SIGKILL);  // it has started nothing that it would not have reported
    waitpid(state->guard, nullptr, 0);
    return fail(Code::resource_exhausted, "no descriptor is free to watch a child");
  }
  state->lifeline = std::move(lifeline.ours);
  boost::system::error_code ignored;
  const std::pair<stream_descriptor*, Fd*> streams[] = {{&state->in, &in.ours},
                                                        {&state->out, &out.ours},
                                                        {&state->err, &err.ours},
                                                        {&state->report, &report.ours}};
  for (const auto& [stream, fd] : streams) {
    stream->assign(fd->release(), ignored);
    stream->non_blocking(true, ignored);
  }
  return state;
}

}  // namespace

Task<core::Result<std::unique_ptr<ChildProcess>>> ChildProcess::start(core::Loop& loop,
                                                                      ChildOptions options) {
  PRELOOP_CO_CHECK(check_options(options));
  ignore_broken_pipes();
  PRELOOP_CO_TRY(const StatePtr state, launch(loop, options));
  auto child = std::make_unique<Child>(state);  // from here on it ends when we leave
  const auto report = co_await read_report(*state);
  state->command = report && report->error == 0 ? report->number : 0;
  asio::co_spawn(state->executor, watch(state), asio::detached);
  if (co_await core::is_cancelled()) {
    co_return fail(Code::cancelled, "the caller went away");
  }
  if (!report) {
    co_return fail(Code::internal,
                   "the guard of '" + core::printable(options.command, 200) +
                       "' ended before it started the command");
  }
  if (report->error != 0) {
    co_return std::unexpected(start_error(options, report->error));
  }
  co_return std::unique_ptr<ChildProcess>(std::move(child));
}

}  // namespace preloop::net
