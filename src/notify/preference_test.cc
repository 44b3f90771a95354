#include "notify/preference.h"

#include <doctest/doctest.h>

#include <string>

namespace preloop::notify {
namespace {

core::WallTime at(std::string_view text) {
  return *core::parse_rfc3339(text);
}
std::string until(const QuietHours& quiet, std::string_view now) {
  const auto end = quiet_until(quiet, at(now));
  return end ? core::to_rfc3339(*end) : "";
}

TEST_CASE("quiet hours are those of the person's own clock") {
  const QuietHours night{22 * 60, 7 * 60, "Europe/Berlin"};
  CHECK(until(night, "2026-07-01T19:59:59Z").empty());  // 21:59:59 in summer
  CHECK(until(night, "2026-07-01T20:00:00Z") == "2026-07-02T05:00:00Z");
  CHECK(until(night, "2026-07-02T04:59:59Z") == "2026-07-02T05:00:00Z");
  CHECK(until(night, "2026-07-02T05:00:00Z").empty());
  CHECK(until(night, "2026-12-01T20:30:00Z").empty());  // 21:30 in winter
  CHECK(until(night, "2026-12-31T21:30:00Z") == "2027-01-01T06:00:00Z");
  const QuietHours lunch{12 * 60, 13 * 60 + 30, "UTC"};
  CHECK(until(lunch, "2026-07-01T12:10:00Z") == "2026-07-01T13:30:00Z");
  CHECK(until(lunch, "2026-07-01T13:30:00Z").empty());
}

TEST_CASE("quiet hours over the night in which the clocks change end by the new clock") {
  const QuietHours night{22 * 60, 7 * 60, "Europe/Berlin"};
  CHECK(until(night, "2026-03-28T22:00:00Z") == "2026-03-29T05:00:00Z");
  CHECK(until(night, "2026-10-24T21:00:00Z") == "2026-10-25T06:00:00Z");
  // 02:30 does not exist that night: it ends when the clock jumps over it.
  const QuietHours gap{1 * 60, 2 * 60 + 30, "Europe/Berlin"};
  CHECK(until(gap, "2026-03-29T00:10:00Z") == "2026-03-29T01:00:00Z");
}

TEST_CASE("a preference survives being written and read; steps come in order of time") {
  const std::string text =
      R"({"steps":[{"channel":"email","after":90},{"channel":"ntfy","after":0}],)"
      R"("quiet_hours":{"from":"22:00","to":"07:05","time_zone":"Asia/Tokyo"}})";
  const auto read = read_preference(text);
  REQUIRE(read);
  REQUIRE(read->steps.size() == 2);
  CHECK(read->steps[0].kind == Kind::ntfy);
  CHECK(read->steps[1].after == core::seconds(90));
  const auto again = read_preference(write_preference(*read));
  REQUIRE(again);
  CHECK(write_preference(*again) == write_preference(*read));
}

TEST_CASE("what a preference may not say") {
  for (
      const char* const text :
      {R"({"steps":[{"channel":"webhook","after":0}],"quiet_hours":null})",
       R"({"steps":[{"channel":"pigeon","after":0}],"quiet_hours":null})",
       R"({"steps":[{"channel":"email","after":-1}],"quiet_hours":null})",
       R"({"steps":[{"channel":"email","after":86401}],"quiet_hours":null})",
       R"({"steps":[{"channel":"email","after":0},{"channel":"email","after":9}],"quiet_hours":null})",
       R"({"steps":[],"quiet_hours":{"from":"24:00","to":"07:00","time_zone":"UTC"}})",
       R"({"steps":[],"quiet_hours":{"from":"07:00","to":"07:00","time_zone":"UTC"}})",
       R"({"steps":[],"quiet_hours":{"from":"22:00","to":"07:00","time_zone":"Mars/Base"}})",
       R"({"steps":[],"quiet_hours":{"from":"22:00","to":"07:00","time_zone":"../../etc/passwd"}})",
       R"({"steps":[],"quiet_hours":{"from":"22:00","to":"07:00","time_zone":"/etc/localtime"}})"}) {
    CAPTURE(text);
    const auto read = read_preference(text);
    REQUIRE(!read);
    CHECK(read.error().code == core::Code::invalid_argument);
  }
}

TEST_CASE("retries wait longer each time, up to ten minutes, and never at the same moment") {
  CHECK(retry_after(1, 0) == core::milliseconds(2000));
  CHECK(retry_after(1, 1) == core::milliseconds(1000));
  CHECK(retry_after(2, 0) == core::milliseconds(4000));
  CHECK(retry_after(9, 0) == core::milliseconds(512'000));
  CHECK(retry_after(10, 0) == core::milliseconds(600'000));
  CHECK(retry_after(1000, 0) == core::milliseconds(600'000));
}

}  // namespace
}  // namespace preloop::notify
