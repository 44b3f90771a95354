#include "net/child_process.h"

#include "core/deadline.h"
#include "core/task_scope.h"
#include "core/testing/run.h"
#include "core/text.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace preloop::net {
namespace {

using namespace std::chrono_literals;
using core::Code;
using core::Task;
using ChildPtr = std::unique_ptr<ChildProcess>;

ChildOptions shell(std::string script) {
  return {.command = "sh",
          .arguments = {"-c", std::move(script)},
          .environment = {{"PATH", "/usr/bin:/bin"}, {"NAME", "value"}},
          .directory = "",
          .guard_binary = PRELOOP_CHILD_HELPER};
}

/// Runs `body` on a loop.
template <class T>
T on_loop(Task<T> (*body)(core::Loop&)) {
  core::LoopPool loops(1);
  loops.start();
  return core::testing::run_on(loops.at(0), body(loops.at(0)));
}

Task<std::string> all_output(ChildProcess& child) {
  std::string out;
  char bytes[4096];
  while (true) {
    const auto size = co_await child.read_stdout(bytes);
    if (!size || *size == 0) {
      co_return out;
    }
    out.append(bytes, *size);
  }
}

/// One line of the child's output.
Task<std::string> line(ChildProcess& child) {
  std::string out;
  char byte = 0;
  while (true) {
    const auto size = co_await child.read_stdout({&byte, 1});
    if (!size || *size == 0 || byte == '\n') {
      co_return out;
    }
    out += byte;
  }
}

/// Waits until the process is gone or a zombie nobody of ours must reap.
bool is_gone(pid_t pid) {
  const int file = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (file < 0) {
    return true;
  }
  pollfd entry{file, POLLIN, 0};
  const bool gone = poll(&entry, 1, 20'000) == 1;
  close(file);
  return gone;
}

TEST_CASE("a child's streams, environment, directory and exit code") {
  on_loop(+[](core::Loop& loop) -> Task<void> {
    ChildOptions options = shell("cat; echo err >&2; env | sort | tr '\\n' ' '; pwd; exit 7");
    options.directory = "/";
    auto child = co_await ChildProcess::start(loop, std::move(options));
    REQUIRE(child);
    CHECK(co_await (*child)->write("to and fro;"));
    (*child)->close_stdin();
    const std::string out = co_await all_output(**child);
    CHECK(out == "to and fro;NAME=value PATH=/usr/bin:/bin PWD=/ /\n");
    char bytes[10];
    CHECK((co_await (*child)->read_stderr(bytes)).value_or(0) == 4);
    const auto exit = co_await (*child)->wait();
    REQUIRE(exit);
    CHECK(exit->code == 7);
    CHECK(exit->signal == 0);
    CHECK(waitpid((*child)->pid(), nullptr, WNOHANG) == -1);  // reaped: no zombie
    CHECK((co_await (*child)->stop(0ms)).code == 7);
  });
}

TEST_CASE("what cannot be started says why") {
  on_loop(+[](core::Loop& loop) -> Task<void> {
    const auto code_of = [&loop](ChildOptions options) -> Task<Code> {
      const auto child = co_await ChildProcess::start(loop, std::move(options));
      co_return child ? Code::internal : child.error().code;
    };
    ChildOptions options = shell("");
    options.command = "no-such-command";
    CHECK(co_await code_of(options) == Code::not_found);
    options.command = "/etc/passwd";
    CHECK(co_await code_of(options) == Code::permission_denied);
    options.command = "";
    CHECK(co_await code_of(options) == Code::invalid_argument);
    options = shell("");
    options.directory = "/no/such/place";
    CHECK(co_await code_of(options) == Code::not_found);
    options = shell("");
    options.arguments.push_back(std::string("a\0b", 3));
    CHECK(co_await code_of(options) == Code::invalid_argument);
    options = shell("");
    options.environment["A=B"] = "";
    CHECK(co_await code_of(options) == Code::invalid_argument);
    options = shell("");
    options.environment["PATH"] = "/no/such/place";
    CHECK(co_await code_of(options) == Code::not_found);
    CHECK(waitpid(-1, nullptr, WNOHANG) <= 0);
  });
}

TEST_CASE("a child inherits no descriptor and no signal disposition") {
  on_loop(+[](core::Loop& loop) -> Task<void> {
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);  // as Boost makes them: inheritable
    const int high = fcntl(pair[0], F_DUPFD, 200);
    auto child = co_await ChildProcess::start(
        loop, shell("ls /proc/self/fd | tr '\\n' ' '; grep -E 'Sig(Blk|Ign)' /proc/self/status"));
    REQUIRE(child);
    const std::string out = co_await all_output(**child);
    // 3 is the directory that ls reads.
    CHECK(out.starts_with("0 1 2 3 SigBlk:\t0000000000000000\nSigIgn:\t"));
    // Beyond the 31 classic signals glibc ignores its internal ones in every spawned process.
    const auto ignored = std::strtoull(out.substr(out.rfind('\t')).c_str(), nullptr, 16);
    CHECK((ignored & 0x7FFFFFFF) == 0);
    for (const int fd : {pair[0], pair[1], high}) {
      close(fd);
    }
  });
}

TEST_CASE("stopping: a polite child ends with its stdin, a deaf one by force") {
  on_loop(+[](core::Loop& loop) -> Task<void> {
    auto polite = co_await ChildProcess::start(loop, shell("cat; exit 3"));
    REQUIRE(polite);
    CHECK((co_await (*polite)->stop(20s)).code == 3);

    auto listening = co_await ChildProcess::start(
        loop, shell("trap 'exit 4' TERM; echo ready; while :; do sleep 0.01; done"));
    REQUIRE(listening);
    CHECK(co_await line(**listening) == "ready");
    CHECK((co_await (*listening)->stop(500ms)).code == 4);

    auto deaf = co_await ChildProcess::start(
        loop, shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
    REQUIRE(deaf);
    CHECK(co_await line(**deaf) == "ready");
    CHECK((co_await (*deaf)->stop(20ms)).signal == SIGKILL);
    CHECK((co_await (*deaf)->stop(20ms)).signal == SIGKILL);
    CHECK((co_await (*deaf)->write("x")).error().code == Code::unavailable);
  });
}

/// Leaves a process in the group and one in a session of its own; prints their numbers.
constexpr const char* k_leaves_others =
    "trap '' TERM; sleep 1000 & a=$!; setsid sleep 1000 & b=$!; echo $$ $a $b; ";

std::vector<pid_t> numbers(std::string_view text) {
  std::vector<pid_t> out;
  for (const auto word : core::split(text, ' ')) {
    out.push_back(std::atoi(std::string(word).c_str()));
  }
  return out;
}

TEST_CASE("what a child leaves behind ends with it") {
  on_loop(+[](core::Loop& loop) -> Task<void> {
    auto child = co_await ChildProcess::start(loop, shell(k_leaves_others + std::string("exit 0")));
    REQUIRE(child);
    const auto pids = numbers(co_await line(**child));
    REQUIRE(pids.size() == 3);
    CHECK((co_await (*child)->wait())->code == 0);
    for (const pid_t pid : pids) {
      CHECK(kill(pid, 0) != 0);  // at once: the guard ends last
    }
  });
}

TEST_CASE("destroying a child ends it and its family") {
  const auto pids = on_loop(+[](core::Loop& loop) -> Task<std::vector<pid_t>> {
    auto child = co_await ChildProcess::start(loop, shell(k_leaves_others + std::string("wait")));
    REQUIRE(child);
    auto out = numbers(co_await line(**child));
    out.push_back((*child)->pid());
    co_return out;
  });
  REQUIRE(pids.size() == 4);
  for (const pid_t pid : pids) {
    CHECK(is_gone(pid));
  }
}

TEST_CASE("a guard that is killed takes the command with it") {
  on_loop(+[](core::Loop& loop) -> Task<void> {
    auto child = co_await ChildProcess::start(loop, shell("echo $$; sleep 1000"));
    REQUIRE(child);
    const pid_t command = std::atoi((co_await line(**child)).c_str());
    kill((*child)->pid(), SIGKILL);
    CHECK((co_await (*child)->wait())->signal == SIGKILL);
    CHECK(is_gone(command));
  });
}

TEST_CASE("children and grandchildren end when their parent is killed") {
  int out[2];
  REQUIRE(pipe2(out, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  const std::string script = k_leaves_others + std::string("wait");
  const char* const words[] = {PRELOOP_CHILD_HELPER, "parent", script.c_str(), nullptr};
  pid_t parent = 0;
  REQUIRE(posix_spawn(&parent,
                      PRELOOP_CHILD_HELPER,
                      &files,
                      nullptr,
                      const_cast<char* const*>(words),
                      environ) == 0);
  posix_spawn_file_actions_destroy(&files);
  close(out[1]);
  std::string text;
  char byte = 0;
  while (read(out[0], &byte, 1) == 1 && byte != '\n') {
    text += byte;
  }
  const auto pids = numbers(text);
  REQUIRE(pids.size() == 3);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  for (const pid_t pid : pids) {
    CHECK(is_gone(pid));
  }
  close(out[0]);
}

Task<void> write_much(ChildProcess& child, core::Status& status) {
  status = co_await child.write(std::string(1 << 20, 'x'));
}

TEST_CASE("writing suspends while the child does not read, and can be cancelled") {
  on_loop(+[](core::Loop& loop) -> Task<void> {
    auto child = co_await ChildProcess::start(loop, shell("exec sleep 1000"));
    REQUIRE(child);
    core::TaskScope scope(loop.executor());
    core::Status status;
    scope.spawn("write", write_much(**child, status));
    // Runs after the write has filled the pipe.
    core::Wakeup full(loop.executor());
    loop.post([&full] { full.set(); });
    (void)co_await full.wait();
    CHECK(scope.running() == 1);
    co_await scope.stop();
    CHECK(status.error().code == Code::cancelled);
  });
}

}  // namespace
}  // namespace preloop::net
