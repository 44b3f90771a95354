#pragma once
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "mcp/session_index.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::mcp {

/// Every session, found on every loop without a lock or a hop: each loop has a map of its own, and
/// a session is in all of them before its id is told to the client. Opening and ending, which are
/// rare, pay for it with a hop to each loop. Loop 0 has the index that bounds them.
///
/// Destroy after the loops have stopped, or after `flush`.
class SessionTable {
 public:
  /// `on_end` is called on every loop, with each session that has ended, so that it ends what it
  /// does there for the session; must not suspend.
  SessionTable(core::LoopPool& loops,
               SessionLimits limits,
               std::function<void(const Session&)> on_end);

  /// A new session that the calling loop owns. resource_exhausted when all have a call in flight.
  core::Task<core::Result<SessionPtr>> open(Session::Facts facts, core::MonoTime now);
  /// What an agent has open, for requests without a session. Asks loop 0 the first time, this
  /// loop's map from then on.
  core::Task<std::shared_ptr<AgentLoad>> load_of(core::AgentId agent);
  /// On the calling loop; null when there is none or it has ended. 0.1 µs.
  SessionPtr find(std::string_view id) const;
  /// From any loop or thread; at once on the loops as they get to it. Idempotent.
  void end(const SessionPtr& session);
  void end_of(std::optional<core::KeyId> key, std::optional<core::AgentId> agent);
  void end_all();
  void end_expired(core::MonoTime now);

  /// Waits until every loop has done what it was asked.
  core::Task<void> flush();
  std::size_t size() const { return size_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  /// Keys are ours and random, so no outsider shapes the map.
  struct alignas(64) PerLoop {
    std::unordered_map<std::string, SessionPtr, Hash, std::equal_to<>> sessions;
    std::map<core::AgentId, std::shared_ptr<AgentLoad>> loads;  ///< a cache, emptied when large
  };
  core::Task<bool> admit(SessionPtr session);
  core::Task<void> add_here(SessionPtr session);
  core::Task<std::shared_ptr<AgentLoad>> load_in_index(core::AgentId agent);
  void end_all_of(const std::vector<SessionPtr>& sessions);

  core::LoopPool& loops_;
  std::function<void(const Session&)> on_end_;
  SessionIndex index_;  ///< on loop 0
  std::vector<PerLoop> per_loop_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace preloop::mcp
