#include "firewall/call_ledger.h"

#include <algorithm>

namespace preloop::firewall {
namespace {

constexpr std::size_t k_most_of_a_tool = 100'000;

}  // namespace

/// Is it the place of the request the call waits with, or could wait with?
bool CallLedger::shares_place(const Stamp& stamp, const CountedCall& call) {
  return stamp.held && stamp.approval &&
         (stamp.approval == call.approval || stamp.call_key == call.call_key);
}

/// One agent's past without the call that is being decided.
class CallLedger::View final : public policy::Usage {
 public:
  View(const Agent* agent, const CountedCall& call) : agent_(agent), call_(call) {}

  std::int64_t calls(const policy::ToolPattern& tools, core::WallTime since) const override {
    std::int64_t count = 0;
    each_tool([&](const Name& name, const std::deque<Stamp>& stamps) {
      if (!tools.matches(name.first, name.second)) {
        return;
      }
      const auto first = std::ranges::lower_bound(stamps, since, {}, &Stamp::at);
      count += stamps.end() - first;
      // Few are held at a time, and they are the newest.
      count -= std::count_if(first, stamps.end(), [&](const Stamp& one) { return is_own(one); });
    });
    return count;
  }

  std::vector<policy::UsedTool> tools_used(core::WallTime since) const override {
    return tools_where([since](const Stamp& stamp) { return stamp.at >= since; });
  }
  std::vector<policy::UsedTool> tools_used_in_session() const override {
    return tools_where([this](const Stamp& stamp) { return stamp.session == call_.session; });
  }
  std::int64_t calls_in_session() const override {
    std::int64_t count = 0;
    each_tool([&](const Name&, const std::deque<Stamp>& stamps) {
      count += std::ranges::count_if(stamps, [&](const Stamp& stamp) {
        return stamp.session == call_.session && !is_own(stamp);
      });
    });
    return count;
  }

 private:
  template <class Visit>
  void each_tool(Visit&& visit) const {
    if (agent_ != nullptr) {
      for (const auto& [name, stamps] : agent_->tools) {
        visit(name, stamps);
      }
    }
  }

  /// A tool counts as used when it was let go: a call that still waits for people was not.
  template <class Which>
  std::vector<policy::UsedTool> tools_where(Which&& which) const {
    std::vector<std::pair<core::WallTime, policy::UsedTool>> found;
    each_tool([&](const Name& name, const std::deque<Stamp>& stamps) {
      const auto first = std::ranges::find_if(stamps, [&](const Stamp& stamp) {
        return which(stamp) && !is_own(stamp) && !(stamp.held && stamp.approval);
      });
      if (first != stamps.end()) {
        found.emplace_back(first->at, policy::UsedTool{name.first, name.second});
      }
    });
    std::ranges::sort(found, {}, [](const auto& one) { return one.first; });
    std::vector<policy::UsedTool> out;
    out.reserve(found.size());
    for (const auto& [at, tool] : found) {
      out.push_back(tool);
    }
    return out;
  }

  bool is_own(const Stamp& stamp) const {
    return stamp.id == call_.id || shares_place(stamp, call_);
  }

  const Agent* agent_;
  const CountedCall& call_;
};

/// The same, of a copy.
class CallLedger::Past final : public policy::Usage {
 public:
  explicit Past(Agent agent) : agent_(std::move(agent)), view_(&agent_, nothing_) {}
  std::int64_t calls(const policy::ToolPattern& tools, core::WallTime since) const override {
    return view_.calls(tools, since);
  }
  std::vector<policy::UsedTool> tools_used(core::WallTime since) const override {
    return view_.tools_used(since);
  }
  std::vector<policy::UsedTool> tools_used_in_session() const override { return {}; }
  std::int64_t calls_in_session() const override { return 0; }

 private:
  Agent agent_;
  CountedCall nothing_;
  View view_;
};

std::shared_ptr<const policy::Usage> CallLedger::past_of(core::AgentId agent) const {
  const auto known = agents_.find(agent);
  return std::make_shared<const Past>(known == agents_.end() ? Agent() : known->second);
}

policy::Verdict CallLedger::decide(const policy::CompiledPolicy& policy,
                                   policy::CallFacts facts,
                                   CountedCall call) {
  const auto agent = agents_.find(call.agent);
  const Agent* const known = agent == agents_.end() ? nullptr : &agent->second;
  const View view(known, call);
  facts.usage = &view;
  policy::Verdict verdict = policy::decide(policy, facts);
  if (verdict.action == policy::Action::deny) {
    if (const Stamp* const own = find(call.id); own != nullptr && !own->approval) {
      release(call.id);
    }
    return verdict;
  }
  // An identical call that waits has a place; asking again, or going at last, does not take
  // another.
  bool shares = call.approval && requests_.contains(*call.approval);
  if (verdict.action == policy::Action::require_approval && known != nullptr && !shares) {
    const auto stamps = known->tools.find(Name(call.server, call.tool));
    shares = stamps != known->tools.end() &&
             std::ranges::any_of(stamps->second,
                                 [&](const Stamp& stamp) { return shares_place(stamp, call); });
  }
  if (!shares && find(call.id) == nullptr) {
    put(std::move(call));
  }
  return verdict;
}

void CallLedger::put(CountedCall call) {
  std::deque<Stamp>& stamps = agents_[call.agent].tools[Name(call.server, call.tool)];
  places_[call.id] = {call.agent, Name(call.server, call.tool)};
  if (call.approval) {
    requests_[*call.approval] = call.id;
  }
  const Stamp stamp{.at = call.at,
                    .id = call.id,
                    .session = call.session,
                    .call_key = call.call_key,
                    .approval = call.approval,
                    .held = call.held};
  // At the end, unless a clock went back or history is being read.
  stamps.insert(std::ranges::upper_bound(stamps, stamp.at, {}, &Stamp::at), stamp);
  if (stamps.size() > k_most_of_a_tool) {
    places_.erase(stamps.front().id);
    stamps.pop_front();
  }
}

CallLedger::Stamp* CallLedger::find(core::CallId id) {
  const auto place = places_.find(id);
  if (place == places_.end()) {
    return nullptr;
  }
  auto& stamps = agents_[place->second.agent].tools[place->second.tool];
  // Who asks is mostly among the newest.
  for (auto stamp = stamps.rbegin(); stamp != stamps.rend(); ++stamp) {
    if (stamp->id == id) {
      return &*stamp;
    }
  }
  return nullptr;
}

void CallLedger::release(core::CallId id) {
  const Stamp* const stamp = find(id);
  if (stamp == nullptr) {
    return;
  }
  if (stamp->approval) {
    requests_.erase(*stamp->approval);
  }
  const auto place = places_.find(id);
  auto& stamps = agents_[place->second.agent].tools[place->second.tool];
  std::erase_if(stamps, [&](const Stamp& one) { return one.id == id; });
  places_.erase(place);
}

void CallLedger::waits_with(core::CallId id, core::ApprovalId request) {
  const auto known = requests_.find(request);
  if (known != requests_.end() && known->second != id) {
    release(id);
    return;
  }
  const auto over = went(request);
  if (over && !*over) {
    release(id);
  } else if (Stamp* const stamp = find(id)) {
    stamp->approval = request;
    stamp->held = !over;
    if (!over) {
      requests_[request] = id;
    }
  }
}

std::optional<bool> CallLedger::went(core::ApprovalId request) const {
  const auto found = std::ranges::find(ended_, request, &std::pair<core::ApprovalId, bool>::first);
  return found == ended_.end() ? std::nullopt : std::optional(found->second);
}

void CallLedger::ended(core::ApprovalId request, bool went) {
  const auto known = requests_.find(request);
  if (known == requests_.end()) {
    constexpr std::size_t k_remembered = 1024;
    ended_.emplace_back(request, went);
    if (ended_.size() > k_remembered) {
      ended_.pop_front();
    }
    return;
  }
  const core::CallId id = known->second;
  if (!went) {
    release(id);
    return;
  }
  if (Stamp* const stamp = find(id)) {
    stamp->held = false;
  }
  requests_.erase(request);
}

void CallLedger::add(CountedCall call) {
  const bool has_place =
      places_.contains(call.id) || (call.approval && requests_.contains(*call.approval));
  const auto over = call.approval && call.held ? went(*call.approval) : std::nullopt;
  if (over) {
    call.held = false;
  }
  if (!has_place && over.value_or(true)) {
    put(std::move(call));
  }
}

void CallLedger::forget_before(core::WallTime time) {
  constexpr core::seconds k_pause{10};  // it looks at every agent
  if (time < forgotten_before_ + k_pause) {
    return;
  }
  forgotten_before_ = time;
  const auto waits = [](const Stamp& stamp) { return stamp.held && stamp.approval; };
  for (auto& [id, agent] : agents_) {
    for (auto& [name, stamps] : agent.tools) {
      while (!stamps.empty() && stamps.front().at < time && !waits(stamps.front())) {
        places_.erase(stamps.front().id);
        stamps.pop_front();
      }
    }
    std::erase_if(agent.tools, [](const auto& entry) { return entry.second.empty(); });
  }
  std::erase_if(agents_, [](const auto& entry) { return entry.second.tools.empty(); });
}

}  // namespace preloop::firewall
