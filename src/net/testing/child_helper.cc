// The child processes of child_process_test: a guard, and a parent that can be killed.
#include "core/loop.h"
#include "core/task_scope.h"
#include "net/child_process.h"

#include <unistd.h>

#include <csignal>
#include <cstring>

namespace preloop::net {
namespace {

/// Starts `sh -c SCRIPT`, copies its output to ours, and never ends by itself.
core::Task<void> keep_child(core::Loop& loop, const char* script) {
  auto child = co_await ChildProcess::start(loop,
                                            {.command = "/bin/sh",
                                             .arguments = {"-c", script},
                                             .environment = {{"PATH", "/usr/bin:/bin"}},
                                             .directory = "",
                                             .guard_binary = "/proc/self/exe"});
  if (!child) {
    co_return;
  }
  char bytes[512];
  while (true) {
    const auto size = co_await (*child)->read_stdout(bytes);
    if (!size || *size == 0) {
      break;
    }
    (void)!::write(STDOUT_FILENO, bytes, *size);
  }
  (void)co_await (*child)->wait();
}

}  // namespace
}  // namespace preloop::net

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "__child") == 0) {
    return preloop::net::run_child_guard(argc, argv);
  }
  if (argc == 3 && std::strcmp(argv[1], "parent") == 0) {
    preloop::core::LoopPool loops(1);
    loops.start();
    preloop::core::TaskScope scope(loops.at(0).executor());
    loops.at(0).post([&] { scope.spawn("child", preloop::net::keep_child(loops.at(0), argv[2])); });
    pause();
  }
  return 2;
}
