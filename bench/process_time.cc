#include "process_time.h"

#include "options.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace preloop::bench {
namespace {

/// Fields 14 and 15 of /proc/PID/stat, in ticks. Their sum is the scheduler's exact time.
std::uint64_t ticks_of(pid_t process) {
  char text[1024];
  const std::unique_ptr<FILE, int (*)(FILE*)> file(
      std::fopen(fmt::format("/proc/{}/stat", process).c_str(), "r"), std::fclose);
  if (!file || std::fgets(text, sizeof(text), file.get()) == nullptr) {
    die(fmt::format("process {} has gone", process));
  }
  // The command's name may hold anything, but the last parenthesis closes it.
  const char* after_name = std::strrchr(text, ')');
  unsigned long user = 0;
  unsigned long system = 0;
  if (after_name == nullptr || std::sscanf(after_name + 1,
                                           " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                                           &user,
                                           &system) != 2) {
    die("cannot read /proc/PID/stat");
  }
  return user + system;
}

}  // namespace

std::chrono::nanoseconds cpu_time(std::span<const pid_t> processes) {
  std::uint64_t ticks = 0;
  for (const pid_t process : processes) {
    ticks += ticks_of(process);
  }
  return std::chrono::nanoseconds(ticks * (1'000'000'000 / sysconf(_SC_CLK_TCK)));
}

std::vector<pid_t> parse_pids(const std::string& text) {
  std::vector<pid_t> pids;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    pid_t pid = 0;
    const auto parsed = std::from_chars(at, end, pid);
    if (parsed.ec != std::errc{} || (parsed.ptr != end && *parsed.ptr != ',')) {
      die(fmt::format("'{}' is no list of process ids", text));
    }
    pids.push_back(pid);
    at = parsed.ptr == end ? end : parsed.ptr + 1;
  }
  return pids;
}

std::chrono::nanoseconds monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace preloop::bench
