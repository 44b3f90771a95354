#include "cel/time.h"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace preloop::cel {
namespace {

constexpr std::int64_t k_min_seconds = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t k_max_seconds = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t k_nanos_per_second = 1'000'000'000;
constexpr std::int64_t k_seconds_per_day = 86'400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Days since 1970-01-01 (the usual era arithmetic; a year starts in March here).
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(std::int64_t year, int month) {
  static constexpr std::array<int, 12> k_days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : k_days[static_cast<std::size_t>(month - 1)];
}

/// Reads fixed-width fields from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int> number(std::size_t digits, int low, int high) {
    if (rest_.size() < digits) {
      return std::nullopt;
    }
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) {
        return std::nullopt;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value >= low && value <= high ? std::optional(value) : std::nullopt;
  }
  /// One to nine digits after a point, as nanoseconds.
  std::optional<std::uint32_t> fraction() {
    std::uint32_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits) {
      if (digits == 9) {
        return std::nullopt;
      }
      value = value * 10 + static_cast<std::uint32_t>(rest_[digits] - '0');
    }
    rest_.remove_prefix(digits);
    for (std::size_t i = digits; i < 9; ++i) {
      value *= 10;
    }
    return digits == 0 ? std::nullopt : std::optional(value);
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::optional<Timestamp> in_range(std::int64_t seconds, std::uint32_t nanos) {
  return seconds < k_min_seconds || seconds > k_max_seconds
             ? std::nullopt
             : std::optional(Timestamp{seconds, nanos});
}

void append_fraction(std::string& out, std::uint64_t nanos) {
  if (nanos == 0) {
    return;
  }
  out += fmt::format(".{:09}", nanos);
  out.erase(out.find_last_not_of('0') + 1);
}

/// Nanoseconds of one unit of a duration, which is taken from the front of `text`.
std::optional<std::int64_t> take_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
  };
  // "ms" before "m", so that the longest name wins.
  static constexpr std::array k_units = {
      Unit{"ns", 1},
      Unit{"us", 1'000},
      Unit{"\u00B5s", 1'000},
      Unit{"\u03BCs", 1'000},
      Unit{"ms", 1'000'000},
      Unit{"s", k_nanos_per_second},
      Unit{"m", 60 * k_nanos_per_second},
      Unit{"h", 3600 * k_nanos_per_second},
  };
  for (const Unit& unit : k_units) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return unit.nanoseconds;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scan(text);
  const auto year = scan.number(4, 0, 9999);
  const bool dash1 = scan.literal('-');
  const auto month = scan.number(2, 1, 12);
  const bool dash2 = scan.literal('-');
  const auto day = scan.number(2, 1, 31);
  const bool separator = scan.literal('T');
  const auto hour = scan.number(2, 0, 23);
  const bool colon1 = scan.literal(':');
  const auto minute = scan.number(2, 0, 59);
  const bool colon2 = scan.literal(':');
  const auto second = scan.number(2, 0, 59);
  if (!year || !month || !day || !hour || !minute || !second || !dash1 || !dash2 || !separator ||
      !colon1 || !colon2 || *day > days_in_month(*year, *month)) {
    return std::nullopt;
  }
  std::uint32_t nanos = 0;
  if (scan.literal('.')) {
    const auto fraction = scan.fraction();
    if (!fraction) {
      return std::nullopt;
    }
    nanos = *fraction;
  }
  std::int64_t offset = 0;
  if (!scan.literal('Z')) {
    const bool east = scan.literal('+');
    if (!east && !scan.literal('-')) {
      return std::nullopt;
    }
    const auto hours = scan.number(2, 0, 23);
    const bool colon = scan.literal(':');
    const auto minutes = scan.number(2, 0, 59);
    if (!hours || !colon || !minutes) {
      return std::nullopt;
    }
    offset = (*hours * 60 + *minutes) * (east ? 60 : -60);
  }
  if (!scan.done()) {
    return std::nullopt;
  }
  const std::int64_t days = days_from_civil(*year, *month, *day);
  return in_range(days * k_seconds_per_day + (*hour * 60 + *minute) * 60 + *second - offset, nanos);
}

std::string format_timestamp(Timestamp value) {
  const CivilTime at = civil_time(value.seconds);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                                at.year,
                                at.month,
                                at.day,
                                at.hour,
                                at.minute,
                                at.second);
  append_fraction(out, value.nanos);
  return out += 'Z';
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return 0;
  }
  if (text.empty()) {
    return std::nullopt;
  }
  // The magnitude may be 2^63 when it is negative; 128 bits keep every sum below the check exact.
  constexpr __int128 k_limit = __int128{1} << 63;
  __int128 total = 0;
  while (!text.empty()) {
    __int128 whole = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits) {
      whole = whole * 10 + (text[digits] - '0');
      if (whole > k_limit) {
        return std::nullopt;
      }
    }
    text.remove_prefix(digits);
    std::string_view decimals;
    if (text.starts_with('.')) {
      const std::size_t end = text.find_first_not_of("0123456789", 1);
      decimals = text.substr(1, end == std::string_view::npos ? end : end - 1);
      text.remove_prefix(1 + decimals.size());
    }
    if (digits == 0 && decimals.empty()) {
      return std::nullopt;
    }
    const auto unit = take_unit(text);
    if (!unit) {
      return std::nullopt;
    }
    // An hour has 3.6e12 nanoseconds, so digits after the fifteenth cannot matter.
    __int128 fraction = 0;
    __int128 scale = 1;
    for (const char c : decimals.substr(0, 15)) {
      fraction = fraction * 10 + (c - '0');
      scale *= 10;
    }
    total += whole * *unit + fraction * *unit / scale;
    if (total > k_limit) {
      return std::nullopt;
    }
  }
  if (negative) {
    return static_cast<std::int64_t>(-total);
  }
  return total == k_limit ? std::nullopt : std::optional(static_cast<std::int64_t>(total));
}

std::string format_duration(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const std::uint64_t magnitude = negative
                                      ? std::uint64_t{0} - static_cast<std::uint64_t>(nanoseconds)
                                      : static_cast<std::uint64_t>(nanoseconds);
  std::string out = fmt::format("{}{}", negative ? "-" : "", magnitude / k_nanos_per_second);
  append_fraction(out, magnitude % k_nanos_per_second);
  return out += 's';
}

std::optional<Timestamp> add(Timestamp value, std::int64_t nanoseconds) {
  std::int64_t seconds = value.seconds + nanoseconds / k_nanos_per_second;
  std::int64_t nanos = value.nanos + nanoseconds % k_nanos_per_second;
  if (nanos < 0) {
    nanos += k_nanos_per_second;
    --seconds;
  } else if (nanos >= k_nanos_per_second) {
    nanos -= k_nanos_per_second;
    ++seconds;
  }
  return in_range(seconds, static_cast<std::uint32_t>(nanos));
}

std::optional<std::int64_t> difference(Timestamp a, Timestamp b) {
  const __int128 out = static_cast<__int128>(a.seconds - b.seconds) * k_nanos_per_second +
                       (static_cast<std::int64_t>(a.nanos) - static_cast<std::int64_t>(b.nanos));
  return out < std::numeric_limits<std::int64_t>::min() ||
                 out > std::numeric_limits<std::int64_t>::max()
             ? std::nullopt
             : std::optional(static_cast<std::int64_t>(out));
}

std::optional<Timestamp> timestamp_from_seconds(std::int64_t seconds) {
  return in_range(seconds, 0);
}

CivilTime civil_time(std::int64_t seconds) {
  std::int64_t days = seconds / k_seconds_per_day;
  std::int64_t second_of_day = seconds % k_seconds_per_day;
  if (second_of_day < 0) {
    second_of_day += k_seconds_per_day;
    --days;
  }
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  CivilTime out;
  out.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  out.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
  out.hour = static_cast<int>(second_of_day / 3600);
  out.minute = static_cast<int>(second_of_day / 60 % 60);
  out.second = static_cast<int>(second_of_day % 60);
  out.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  out.day_of_year = static_cast<int>(days - days_from_civil(out.year, 1, 1));
  return out;
}

}  // namespace preloop::cel
