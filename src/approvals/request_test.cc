#include "approvals/request.h"

#include "approvals/digest.h"
#include "approvals/escalation.h"
#include "approvals/quorum.h"
#include "approvals/registry.h"
#include "approvals/verdict_json.h"
#include "catalogue/definition.h"

#include <doctest/doctest.h>

namespace preloop::approvals {
namespace {

constexpr core::WallTime k_now{core::seconds(1'767'225'600)};

policy::WorkflowPtr workflow(policy::Workflow value) {
  value.name = value.name.empty() ? "w" : value.name;
  return std::make_shared<const policy::Workflow>(std::move(value));
}

Request request_with(std::vector<policy::WorkflowPtr> workflows) {
  Request request;
  request.created_at = k_now;
  request.verdict.action = policy::Action::require_approval;
  request.verdict.workflows = std::move(workflows);
  return request;
}

/// People by letter: their role, and whether they own the agent.
struct People {
  std::map<core::PersonId, Voter> voters;
  core::PersonId add(identity::Role role, std::string email = "", bool owner = false) {
    const auto id = core::PersonId::make(k_now);
    voters[id] = {id, std::move(email), role, true, owner};
    return id;
  }
  FindVoter finder() const {
    return [this](core::PersonId id) {
      const auto found = voters.find(id);
      return found == voters.end() ? Voter{.person = id, .email = {}, .active = false}
                                   : found->second;
    };
  }
};

void vote(Request& request, core::PersonId person, Decision decision) {
  request.votes.push_back({person, "", decision, "", Channel::console, k_now});
}

TEST_CASE("the life of a request has these steps and no others") {
  const State all[] = {State::pending,
                       State::approved,
                       State::declined,
                       State::expired,
                       State::cancelled,
                       State::superseded,
                       State::executing,
                       State::succeeded,
                       State::failed,
                       State::unknown};
  std::string steps;
  for (const State from : all) {
    for (const State to : all) {
      if (may_move(from, to)) {
        steps += std::string(to_string(from)) + ">" + std::string(to_string(to)) + " ";
      }
    }
  }
  CHECK(steps ==
        "pending>approved pending>declined pending>expired pending>cancelled pending>superseded "
        "approved>expired approved>cancelled approved>superseded approved>executing "
        "executing>succeeded executing>failed "
        "executing>unknown unknown>failed ");
}

TEST_CASE("an empty approver list is the role approver and above") {
  const policy::Workflow any;
  CHECK_FALSE(is_eligible(any, {.person = {}, .email = {}, .role = identity::Role::member}));
  CHECK(is_eligible(any, {.person = {}, .email = {}, .role = identity::Role::approver}));
  CHECK(is_eligible(any, {.person = {}, .email = {}, .role = identity::Role::owner}));
  CHECK_FALSE(is_eligible(
      any, {.person = {}, .email = {}, .role = identity::Role::owner, .active = false}));
}

TEST_CASE("approvers by role, by address, and without the agent's owner") {
  policy::Workflow named;
  named.approvers = {"admin", "ana@example.com"};
  named.exclude_agent_owner = true;
  CHECK(is_eligible(named, {.person = {}, .email = "ana@example.com"}));
  CHECK_FALSE(is_eligible(named, {.person = {}, .email = {}, .role = identity::Role::approver}));
  CHECK(is_eligible(named, {.person = {}, .email = {}, .role = identity::Role::owner}));
  Voter owner{.person = {}, .email = {}, .role = identity::Role::owner};
  owner.owns_agent = true;
  CHECK_FALSE(is_eligible(named, owner));
}

TEST_CASE("a quorum counts distinct people with the right of this moment") {
  People people;
  const auto ana = people.add(identity::Role::approver), bo = people.add(identity::Role::approver);
  Request request = request_with({workflow({.quorum = 2})});
  vote(request, ana, Decision::approve);
  vote(request, ana, Decision::approve);
  CHECK(tally(request, people.finder()) == State::pending);  // one person, whatever is stored
  request.votes.pop_back();
  CHECK(tally(request, people.finder()) == State::pending);
  vote(request, bo, Decision::approve);
  CHECK(tally(request, people.finder()) == State::approved);
  people.voters[bo].role = identity::Role::viewer;
  CHECK(tally(request, people.finder()) == State::pending);
}

TEST_CASE("one decline declines; of somebody without the right it does not count") {
  People people;
  const auto ana = people.add(identity::Role::approver),
             viewer = people.add(identity::Role::viewer);
  Request request = request_with({workflow({})});
  vote(request, viewer, Decision::decline);
  CHECK(tally(request, people.finder()) == State::pending);
  vote(request, ana, Decision::decline);
  CHECK(tally(request, people.finder()) == State::declined);
}

TEST_CASE("every workflow must be satisfied") {
  People people;
  const auto ana = people.add(identity::Role::approver, "ana@example.com");
  const auto boss = people.add(identity::Role::admin);
  Request request = request_with(
      {workflow({.approvers = {"ana@example.com"}}), workflow({.approvers = {"admin"}})});
  vote(request, ana, Decision::approve);
  CHECK(tally(request, people.finder()) == State::pending);
  vote(request, boss, Decision::approve);
  CHECK(tally(request, people.finder()) == State::approved);
}

TEST_CASE("no workflow at all is never approved") {
  CHECK(tally(request_with({}), People().finder()) == State::pending);
}

TEST_CASE("votes are refused with the reason") {
  Request request = request_with({workflow({.require_reason = true})});
  Voter ana{.person = core::PersonId::make(k_now), .email = "", .role = identity::Role::approver};
  CHECK(check_vote(request, ana, Decision::approve, "").error().code ==
        core::Code::invalid_argument);
  CHECK(check_vote(request, ana, Decision::approve, "because"));
  vote(request, ana.person, Decision::approve);
  CHECK(check_vote(request, ana, Decision::decline, "no").error().code ==
        core::Code::already_exists);
  ana.role = identity::Role::member;
  CHECK(check_vote(request, ana, Decision::approve, "x").error().code ==
        core::Code::permission_denied);
  request.state = State::expired;
  CHECK(check_vote(request, ana, Decision::approve, "x").error().message.find("expired") !=
        std::string::npos);
}

TEST_CASE("times are the shortest of the workflows'") {
  const Request request = request_with(
      {workflow({.timeout = core::seconds(600)}),
       workflow({.timeout = core::seconds(60), .approval_valid_for = core::seconds(5)})});
  CHECK(expiry(request) == k_now + core::seconds(60));
  CHECK(validity(request) == core::seconds(5));
}

TEST_CASE("what waits keeps no memory for texts that only people read") {
  Request request = request_with({workflow({})});
  request.arguments = request.tool_definition = std::string(10'000, 'x');
  request.tool = "pay";
  const RequestPtr kept = without_texts(std::move(request));
  CHECK(kept->arguments.capacity() < 100);
  CHECK(kept->tool_definition.capacity() < 100);
  CHECK(kept->tool == "pay");
}

TEST_CASE("a verdict is read back as it was frozen") {
  Request request = request_with({workflow({.approvers = {"admin"}, .quorum = 3})});
  request.verdict.message = "why";
  request.verdict.rule = std::make_shared<const policy::RuleMatch>(
      policy::RuleMatch{policy::Scope::agent, "bot", 2, "pay", "args.x", "err"});
  std::string text;
  core::JsonWriter writer(text);
  write_verdict(writer, request.verdict);
  const auto read = read_verdict(core::JsonDocument::parse(text)->root());
  REQUIRE(read);
  CHECK(read->rule->scope_name == "bot");
  CHECK(read->workflows.front()->quorum == 3);
  CHECK(read->workflows.front()->approvers == std::vector<std::string>{"admin"});
  CHECK_FALSE(read_verdict(core::JsonDocument::parse("{}")->root()));
}

TEST_CASE("the digest of a call tells calls apart, and not their spelling") {
  const auto tool_of = [](const std::string& text) {
    const auto parsed = core::JsonDocument::parse(text);
    return *catalogue::read_definition(parsed->root(), text);
  };
  const auto key = [](const catalogue::Tool& tool, std::string args, core::Digest server = {}) {
    return call_key(
        core::AgentId{}, server, tool, core::JsonDocument::parse(std::move(args))->root());
  };
  const catalogue::Tool pay = tool_of(R"({"name":"pay"})");
  CHECK(key(pay, R"({"a":1,"b":2})") == key(pay, R"({ "b":2.0, "a":1 })"));
  CHECK(key(pay, R"({"a":9007199254740992})") != key(pay, R"({"a":9007199254740993})"));
  CHECK(key(pay, R"({"a":1})") != key(pay, R"({"a":"1"})"));
  CHECK(key(pay, "{}") != key(tool_of(R"({"name":"pay","description":"x"})"), "{}"));
  CHECK(key(pay, "{}") != key(pay, "{}", core::sha256("other server")));
}

}  // namespace
}  // namespace preloop::approvals
