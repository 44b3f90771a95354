#pragma once
#include "catalogue/types.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/id.h"
#include "policy/decide.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::firewall {

/// A call that takes a place in the count.
struct CountedCall {
  core::CallId id;
  core::AgentId agent;
  core::RuntimeSessionId session;
  std::string server, tool;
  core::Digest call_key{};  ///< approvals::call_key: an identical call shares its request's place
  core::WallTime at;
  std::optional<core::ApprovalId> approval;  ///< the request it waits with
  bool held = true;  ///< its request is still open; false: it went, or may have gone
};

/// What each agent did, for conditions that count (decision 15). A verdict takes its place in the
/// same step as it is reached, so that a limit holds whatever runs at the same time; the place is
/// given back when the call provably never left. One loop owns it; nothing here suspends. Memory:
/// about 100 bytes a call within the longest window, at most 100,000 a tool and agent; beyond that
/// the oldest are forgotten, and a count never says less than what is kept.
class CallLedger {
 public:
  /// Decides with what is counted, and takes a place unless the verdict is `deny`. The call's own
  /// place, and that of an open request of an identical call, do not count against it.
  policy::Verdict decide(const policy::CompiledPolicy& policy,
                         policy::CallFacts facts,
                         CountedCall call);

  /// The call never left, or never will.
  void release(core::CallId id);
  /// The call waits with a request: its place is the request's from now on. A request that has a
  /// place already keeps that one.
  void waits_with(core::CallId id, core::ApprovalId request);
  /// The request ended: its call went (or may have), or it never will. One that has no place yet
  /// is remembered for a while: whoever brings it a place learns of it then.
  void ended(core::ApprovalId request, bool went);

  /// Calls of earlier processes and other policies; those it knows are left as they are.
  void add(CountedCall call);
  /// Forgets what is older, every few seconds of that time: cheap to call with each decision.
  void forget_before(core::WallTime time);

  /// A copy of what is counted for the agent, in no session: for explanations.
  std::shared_ptr<const policy::Usage> past_of(core::AgentId agent) const;

  std::size_t size() const { return places_.size(); }

 private:
  struct Stamp {
    core::WallTime at;
    core::CallId id;
    core::RuntimeSessionId session;
    core::Digest call_key;
    std::optional<core::ApprovalId> approval;
    bool held = true;
  };
  using Name = std::pair<std::string, std::string>;  ///< server, tool
  struct Agent {
    std::map<Name, std::deque<Stamp>> tools;  ///< by time
  };
  struct Place {
    core::AgentId agent;
    Name tool;
  };
  class View;
  class Past;

  static bool shares_place(const Stamp& stamp, const CountedCall& call);
  Stamp* find(core::CallId id);
  /// Did its call go? nullopt: the request is open, as far as is known.
  std::optional<bool> went(core::ApprovalId request) const;
  void put(CountedCall call);

  std::unordered_map<core::AgentId, Agent> agents_;
  std::unordered_map<core::CallId, Place> places_;
  std::unordered_map<core::ApprovalId, core::CallId> requests_;
  std::deque<std::pair<core::ApprovalId, bool>> ended_;  ///< without a place, and whether it went
  core::WallTime forgotten_before_;
};

}  // namespace preloop::firewall
