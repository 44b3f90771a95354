#pragma once
#include "core/clock.h"
#include "core/id.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "identity/key_usage.h"
#include "identity/principal.h"
#include "identity/registry.h"
#include "identity/revocation.h"
#include "identity/turnstile.h"
#include "identity/types.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace preloop::identity {

/// The activity of each agent credential: one session from its first call until 30 idle minutes or
/// until a person ends it. What a client sends (reconnecting, another session id) neither ends nor
/// splits one, because rules count by it (decision 16); such ids are labels.
///
/// Owned by the registry's loop; any loop may call. A call on a loop that saw the credential within
/// k_fresh costs one map lookup and no hop.
class RuntimeSessions final : public RevocationListener {
 public:
  static constexpr core::seconds k_idle_limit{30 * 60};
  static constexpr core::seconds k_fresh{5};

  RuntimeSessions(core::LoopPool& loops, Registry& registry, KeyUsage& usage);

  /// Goes on with sessions that were live within the limit before a restart: an agent does not get
  /// a new one by making the server restart. After Registry::load.
  core::Task<core::Status> load();

  /// The session this call belongs to; starts one when needed, which is recorded and committed
  /// first. `client` is a label, cut at 200 bytes. On a loop of the pool.
  core::Task<core::Result<core::RuntimeSessionId>> touch(AgentPrincipal who, std::string client);

  /// By a person with manage_agents, or manage_own_agents for their own. The next call of the
  /// credential starts another. not_found when there is no such live session.
  core::Task<core::Status> end(Actor by, core::RuntimeSessionId id, std::string reason);

  /// Ends idle ones and writes what is known of the others; from app's minute tick, and at the end.
  core::Task<core::Status> sweep();

  /// Live ones, with their last activity to k_fresh.
  core::Task<std::vector<RuntimeSession>> live(core::AccountId account);

  /// Ends the sessions of a revoked key or agent. The rows follow with the next sweep.
  void revoked(const Revocation& what) override;

 private:
  struct Live {
    RuntimeSession session;
    core::MonoTime last_active;
    bool is_written = true;
  };
  /// What a loop remembers of a credential.
  struct Fresh {
    core::RuntimeSessionId session;
    core::MonoTime seen;
    std::uint64_t generation = 0;
  };
  struct alignas(64) PerLoop {
    std::unordered_map<core::KeyId, Fresh> keys;
  };

  core::Task<core::Status> load_here();
  core::Task<core::Result<core::RuntimeSessionId>> touch_here(AgentPrincipal who,
                                                              std::string client);
  core::Task<core::Result<core::RuntimeSessionId>> start(AgentPrincipal who, std::string client);
  core::Task<core::Status> end_here(Actor by, core::RuntimeSessionId id, std::string reason);
  core::Task<core::Status> sweep_here();
  core::Task<std::vector<RuntimeSession>> live_here(core::AccountId account);
  bool is_idle(const Live& live) const;
  void mark_active(Live& live, std::string client);
  /// Forgets it everywhere; its end is added to `unit`.
  void close(store::Unit& unit, const Actor& by, RuntimeSession session, std::string_view reason);

  Registry& registry_;
  KeyUsage& usage_;
  Turnstile one_at_a_time_;
  std::map<core::KeyId, Live> live_;
  /// Ended in memory, to be written by the next sweep.
  std::vector<std::pair<RuntimeSession, std::string>> unwritten_ends_;
  std::vector<PerLoop> loops_;
  /// Moves when a session ends early: what loops remember is void.
  std::atomic<std::uint64_t> generation_ = 0;
};

}  // namespace preloop::identity
