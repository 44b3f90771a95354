// Requests under random votes, clocks, rights, halts, crashes and lost writes: whatever happens,
// the invariants hold. Each seed is one life; the seed is in the failure. PRELOOP_SEEDS: how many.
#include "approvals/escalation.h"
#include "approvals/quorum.h"
#include "approvals/request.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace preloop::approvals {
namespace {

constexpr core::WallTime k_start{core::seconds(1'767'225'600)};
constexpr int k_people = 6;

int seeds() {
  const char* const given = std::getenv("PRELOOP_SEEDS");
  return given == nullptr ? 1000 : std::atoi(given);
}

/// One request, its row on the disk, and what the record says: the service's step (read, decide,
/// write with the row's revision as guard) with everything around it at random.
class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {
    for (int i = 0; i < k_people; ++i) {
      Voter voter{.person = core::PersonId::make(k_start),
                  .email = name(i),
                  .role = static_cast<identity::Role>(below(5))};
      people_[voter.person] = voter;
      ids_.push_back(voter.person);
    }
    row_.created_at = now_;
    const int workflows = 1 + below(2);
    for (int i = 0; i < workflows; ++i) {
      row_.verdict.workflows.push_back(workflow());
    }
    row_.expires_at = expiry(row_);
  }

  void run() {
    for (int i = 0; i < 80; ++i) {
      switch (below(9)) {
        case 0:
        case 1:
          now_ += core::seconds(below(400));
          break;
        case 2:
          now_ += core::seconds(below(20) - 10);  // clocks are set back, too
          break;
        case 3:
          change_rights();
          break;
        case 4:
          halt();
          break;
        case 5:
          execute();
          break;
        case 6:
          for (int again = 0; again < 3; ++again) {
            wake();  // timers come twice
          }
          break;
        default:
          vote();
      }
      check();
    }
    CHECK(executions_ <= 1);  // I2
  }
  int executions() const { return executions_; }
  std::size_t levels_entered() const { return entered_.size(); }

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  static std::string name(int i) { return std::string(1, static_cast<char>('a' + i)) + "@x"; }
  std::vector<std::string> some_people() {
    std::set<std::string> out;
    const int count = 1 + below(3);
    for (int i = 0; i < count; ++i) {
      out.insert(below(4) == 0 ? std::string("approver") : name(below(k_people)));
    }
    return {out.begin(), out.end()};
  }
  policy::WorkflowPtr workflow() {
    policy::Workflow one{.name = "w", .approvers = some_people(), .quorum = 1 + below(3)};
    one.timeout = core::seconds(10 + below(600));
    one.require_reason = below(4) == 0;
    one.decline = below(2) == 0 ? policy::Declining::veto : policy::Declining::arithmetic;
    if (below(3) == 0) {
      one.alternatives = {{.approvers = some_people(), .quorum = 1, .require_reason = true}};
    }
    for (int level = below(3), after = 0; level > 0; --level) {
      after += 1 + below(300);
      one.escalation.push_back({.after = core::seconds(after),
                                .approvers = some_people(),
                                .timeout = core::seconds(1 + below(600))});
    }
    return std::make_shared<const policy::Workflow>(std::move(one));
  }
  FindVoter finder() const {
    return [this](core::PersonId id) { return people_.at(id); };
  }
  Everybody everybody() const {
    return [this] {
      std::vector<Voter> out;
      out.reserve(people_.size());
      for (const auto& [id, voter] : people_) {
        out.push_back(voter);
      }
      return out;
    };
  }

  /// The guarded write. A crash before it loses the change; after it, only the answer.
  bool write(Request next, State to) {
    const State from = row_.state;
    if (from != to && !may_move(from, to)) {
      return false;
    }
    if (below(10) == 0) {
      return false;  // crashed, or the store failed: nothing was acknowledged
    }
    next.state = to;
    ++next.revision;
    if (to == State::approved && from != to) {
      next.decided_at = now_;
      next.valid_until = now_ + validity(next);
    }
    row_ = std::move(next);
    ++writes_;
    if (from != to) {
      history_.push_back(to);
    }
    return true;
  }

  void vote() {
    if (halted_) {
      return;
    }
    Request next = row_;
    const Voter voter = people_.at(ids_[static_cast<std::size_t>(below(k_people))]);
    const Decision decision = below(4) == 0 ? Decision::decline : Decision::approve;
    const std::string comment = below(2) == 0 ? "why" : "";
    if (next.state == State::pending && next.expires_at <= now_) {
      wake();
      return;
    }
    if (std::ranges::find(next.votes, voter.person, &Vote::person) != next.votes.end() ||
        !check_vote(next, voter, decision, comment)) {
      return;
    }
    next.votes.push_back({voter.person, voter.email, decision, comment, Channel::console, now_});
    const State state = tally(next, finder(), everybody());
    if (write(std::move(next), state) && state == State::approved) {
      CHECK(reached_by_hand());  // I1
    }
  }

  void wake() {
    const auto due = due_at(row_);
    if (halted_ || !due || *due > now_) {
      return;
    }
    if (row_.state != State::pending || row_.expires_at <= now_) {
      (void)write(row_, State::expired);
      return;
    }
    Request next = row_;
    const int before = next.steps_done;
    const std::vector<Step> heard = advance(next, now_);
    CHECK(next.steps_done > before);  // what is due makes progress, or the timer would spin
    if (write(next, tally(next, finder(), everybody()))) {
      for (const Step& step : heard) {
        if (step.kind == Step::Kind::level) {
          CHECK(entered_.insert({step.workflow, step.level}).second);  // each level once
        }
      }
    }
  }

  void execute() {
    if (halted_ || row_.state != State::approved || *row_.valid_until <= now_) {
      return;
    }
    if (tally(row_, finder(), everybody()) != State::approved) {
      (void)write(row_, State::cancelled);
      return;
    }
    CHECK(reached_by_hand());  // I1, with the rights of this moment
    if (write(row_, State::executing)) {
      ++executions_;
      (void)write(row_, below(2) == 0 ? State::succeeded : State::unknown);
    }
  }

  void change_rights() {
    Voter& voter = people_.at(ids_[static_cast<std::size_t>(below(k_people))]);
    voter.active = below(4) != 0;
    voter.role = static_cast<identity::Role>(below(5));
  }

  void halt() {
    if (!halted_) {
      halted_ = now_;
      return;
    }
    const auto away = std::max(core::microseconds(0), core::microseconds(now_ - *halted_));
    if (row_.state == State::pending) {
      const auto left = row_.expires_at - *halted_;
      row_.expires_at += away;
      row_.given_back += away;
      CHECK(row_.expires_at - std::max(now_, *halted_) == left);
    } else if (row_.valid_until) {
      *row_.valid_until += away;
    }
    halted_.reset();
  }

  /// Counted anew, without the code under test: distinct people who said yes, may still speak, and
  /// are named by one way of each workflow.
  bool reached_by_hand() const {
    for (std::size_t w = 0; w < row_.verdict.workflows.size(); ++w) {
      const policy::Workflow& workflow = *row_.verdict.workflows[w];
      std::set<std::string> asked(workflow.approvers.begin(), workflow.approvers.end());
      for (const auto& [which, level] : entered_) {
        if (which == w) {
          const auto& more = workflow.escalation[level - 1].approvers;
          asked.insert(more.begin(), more.end());
        }
      }
      bool reached = yes(asked, workflow.require_reason) >= workflow.quorum;
      for (const policy::Alternative& other : workflow.alternatives) {
        reached = reached || yes({other.approvers.begin(), other.approvers.end()}, true) >= 1;
      }
      if (!reached) {
        return false;
      }
    }
    return true;
  }
  int yes(const std::set<std::string>& asked, bool with_reason) const {
    std::set<core::PersonId> people;
    for (const Vote& vote : row_.votes) {
      const Voter& voter = people_.at(vote.person);
      const bool named = asked.contains(voter.email) ||
                         (asked.contains("approver") && voter.role >= identity::Role::approver);
      if (vote.decision == Decision::approve && voter.active && named &&
          (!with_reason || !vote.comment.empty())) {
        people.insert(vote.person);
      }
    }
    return static_cast<int>(people.size());
  }

  void check() const {
    CHECK(row_.revision == 1 + writes_);  // I3: one write, one revision
    State before = State::pending;
    for (const State state : history_) {
      CHECK(may_move(before, state));
      before = state;
    }
    CHECK(before == row_.state);
    std::set<core::PersonId> voters;
    for (const Vote& vote : row_.votes) {
      CHECK(voters.insert(vote.person).second);
    }
    const auto due = due_at(row_);
    CHECK(due.has_value() ==
          (row_.state == State::pending || row_.state == State::approved));  // nothing is forgotten
  }

  std::mt19937 random_;
  core::WallTime now_ = k_start;
  std::map<core::PersonId, Voter> people_;
  std::vector<core::PersonId> ids_;
  Request row_;
  std::optional<core::WallTime> halted_;
  std::set<std::pair<std::size_t, std::size_t>> entered_;
  std::vector<State> history_;
  std::int64_t writes_ = 0;
  int executions_ = 0;
};

TEST_CASE("whatever happens to a request, its invariants hold") {
  int executed = 0;
  std::size_t escalated = 0;
  for (int seed = 1; seed <= seeds(); ++seed) {
    CAPTURE(seed);
    Life life(static_cast<unsigned>(seed));
    life.run();
    executed += life.executions();
    escalated += life.levels_entered();
  }
  // The lives were worth living.
  CHECK(executed > seeds() / 20);
  CHECK(escalated > seeds() / 20);
}

}  // namespace
}  // namespace preloop::approvals
