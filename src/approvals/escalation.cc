#include "approvals/escalation.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <tuple>

namespace preloop::approvals {
namespace {

constexpr core::seconds k_longest{30 * 24 * 3600};
constexpr std::array k_reminders{50, 90};

core::seconds end_of(const std::vector<policy::WorkflowPtr>& workflows) {
  core::seconds first = k_longest;
  for (const policy::WorkflowPtr& workflow : workflows) {
    first = std::min(first, approvals::end_of(*workflow));
  }
  return first;
}

/// `until`: where the next level begins, or the workflow ends.
void add_reminders(std::vector<Step>& out,
                   const Step& level,
                   core::seconds timeout,
                   core::seconds until) {
  for (const int percent : k_reminders) {
    const Step step{.kind = Step::Kind::reminder,
                    .at = level.at + timeout * percent / 100,
                    .workflow = level.workflow,
                    .level = level.level,
                    .percent = percent};
    if (step.at <= level.at || step.at >= until) {
      continue;
    }
    // Of a level of a few seconds both may fall into one; one reminder is enough.
    if (!out.empty() && out.back().kind == Step::Kind::reminder && out.back().at == step.at &&
        out.back().workflow == step.workflow && out.back().level == step.level) {
      out.pop_back();
    }
    out.push_back(step);
  }
}

}  // namespace

core::seconds end_of(const policy::Workflow& workflow) {
  core::seconds end = workflow.timeout;
  for (const policy::EscalationLevel& level : workflow.escalation) {
    end = std::max(end, level.after + level.timeout);
  }
  return end;
}

std::vector<Step> plan(const std::vector<policy::WorkflowPtr>& workflows) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < workflows.size(); ++i) {
    const policy::Workflow& workflow = *workflows[i];
    Step level{.kind = Step::Kind::level, .at = {}, .workflow = i, .level = 0, .percent = 0};
    core::seconds timeout = workflow.timeout;
    for (const policy::EscalationLevel& next : workflow.escalation) {
      add_reminders(steps, level, timeout, next.after);
      level.at = next.after;
      ++level.level;
      steps.push_back(level);
      timeout = next.timeout;
    }
    add_reminders(steps, level, timeout, end_of(workflow));
  }
  const core::seconds end = end_of(workflows);
  std::erase_if(steps, [&](const Step& step) { return step.at >= end; });
  std::ranges::stable_sort(steps, {}, [](const Step& step) {
    return std::tuple(step.at, step.kind, step.workflow, step.level);
  });
  return steps;
}

std::vector<ToldStep> told_plan(const Request& request) {
  const auto& workflows = request.verdict.workflows;
  std::vector<ToldStep> out;
  const auto add = [&](std::string_view kind, const Step& step, bool done) {
    const policy::Workflow& workflow = *workflows[step.workflow];
    out.push_back({.kind = kind,
                   .after = step.at,
                   .workflow = workflow.name,
                   .level = step.level,
                   .percent = step.percent,
                   .approvers = step.level == 0 ? workflow.approvers
                                                : workflow.escalation[step.level - 1].approvers,
                   .done = done});
  };
  for (std::size_t i = 0; i < workflows.size(); ++i) {
    Step asked;
    asked.workflow = i;
    add("asked", asked, true);
    for (const policy::Alternative& other : workflows[i]->alternatives) {
      add("asked", asked, true);
      out.back().approvers = other.approvers;
    }
  }
  int taken = 0;
  for (const Step& step : plan(workflows)) {
    add(step.kind == Step::Kind::level ? "escalated" : "reminder",
        step,
        taken++ < request.steps_done);
  }
  out.push_back({.kind = "expires",
                 .after = end_of(workflows),
                 .workflow = {},
                 .level = level_of(request),
                 .percent = 0,
                 .approvers = {},
                 .done = request.state == State::expired});
  if (workflows.size() == 1) {
    out.back().workflow = workflows.front()->name;
    out.back().level = workflows.front()->escalation.size();
  }
  return out;
}

std::size_t level_of(const Request& request, std::size_t workflow) {
  if (request.steps_done == 0) {
    return 0;
  }
  const std::vector<Step> steps = plan(request.verdict.workflows);
  return static_cast<std::size_t>(
      std::ranges::count_if(steps | std::views::take(request.steps_done), [&](const Step& step) {
        return step.kind == Step::Kind::level && step.workflow == workflow;
      }));
}

std::size_t level_of(const Request& request) {
  std::size_t highest = 0;
  for (std::size_t i = 0; i < request.verdict.workflows.size(); ++i) {
    highest = std::max(highest, level_of(request, i));
  }
  return highest;
}

core::WallTime time_of(const Request& request, const Step& step) {
  return request.created_at + request.given_back + step.at;
}

std::optional<Step> next_step(const Request& request) {
  const std::vector<Step> steps = plan(request.verdict.workflows);
  const auto done = static_cast<std::size_t>(request.steps_done);
  return done < steps.size() ? std::optional(steps[done]) : std::nullopt;
}

std::optional<core::WallTime> due_at(const Request& request) {
  switch (request.state) {
    case State::pending: {
      const auto step = next_step(request);
      return step ? std::min(time_of(request, *step), request.expires_at) : request.expires_at;
    }
    case State::approved:
      return request.valid_until;
    default:
      return std::nullopt;
  }
}

std::vector<Step> advance(Request& request, core::WallTime now) {
  const std::vector<Step> steps = plan(request.verdict.workflows);
  std::vector<Step> heard;
  std::optional<Step> reminder;
  for (auto next = static_cast<std::size_t>(request.steps_done);
       next < steps.size() && time_of(request, steps[next]) <= now;
       ++next, ++request.steps_done) {
    if (steps[next].kind == Step::Kind::level) {
      heard.push_back(steps[next]);
      reminder.reset();
    } else {
      reminder = steps[next];
    }
  }
  if (reminder) {
    heard.push_back(*reminder);
  }
  return heard;
}

core::WallTime expiry(const Request& request) {
  return request.created_at + request.given_back + end_of(request.verdict.workflows);
}

}  // namespace preloop::approvals
