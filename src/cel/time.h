#pragma once
#include "cel/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::cel {

// Timestamps and durations as CEL reads and prints them. Pure functions, UTC.

/// RFC 3339 with an offset or Z and up to nine digits of a second; nullopt when malformed or
/// outside years 1 to 9999.
std::optional<Timestamp> parse_timestamp(std::string_view text);
/// RFC 3339 with Z, and as many digits of a second as are not zero.
std::string format_timestamp(Timestamp value);

/// Nanoseconds of `1h30m`, `-1.5s`, `10ms`, `0`: an optional sign, then numbers with the units h,
/// m, s, ms, us (µs), ns; nullopt when malformed or beyond 64 bits.
std::optional<std::int64_t> parse_duration(std::string_view text);
/// Seconds with as many decimals as are not zero: "5400s", "-1.5s".
std::string format_duration(std::int64_t nanoseconds);

/// `value + nanoseconds`; nullopt outside years 1 to 9999.
std::optional<Timestamp> add(Timestamp value, std::int64_t nanoseconds);
/// `a - b` in nanoseconds; nullopt beyond 64 bits.
std::optional<std::int64_t> difference(Timestamp a, Timestamp b);
/// Whole seconds since 1970; nullopt outside years 1 to 9999.
std::optional<Timestamp> timestamp_from_seconds(std::int64_t seconds);

/// The proleptic Gregorian calendar's reading of a count of seconds since 1970.
struct CivilTime {
  std::int64_t year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;      ///< 0 is Sunday
  int day_of_year = 0;  ///< 0 is January 1st
};
CivilTime civil_time(std::int64_t seconds);

/// Seconds east of UTC at that moment. `zone` is "UTC", an IANA name, or `[+-]HH:MM`; nullopt when
/// there is no such zone. IANA names read the system's tzdata on first use.
std::optional<std::int32_t> zone_offset(std::string_view zone, std::int64_t seconds);

}  // namespace preloop::cel
