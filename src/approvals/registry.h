#pragma once
#include "approvals/escalation.h"
#include "approvals/types.h"
#include "core/async_mutex.h"
#include "core/loop.h"
#include "core/wakeup.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace preloop::approvals {

/// One caller that waits, on its own loop.
struct Waiter {
  explicit Waiter(core::Loop& own) : loop(own), changed(own.executor()) {}
  core::Loop& loop;
  core::Wakeup changed;
  core::AccountId account;  ///< of the request, set when it is listed
};
using WaiterPtr = std::shared_ptr<Waiter>;

/// What stays in memory while people decide: all but the texts that only they read.
inline RequestPtr without_texts(Request request) {
  for (std::string* const text : {&request.arguments,
                                  &request.tool_definition,
                                  &request.accepted_definition,
                                  &request.verdict.shown_arguments}) {
    std::string().swap(*text);
  }
  return std::make_shared<const Request>(std::move(request));
}

/// A request with something still to come, and who waits for it. Changes to one request take turns.
struct Live {
  Live(Request first, const boost::asio::any_io_executor& executor)
      : request(without_texts(std::move(first))), turn(executor) {}
  RequestPtr request;  ///< never null
  core::AsyncMutex turn;
  std::vector<WaiterPtr> waiters;
  bool gone = false;  ///< taken out of the registry while somebody waited for its turn

  void wake() {
    for (const WaiterPtr& waiter : waiters) {
      waiter->loop.post([waiter] { waiter->changed.set(); });
    }
    waiters.clear();
  }
};
using LivePtr = std::shared_ptr<Live>;

/// The live requests: by id, by call, by when something is due, and how many of each agent wait.
/// Owned by one loop. A request in here changes by `replace` only, so that the indexes follow.
class LiveRequests {
 public:
  void put(const LivePtr& live) {
    by_id_[live->request->id] = live;
    by_call_[key_of(*live->request)] = live;
    enter(*live->request);
  }
  void erase(const Live& live) {
    const auto found = by_id_.find(live.request->id);
    if (found == by_id_.end() || found->second.get() != &live) {
      return;
    }
    leave(*live.request);
    by_id_.erase(found);
    const auto call = by_call_.find(key_of(*live.request));
    if (call != by_call_.end() && call->second.get() == &live) {
      by_call_.erase(call);
    }
  }
  /// Also of one that is not in here.
  void replace(Live& live, RequestPtr request) {
    const bool listed = find(live.request->id).get() == &live;
    if (listed) {
      leave(*live.request);
    }
    live.request = std::move(request);
    if (listed) {
      enter(*live.request);
    }
  }
  LivePtr find(core::ApprovalId id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
  }
  LivePtr find_call(const Request& request) const {
    const auto found = by_call_.find(key_of(request));
    return found == by_call_.end() ? nullptr : found->second;
  }
  template <class Keep>
  std::vector<LivePtr> select(Keep&& keep) const {
    std::vector<LivePtr> out;
    for (const auto& [id, live] : by_id_) {
      if (keep(*live->request)) {
        out.push_back(live);
      }
    }
    return out;
  }
  const std::map<core::ApprovalId, LivePtr>& all() const { return by_id_; }

  std::size_t pending() const { return pending_; }
  std::size_t pending_of(core::AgentId agent) const {
    const auto found = pending_of_.find(agent);
    return found == pending_of_.end() ? 0 : found->second;
  }
  /// When the first of them has something due (escalation.h).
  std::optional<core::WallTime> next_due() const {
    return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
  }
  /// At most `limit` of those with something due, the longest overdue first.
  std::vector<LivePtr> due(core::WallTime now, std::size_t limit) const {
    std::vector<LivePtr> out;
    for (const auto& [at, id] : due_) {
      if (at > now || out.size() == limit) {
        break;
      }
      out.push_back(find(id));
    }
    return out;
  }

 private:
  static std::string key_of(const Request& request) {
    return std::string(request.account.as_bytes()) + std::string(core::as_bytes(request.call_key));
  }
  void enter(const Request& request) {
    if (const auto at = due_at(request)) {
      due_.emplace(*at, request.id);
    }
    if (request.state == State::pending) {
      ++pending_;
      ++pending_of_[request.agent];
    }
  }
  void leave(const Request& request) {
    if (const auto at = due_at(request)) {
      due_.erase({*at, request.id});
    }
    if (request.state == State::pending) {
      --pending_;
      if (const auto found = pending_of_.find(request.agent); --found->second == 0) {
        pending_of_.erase(found);
      }
    }
  }

  std::map<core::ApprovalId, LivePtr> by_id_;
  std::unordered_map<std::string, LivePtr> by_call_;
  std::set<std::pair<core::WallTime, core::ApprovalId>> due_;
  std::map<core::AgentId, std::size_t> pending_of_;
  std::size_t pending_ = 0;
};

}  // namespace preloop::approvals
