#pragma once
#include "mcp/session.h"

#include <map>
#include <vector>

namespace preloop::mcp {

/// Bounds of the sessions of a process.
struct SessionLimits {
  std::size_t per_key = 64;  ///< clients that never say goodbye leave theirs behind
  std::size_t total = 10'000;
  core::seconds idle{30 * 60};
};

/// Which sessions there are, and which must go. Sans-I/O; one loop.
class SessionIndex {
 public:
  explicit SessionIndex(SessionLimits limits) : limits_(limits) {}

  struct Admission {
    bool admitted = false;            ///< false: every session has a call in flight
    std::vector<SessionPtr> evicted;  ///< to be ended; already removed
  };
  /// Makes room by evicting whoever is idle for longest: first without streams and calls, then
  /// without calls. Gives the session its agent's load.
  Admission admit(const SessionPtr& session);
  void remove(const Session& session);
  std::shared_ptr<AgentLoad> load_of(core::AgentId agent);

  /// Those without a call or stream for `idle`, removed.
  std::vector<SessionPtr> take_expired(core::MonoTime now);
  /// Those of a revoked key, or of every key of an agent; removed.
  std::vector<SessionPtr> take_of(std::optional<core::KeyId> key,
                                  std::optional<core::AgentId> agent);
  std::vector<SessionPtr> take_all();
  std::size_t size() const { return size_; }

 private:
  template <class Condition>
  std::vector<SessionPtr> take_if(Condition condition);
  SessionPtr take_idlest(const std::vector<SessionPtr>* of_key);

  SessionLimits limits_;
  std::map<core::KeyId, std::vector<SessionPtr>> by_key_;  ///< few keys, few sessions each
  std::map<core::AgentId, std::weak_ptr<AgentLoad>> loads_;
  std::size_t size_ = 0;
};

}  // namespace preloop::mcp
