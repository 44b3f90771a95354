#pragma once
#include <cstdint>

namespace preloop::net {

// What ChildProcess and its guard agree on. Descriptors of the guard, besides 0-2:

/// Read end of a pipe whose write end only the parent holds. Its end means: end everything. Decimal
/// digits before it give the milliseconds between SIGTERM and SIGKILL.
constexpr int k_lifeline = 3;
/// Write end of a pipe with two ChildReports: when the command was started, and when it has ended.
constexpr int k_report = 4;

struct ChildReport {
  std::int32_t error = 0;   ///< errno of the start; of the second report: exit code, or -1
  std::int32_t number = 0;  ///< process id of the command; of the second report: signal, or 0
};

}  // namespace preloop::net
