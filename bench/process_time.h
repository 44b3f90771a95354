#pragma once
#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace preloop::bench {

/// User and system time of all threads of these processes, those that have ended included.
std::chrono::nanoseconds cpu_time(std::span<const pid_t> processes);
/// "12,34".
std::vector<pid_t> parse_pids(const std::string& text);

/// CLOCK_MONOTONIC, which every process of the machine shares.
std::chrono::nanoseconds monotonic_now();

}  // namespace preloop::bench
