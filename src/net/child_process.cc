#include "net/child_process.h"

#include "core/text.h"
#include "core/wakeup.h"
#include "net/child_launch.h"
#include "net/child_wire.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
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

StatePtr take_over(core::Loop& loop, LaunchedGuard guard) {
  auto state = std::make_shared<State>(loop.executor());
  state->guard = guard.pid;
  state->pid_file = std::move(guard.pid_file);
  state->lifeline = std::move(guard.lifeline);
  const std::pair<stream_descriptor*, Fd*> streams[] = {{&state->in, &guard.in},
                                                        {&state->out, &guard.out},
                                                        {&state->err, &guard.err},
                                                        {&state->report, &guard.report}};
  for (const auto& [stream, fd] : streams) {
    boost::system::error_code ignored;  // an end we cannot watch fails at its first use
    stream->assign(fd->release(), ignored);
    stream->non_blocking(true, ignored);
  }
  return state;
}

}  // namespace

Task<core::Result<std::unique_ptr<ChildProcess>>> ChildProcess::start(core::Loop& loop,
                                                                      ChildOptions options) {
  PRELOOP_CO_TRY(LaunchedGuard guard, launch_guard(options));
  const StatePtr state = take_over(loop, std::move(guard));
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
