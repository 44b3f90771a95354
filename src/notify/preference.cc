#include "notify/preference.h"

#include "core/json.h"
#include "core/json_writer.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>

namespace preloop::notify {
namespace {

using core::Code;
using core::fail;
using core::Json;

constexpr core::seconds k_longest_wait{24 * 3600};

/// "07:30" → 450.
std::optional<int> parse_minutes(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] - '0'; };
  if (text.size() != 5 || text[2] != ':') {
    return std::nullopt;
  }
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
  }
  const int hours = digit(0) * 10 + digit(1), minutes = digit(3) * 10 + digit(4);
  return hours < 24 && minutes < 60 ? std::optional(hours * 60 + minutes) : std::nullopt;
}

std::string write_minutes(int minutes) {
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

core::Result<QuietHours> read_quiet(Json json) {
  QuietHours quiet;
  const auto from = parse_minutes(json["from"].as_string().value_or(""));
  const auto to = parse_minutes(json["to"].as_string().value_or(""));
  if (!from || !to || *from == *to) {
    return fail(Code::invalid_argument,
                "quiet hours need two different times such as 22:00 and 07:00",
                {{"quiet_hours", "two different times, hh:mm"}});
  }
  quiet.from = *from;
  quiet.to = *to;
  quiet.time_zone = json["time_zone"].as_string().value_or("");
  absl::TimeZone zone;
  // Anything with a dot or a slash in front would be a path.
  if (quiet.time_zone.empty() || quiet.time_zone.size() > 64 ||
      quiet.time_zone.find("..") != std::string::npos || quiet.time_zone.front() == '/' ||
      quiet.time_zone.front() == ':' || !absl::LoadTimeZone(quiet.time_zone, &zone)) {
    return fail(Code::invalid_argument,
                "unknown time zone; write for instance Europe/Berlin",
                {{"quiet_hours.time_zone", "an IANA name"}});
  }
  return quiet;
}

}  // namespace

Preference default_preference(bool has_phone) {
  Preference out;
  if (has_phone) {
    out.steps = {{Kind::ntfy, core::seconds(0)}, {Kind::email, core::seconds(60)}};
  } else {
    out.steps = {{Kind::email, core::seconds(0)}};
  }
  return out;
}

core::Result<Preference> read_preference(std::string_view json) {
  PRELOOP_TRY(const core::JsonDocument document, core::JsonDocument::parse(std::string(json)));
  const Json root = document.root();
  Preference out;
  for (const core::JsonNode& node : root["steps"].elements()) {
    const Json step(&node);
    const auto kind = parse_kind(step["channel"].as_string().value_or(""));
    const std::int64_t after = step["after"].as_int().value_or(0);
    if (!kind || !is_personal(*kind)) {
      return fail(Code::invalid_argument, "no such channel", {{"steps", "email or ntfy"}});
    }
    if (after < 0 || core::seconds(after) > k_longest_wait) {
      return fail(Code::invalid_argument, "a step waits a day at most", {{"steps", "after"}});
    }
    if (std::ranges::find(out.steps, *kind, &Preference::Step::kind) != out.steps.end()) {
      return fail(Code::invalid_argument, "each channel stands once", {{"steps", "twice"}});
    }
    out.steps.push_back({*kind, core::seconds(after)});
  }
  std::ranges::stable_sort(out.steps, {}, &Preference::Step::after);
  if (const Json quiet = root["quiet_hours"]; quiet.is_object()) {
    PRELOOP_TRY(out.quiet, read_quiet(quiet));
  }
  return out;
}

std::string write_preference(const Preference& preference) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("steps").begin_array();
  for (const Preference::Step& step : preference.steps) {
    writer.begin_object()
        .field("channel", to_string(step.kind))
        .field("after", step.after.count())
        .end_object();
  }
  writer.end_array().key("quiet_hours");
  if (preference.quiet) {
    writer.begin_object()
        .field("from", write_minutes(preference.quiet->from))
        .field("to", write_minutes(preference.quiet->to))
        .field("time_zone", preference.quiet->time_zone)
        .end_object();
  } else {
    writer.null();
  }
  writer.end_object();
  return out;
}

std::optional<core::WallTime> quiet_until(const QuietHours& quiet, core::WallTime now) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(quiet.time_zone, &zone)) {
    return std::nullopt;  // a zone that the machine forgot must not swallow messages
  }
  const absl::CivilSecond local =
      absl::ToCivilSecond(absl::FromUnixMicros(core::to_micros(now)), zone);
  const int minute = local.hour() * 60 + local.minute();
  const bool over_midnight = quiet.from > quiet.to;
  const bool is_quiet = over_midnight ? minute >= quiet.from || minute < quiet.to
                                      : minute >= quiet.from && minute < quiet.to;
  if (!is_quiet) {
    return std::nullopt;
  }
  absl::CivilDay day(local);
  if (minute >= quiet.to) {
    ++day;
  }
  const absl::CivilMinute end(day.year(), day.month(), day.day(), quiet.to / 60, quiet.to % 60);
  return core::from_micros(absl::ToUnixMicros(absl::FromCivil(end, zone)));
}

core::milliseconds retry_after(int attempts, double jitter) {
  constexpr core::milliseconds k_first{2000}, k_longest{600'000};
  const int doublings = std::clamp(attempts - 1, 0, 16);
  const auto full = std::min<core::milliseconds>(k_first * (1 << doublings), k_longest);
  return core::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(full.count()) * (1 - jitter / 2)));
}

}  // namespace preloop::notify
