#include "approvals/escalation.h"

#include "approvals/quorum.h"

#include <doctest/doctest.h>

namespace preloop::approvals {
namespace {

constexpr core::WallTime k_now{core::seconds(1'767'225'600)};

Request request_with(policy::Workflow workflow) {
  Request request;
  request.created_at = k_now;
  request.verdict.action = policy::Action::require_approval;
  request.verdict.workflows = {std::make_shared<const policy::Workflow>(std::move(workflow))};
  request.expires_at = expiry(request);
  return request;
}

/// The documentation's own example.
policy::Workflow deploy() {
  return {.name = "deploy",
          .approvers = {"sre@example.com"},
          .timeout = core::seconds(600),
          .escalation = {{.after = core::seconds(600),
                          .approvers = {"cto@example.com", "vp@example.com"},
                          .timeout = core::seconds(600)}}};
}

std::string told(const std::vector<Step>& steps) {
  std::string out;
  for (const Step& step : steps) {
    out += std::to_string(step.at.count()) +
           (step.kind == Step::Kind::level ? ":level " : ":remind ") +
           std::to_string(step.kind == Step::Kind::level ? static_cast<int>(step.level)
                                                         : step.percent) +
           " ";
  }
  return out;
}

TEST_CASE("a level is reminded twice, the next is asked, and the last deadline ends it") {
  const Request request = request_with(deploy());
  CHECK(told(plan(request.verdict.workflows)) ==
        "300:remind 50 540:remind 90 600:level 1 900:remind 50 1140:remind 90 ");
  CHECK(request.expires_at == k_now + core::seconds(1200));
}

TEST_CASE("reminders of a level stop where the next begins, and none comes after the end") {
  policy::Workflow workflow = deploy();
  workflow.escalation[0].after = core::seconds(60);
  CHECK(told(plan(request_with(workflow).verdict.workflows)) ==
        "60:level 1 360:remind 50 600:remind 90 ");
  // Another scope's workflow that is sooner at its end ends the request.
  Request two = request_with(deploy());
  two.verdict.workflows.push_back(std::make_shared<const policy::Workflow>(
      policy::Workflow{.name = "quick", .timeout = core::seconds(100)}));
  CHECK(expiry(two) == k_now + core::seconds(100));
  CHECK(told(plan(two.verdict.workflows)) == "50:remind 50 90:remind 90 ");
}

TEST_CASE("who is asked grows by levels that were entered, not by the clock") {
  Request request = request_with(deploy());
  const Voter cto{.person = core::PersonId::make(k_now), .email = "cto@example.com"};
  CHECK_FALSE(is_asked(request, cto));
  CHECK(due_at(request) == k_now + core::seconds(300));
  CHECK(advance(request, k_now + core::seconds(599)).size() == 1);  // the later of two reminders
  CHECK_FALSE(is_asked(request, cto));
  const auto heard = advance(request, k_now + core::seconds(600));
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].level == 1);
  CHECK(is_asked(request, cto));
  CHECK(level_of(request) == 1);
  CHECK(describe_approvers(request).contains("vp@example.com"));
  // Again at the same moment: nothing, whatever woke us.
  CHECK(advance(request, k_now + core::seconds(600)).empty());
}

TEST_CASE("a clock that jumps ahead enters every level it passed and reminds once") {
  policy::Workflow workflow = deploy();
  workflow.escalation.push_back({.after = core::seconds(1200),
                                 .approvers = {"ceo@example.com"},
                                 .timeout = core::seconds(600)});
  Request request = request_with(workflow);
  const auto heard = advance(request, k_now + core::seconds(1600));
  CHECK(told(heard) == "600:level 1 1200:level 2 1500:remind 50 ");
  CHECK(level_of(request) == 2);
  CHECK(due_at(request) == k_now + core::seconds(1740));
}

TEST_CASE("time that a halt gave back moves every step") {
  Request request = request_with(deploy());
  request.given_back = core::seconds(1000);
  request.expires_at = expiry(request);
  CHECK(due_at(request) == k_now + core::seconds(1300));
  CHECK(advance(request, k_now + core::seconds(1299)).empty());
}

TEST_CASE("an approval lapses, and what has ended has nothing due") {
  Request request = request_with(deploy());
  request.state = State::approved;
  CHECK_FALSE(due_at(request));
  request.valid_until = k_now;
  CHECK(due_at(request) == k_now);
  request.state = State::executing;
  CHECK_FALSE(due_at(request));
}

}  // namespace
}  // namespace preloop::approvals
