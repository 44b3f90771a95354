#pragma once
#include "histogram.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace preloop::bench {

struct LoadReport {
  Histogram latency;
  std::uint64_t started = 0;
  std::uint64_t answered = 0;
  std::uint64_t errors = 0;  ///< answers that are none: status, JSON-RPC error, isError
  std::uint64_t lost_connections = 0;
  std::string first_error;
  std::chrono::nanoseconds elapsed{};
  std::chrono::nanoseconds watched_cpu{};  ///< of the processes named by --cpu-of
  std::chrono::nanoseconds own_cpu{};

  /// One line of JSON, durations in microseconds.
  std::string to_json() const;
};

}  // namespace preloop::bench
