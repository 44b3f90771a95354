#pragma once
#include "core/id.h"

#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace preloop::mcp {

/// A resource of a server, by the server's own URI.
using Subscription = std::pair<core::ServerId, std::string>;

/// The resources a client wants to hear of. One loop.
class Subscriptions {
 public:
  static constexpr std::size_t k_max = 256;

  /// False when there are too many already.
  bool add(Subscription what) {
    if (what_.size() >= k_max && !what_.contains(what)) {
      return false;
    }
    what_.insert(std::move(what));
    return true;
  }
  void remove(const Subscription& what) { what_.erase(what); }
  bool contains(const Subscription& what) const { return what_.contains(what); }

 private:
  std::set<Subscription> what_;
};

}  // namespace preloop::mcp
