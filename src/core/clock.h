#pragma once
#include "core/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace preloop::core {

/// UTC, microseconds: the unit of everything stored.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
/// For deadlines and durations; never stored.
using MonoTime = std::chrono::steady_clock::time_point;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Where business code gets the time from; tests inject testing::FakeClock. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual MonoTime mono() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  MonoTime mono() const override;
};

/// Microseconds since 1970, as stored in SQL.
inline std::int64_t to_micros(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime from_micros(std::int64_t micros) {
  return WallTime{microseconds{micros}};
}

/// RFC 3339 in UTC with `Z`; fraction digits 0, 3 or 6, as few as are exact.
std::string to_rfc3339(WallTime time);
/// Accepts RFC 3339 with any offset and 0-9 fraction digits (truncated to µs), years 0001-9999.
/// invalid_argument otherwise.
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace preloop::core
