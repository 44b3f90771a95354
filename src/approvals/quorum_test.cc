#include "approvals/quorum.h"

#include <doctest/doctest.h>

#include <map>

namespace preloop::approvals {
namespace {

constexpr core::WallTime k_now{core::seconds(1'767'225'600)};

/// People by the address they are named by.
struct People {
  std::map<core::PersonId, Voter> voters;
  core::PersonId add(std::string email, identity::Role role = identity::Role::member) {
    const auto id = core::PersonId::make(k_now);
    voters[id] = {.person = id, .email = std::move(email), .role = role};
    return id;
  }
  FindVoter finder() const {
    return [this](core::PersonId id) { return voters.at(id); };
  }
  Everybody all() const {
    return [this] {
      std::vector<Voter> out;
      out.reserve(voters.size());
      for (const auto& [id, voter] : voters) {
        out.push_back(voter);
      }
      return out;
    };
  }
};

Request request_with(policy::Workflow workflow) {
  Request request;
  request.created_at = k_now;
  request.verdict.workflows = {std::make_shared<const policy::Workflow>(std::move(workflow))};
  return request;
}

void vote(Request& request, core::PersonId person, Decision decision, std::string comment = "") {
  request.votes.push_back({person, "", decision, std::move(comment), Channel::console, k_now});
}

TEST_CASE("two of SRE, or one of CTO with a reason") {
  People people;
  const auto ana = people.add("ana@x"), bo = people.add("bo@x"), cto = people.add("cto@x");
  const Request asked = request_with(
      {.name = "w",
       .approvers = {"ana@x", "bo@x"},
       .quorum = 2,
       .alternatives = {{.approvers = {"cto@x"}, .quorum = 1, .require_reason = true}}});
  Request request = asked;
  vote(request, ana, Decision::approve);
  CHECK(tally(request, people.finder()) == State::pending);
  vote(request, bo, Decision::approve);
  CHECK(tally(request, people.finder()) == State::approved);

  request = asked;
  CHECK(check_vote(request, people.voters[cto], Decision::approve, "").error().code ==
        core::Code::invalid_argument);
  CHECK(check_vote(request, people.voters[cto], Decision::approve, "the site is down"));
  CHECK(check_vote(request, people.voters[ana], Decision::approve, ""));
  vote(request, cto, Decision::approve);
  CHECK(tally(request, people.finder()) == State::pending);
  request.votes.back().comment = "the site is down";
  CHECK(tally(request, people.finder()) == State::approved);
  // One of each is neither.
  request = asked;
  vote(request, ana, Decision::approve, "x");
  CHECK(tally(request, people.finder()) == State::pending);
  CHECK(describe_approvers(request) == "2 people: ana@x or bo@x, or cto@x");
}

TEST_CASE("declines by arithmetic decline when the quorum cannot be reached any more") {
  People people;
  const auto ana = people.add("ana@x"), bo = people.add("bo@x"), li = people.add("li@x");
  Request request = request_with({.name = "w",
                                  .approvers = {"ana@x", "bo@x", "li@x"},
                                  .quorum = 2,
                                  .decline = policy::Declining::arithmetic});
  vote(request, ana, Decision::decline);
  CHECK(tally(request, people.finder(), people.all()) == State::pending);
  CHECK(tally(request, people.finder()) == State::declined);  // nobody known: as a veto
  vote(request, bo, Decision::approve);
  vote(request, li, Decision::approve);
  CHECK(tally(request, people.finder(), people.all()) == State::approved);
  request.votes.pop_back();
  vote(request, li, Decision::decline);
  CHECK(tally(request, people.finder(), people.all()) == State::declined);
  // Somebody left: those who remain are too few.
  request.votes.pop_back();
  people.voters[li].active = false;
  CHECK(tally(request, people.finder(), people.all()) == State::declined);
}

TEST_CASE("declines by arithmetic wait for those whom escalation will ask") {
  People people;
  const auto ana = people.add("ana@x");
  people.add("cto@x");
  Request request = request_with(
      {.name = "w",
       .approvers = {"ana@x"},
       .decline = policy::Declining::arithmetic,
       .escalation = {
           {.after = core::seconds(60), .approvers = {"cto@x"}, .timeout = core::seconds(60)}}});
  vote(request, ana, Decision::decline);
  CHECK(tally(request, people.finder(), people.all()) == State::pending);
  people.voters.begin()->second.active = true;
  for (auto& [id, voter] : people.voters) {
    voter.active = voter.email == "ana@x";
  }
  CHECK(tally(request, people.finder(), people.all()) == State::declined);
}

TEST_CASE("the role approver stays asked when a level is added to an empty list") {
  const policy::Workflow workflow{
      .name = "w",
      .escalation = {
          {.after = core::seconds(60), .approvers = {"cto@x"}, .timeout = core::seconds(60)}}};
  const Voter approver{.person = {}, .email = "a@x", .role = identity::Role::approver};
  const Voter cto{.person = {}, .email = "cto@x", .role = identity::Role::viewer};
  CHECK(is_eligible(workflow, approver, 0));
  CHECK(is_eligible(workflow, approver, 1));
  CHECK_FALSE(is_eligible(workflow, cto, 0));
  CHECK(is_eligible(workflow, cto, 1));
}

}  // namespace
}  // namespace preloop::approvals
