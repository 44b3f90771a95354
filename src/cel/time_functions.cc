#include "cel/function.h"
#include "cel/time.h"

namespace preloop::cel {
namespace {

using Args = std::span<const Value>;

/// Steps of finding a zone, which looks at the file system.
constexpr std::size_t k_zone_cost = 200;
constexpr std::int64_t k_nanos_per_second = 1'000'000'000;

/// A field of a timestamp in UTC, or in the zone of the second argument.
template <std::int64_t (*k_field)(const CivilTime&)>
Value timestamp_field(Frame& frame, Args args) {
  if (!args[0].is(Kind::timestamp) || (args.size() == 2 && !args[1].is(Kind::string))) {
    return Value::of_overload_error(args[0].kind(),
                                    args.size() == 2 ? args[1].kind() : Kind::error);
  }
  std::int64_t seconds = args[0].as_timestamp().seconds;
  if (args.size() == 2) {
    frame.spend(k_zone_cost);
    const auto offset = zone_offset(args[1].as_text(), seconds);
    if (!offset) {
      return Value::of_error(ErrorCode::invalid_time_zone);
    }
    seconds += *offset;
  }
  return Value::of_int(k_field(civil_time(seconds)));
}

/// A field both kinds have: of a timestamp its part, of a duration the whole length in that unit.
template <std::int64_t (*k_field)(const CivilTime&), std::int64_t k_unit_seconds>
Value clock_field(Frame& frame, Args args) {
  return args[0].is(Kind::duration) && args.size() == 1
             ? Value::of_int(args[0].as_duration() / (k_unit_seconds * k_nanos_per_second))
             : timestamp_field<k_field>(frame, args);
}

std::int64_t full_year(const CivilTime& at) {
  return at.year;
}
std::int64_t month(const CivilTime& at) {
  return at.month - 1;
}
std::int64_t date(const CivilTime& at) {
  return at.day;
}
std::int64_t day_of_month(const CivilTime& at) {
  return at.day - 1;
}
std::int64_t day_of_week(const CivilTime& at) {
  return at.weekday;
}
std::int64_t day_of_year(const CivilTime& at) {
  return at.day_of_year;
}
std::int64_t hours(const CivilTime& at) {
  return at.hour;
}
std::int64_t minutes(const CivilTime& at) {
  return at.minute;
}
std::int64_t seconds(const CivilTime& at) {
  return at.second;
}

/// The milliseconds within the second, of both kinds.
Value milliseconds(Frame& frame, Args args) {
  if (args[0].is(Kind::duration) && args.size() == 1) {
    return Value::of_int(args[0].as_duration() % k_nanos_per_second / 1'000'000);
  }
  const Value checked = timestamp_field<seconds>(frame, args);
  return checked.is_error() ? checked : Value::of_int(args[0].as_timestamp().nanos / 1'000'000);
}

constexpr std::string_view k_date = "(timestamp) -> int; (timestamp, string) -> int";
constexpr std::string_view k_clock =
    "(timestamp) -> int; (timestamp, string) -> int; (duration) -> int";

constexpr Function k_functions[] = {
    {"getFullYear", CallStyle::member, 1, 2, timestamp_field<full_year>, k_date, "year"},
    {"getMonth", CallStyle::member, 1, 2, timestamp_field<month>, k_date, "month, 0 is January"},
    {"getDate", CallStyle::member, 1, 2, timestamp_field<date>, k_date, "day of the month from 1"},
    {"getDayOfMonth",
     CallStyle::member,
     1,
     2,
     timestamp_field<day_of_month>,
     k_date,
     "day of the month from 0"},
    {"getDayOfWeek",
     CallStyle::member,
     1,
     2,
     timestamp_field<day_of_week>,
     k_date,
     "day of the week, 0 is Sunday"},
    {"getDayOfYear",
     CallStyle::member,
     1,
     2,
     timestamp_field<day_of_year>,
     k_date,
     "day of the year from 0"},
    {"getHours",
     CallStyle::member,
     1,
     2,
     clock_field<hours, 3600>,
     k_clock,
     "hour of the day, or a duration in hours"},
    {"getMinutes",
     CallStyle::member,
     1,
     2,
     clock_field<minutes, 60>,
     k_clock,
     "minute of the hour, or a duration in minutes"},
    {"getSeconds",
     CallStyle::member,
     1,
     2,
     clock_field<seconds, 1>,
     k_clock,
     "second of the minute, or a duration in seconds"},
    {"getMilliseconds",
     CallStyle::member,
     1,
     2,
     milliseconds,
     k_clock,
     "milliseconds within the second"},
};

}  // namespace

std::span<const Function> time_functions() {
  return k_functions;
}

}  // namespace preloop::cel
