#include "cel/time.h"

#include <absl/time/time.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace preloop::cel {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// `[+-]HH:MM` in seconds.
std::optional<std::int32_t> fixed_offset(std::string_view zone) {
  const bool west = zone.starts_with('-');
  if (west || zone.starts_with('+')) {
    zone.remove_prefix(1);
  }
  if (zone.size() != 5 || zone[2] != ':' || !is_digit(zone[0]) || !is_digit(zone[1]) ||
      !is_digit(zone[3]) || !is_digit(zone[4])) {
    return std::nullopt;
  }
  const int hours = (zone[0] - '0') * 10 + (zone[1] - '0');
  const int minutes = (zone[3] - '0') * 10 + (zone[4] - '0');
  if (hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  return (hours * 60 + minutes) * (west ? -60 : 60);
}

/// Abseil opens whatever path it is given and remembers every name it was asked for, so a name from
/// outside must look like one, and must exist, before it gets there.
bool is_installed_zone(const std::string& zone) {
  const auto is_name_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  if (zone.empty() || zone.size() > 64 || zone.front() == '/' || zone.find("//") != zone.npos ||
      !std::ranges::all_of(zone, is_name_character)) {
    return false;
  }
  return ::access(("/usr/share/zoneinfo/" + zone).c_str(), R_OK) == 0;
}

}  // namespace

std::optional<std::int32_t> zone_offset(std::string_view zone, std::int64_t seconds) {
  if (zone == "UTC") {
    return 0;
  }
  if (const auto fixed = fixed_offset(zone)) {
    return fixed;
  }
  const std::string name(zone);
  absl::TimeZone loaded;
  if (!is_installed_zone(name) || !absl::LoadTimeZone(name, &loaded)) {
    return std::nullopt;
  }
  return loaded.At(absl::FromUnixSeconds(seconds)).offset;
}

}  // namespace preloop::cel
