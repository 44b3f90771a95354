#pragma once
#include "approvals/types.h"
#include "core/async_mutex.h"
#include "core/loop.h"
#include "core/wakeup.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
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

/// The live requests, by id and by call. Owned by one loop.
class LiveRequests {
 public:
  void put(const LivePtr& live) {
    by_id_[live->request->id] = live;
    by_call_[key_of(*live->request)] = live;
  }
  void erase(const Live& live) {
    by_id_.erase(live.request->id);
    const auto found = by_call_.find(key_of(*live.request));
    if (found != by_call_.end() && found->second.get() == &live) {
      by_call_.erase(found);
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

 private:
  static std::string key_of(const Request& request) {
    return std::string(request.account.as_bytes()) + std::string(core::as_bytes(request.call_key));
  }
  std::map<core::ApprovalId, LivePtr> by_id_;
  std::unordered_map<std::string, LivePtr> by_call_;
};

}  // namespace preloop::approvals
