#pragma once
#include "core/clock.h"
#include "core/result.h"
#include "notify/types.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::notify {

/// When somebody wants to be left alone, in their own time zone. `from` after `to`: over midnight.
struct QuietHours {
  int from = 0;  ///< minutes after midnight, 0 to 1439
  int to = 0;
  std::string time_zone;  ///< IANA name, for instance Europe/Berlin
};

/// How a person wants to be reached: steps in order, each `after` so long without a decision. A
/// step that cannot be delivered brings the next ones forward.
struct Preference {
  struct Step {
    Kind kind = Kind::email;
    core::seconds after{0};
  };
  std::vector<Step> steps;
  std::optional<QuietHours> quiet;
  std::int64_t revision = 0;  ///< 0: never set
};

/// What holds for somebody who has set nothing: phone at once, e-mail after a minute; e-mail at
/// once where they have no phone.
Preference default_preference(bool has_phone);

/// {"steps":[{"channel","after"}],"quiet_hours":null|{"from":"22:00","to":"07:00","time_zone"}}.
/// invalid_argument names what is wrong; a kind may stand once; at most a day of waiting.
core::Result<Preference> read_preference(std::string_view json);
std::string write_preference(const Preference& preference);

/// Until when a message that is due `now` has to wait; nullopt: it may go.
std::optional<core::WallTime> quiet_until(const QuietHours& quiet, core::WallTime now);

/// When a message is tried again after `attempts` failures: 2 s doubled each time up to 10 minutes,
/// of which a random half (`jitter` from 0 to 1) is taken away.
core::milliseconds retry_after(int attempts, double jitter);
inline constexpr int k_max_attempts = 10;

}  // namespace preloop::notify
