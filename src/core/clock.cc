#include "core/clock.h"

#include <fmt/format.h>

#include <iterator>

namespace preloop::core {

WallTime SystemClock::wall() const {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

MonoTime SystemClock::mono() const {
  return std::chrono::steady_clock::now();
}

std::string to_rfc3339(WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  const auto micros = clock.subseconds().count();
  std::string text;
  text.reserve(27);
  const auto out = std::back_inserter(text);
  fmt::format_to(out,
                 "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                 static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()),
                 clock.hours().count(),
                 clock.minutes().count(),
                 clock.seconds().count());
  if (micros % 1'000'000 != 0) {
    micros % 1000 == 0 ? fmt::format_to(out, ".{:03}", micros / 1000)
                       : fmt::format_to(out, ".{:06}", micros);
  }
  text += 'Z';
  return text;
}

namespace {

/// Reads exactly `width` digits at `at`; -1 when they are not there.
int digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

Result<WallTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto bad = [] {
    return fail(Code::invalid_argument, "not an RFC 3339 time, for example 2026-01-31T09:30:00Z");
  };
  const int year_value = digits(text, 0, 4), month_value = digits(text, 5, 2),
            day_value = digits(text, 8, 2), hour = digits(text, 11, 2),
            minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':' ||
      year_value < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59 || month_value < 0 || day_value < 0) {
    return bad();
  }
  const year_month_day date{year{year_value},
                            month{static_cast<unsigned>(month_value)},
                            day{static_cast<unsigned>(day_value)}};
  if (!date.ok()) {
    return bad();
  }
  std::size_t at = 19;
  std::int64_t micros = 0;
  if (text[at] == '.') {
    std::int64_t unit = 100'000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
      micros += unit * (text[at] - '0');
    }
    if (at == first || at - first > 9) {
      return bad();
    }
  }
  minutes offset{0};
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) {
  } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':') {
    const int off_hours = digits(text, at + 1, 2), off_minutes = digits(text, at + 4, 2);
    if (off_hours < 0 || off_hours > 23 || off_minutes < 0 || off_minutes > 59) {
      return bad();
    }
    offset = hours{off_hours} + minutes{off_minutes};
    if (text[at] == '-') {
      offset = -offset;
    }
  } else {
    return bad();
  }
  return WallTime{sys_days{date} + hours{hour} + minutes{minute} + seconds{second} - offset +
                  microseconds{micros}};
}

}  // namespace preloop::core
