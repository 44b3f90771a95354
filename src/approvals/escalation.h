#pragma once
#include "approvals/types.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::approvals {

// What a request does by itself while nobody decides, as pure functions of its frozen workflows:
// reminders, the next level, the end. How far it has come is one number (`Request::steps_done`), so
// that a step is taken once, whatever clocks and restarts do.

/// Something that happens at a moment of a request's life.
struct Step {
  enum class Kind : std::uint8_t { level, reminder } kind = Kind::level;
  core::seconds at{0};       ///< from the request, halts not counted
  std::size_t workflow = 0;  ///< index in the verdict's workflows
  std::size_t level = 0;     ///< that is entered, from 1; or that is reminded, from 0
  int percent = 0;           ///< of its time, for a reminder: 50 or 90
};

/// When a workflow gives up: its own deadline or that of its last level, whichever is later.
core::seconds end_of(const policy::Workflow& workflow);
/// Every step before the request's end, in order. A level's reminders stop where the next begins.
std::vector<Step> plan(const std::vector<policy::WorkflowPtr>& workflows);

/// The whole course for people: asked, reminded, escalated, and the end.
struct ToldStep {
  std::string_view kind;   ///< asked, reminder, escalated, expires
  core::seconds after{0};  ///< from the request
  std::string workflow;
  std::size_t level = 0;
  int percent = 0;
  std::vector<std::string> approvers;  ///< who is asked, or reminded
  bool done = false;
};
std::vector<ToldStep> told_plan(const Request& request);

/// The level that a workflow of the request has reached; 0: its own approvers.
std::size_t level_of(const Request& request, std::size_t workflow);
/// Over all its workflows, for people: the highest.
std::size_t level_of(const Request& request);

/// When the step happens, halts counted.
core::WallTime time_of(const Request& request, const Step& step);
/// The next step; nullopt after the last.
std::optional<Step> next_step(const Request& request);

/// When the next thing happens to it by itself: a step, the end of a pending one, the lapse of an
/// approval that nobody used. nullopt for every other.
std::optional<core::WallTime> due_at(const Request& request);

/// Takes every step that is due at `now`: moves `steps_done` and returns what of them people are to
/// hear: each level entered, and the last reminder unless a level came after it.
std::vector<Step> advance(Request& request, core::WallTime now);

/// The latest moment of the decision: when the first of its workflows gives up.
core::WallTime expiry(const Request& request);

}  // namespace preloop::approvals
