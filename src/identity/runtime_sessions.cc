#include "identity/runtime_sessions.h"

#include "core/json_writer.h"
#include "core/loop_call.h"
#include "core/text.h"
#include "identity/plan_support.h"
#include "identity/record.h"
#include "identity/runtime_session_repo.h"

#include <algorithm>
#include <utility>

namespace preloop::identity {
namespace {

using core::Code;
using store::Durability;

/// A loop's memory of credentials; beyond it the oldest knowledge is worth little.
constexpr std::size_t k_max_fresh = 4'096;
/// Between two of a loop's hops a call may have come that the owner did not see.
constexpr auto k_idle = RuntimeSessions::k_idle_limit + RuntimeSessions::k_fresh;

Note note_of(audit::Kind kind, const RuntimeSession& session, std::string_view reason = {}) {
  std::string details;
  core::JsonWriter writer(details);
  writer.begin_object().field("client", session.client);
  if (!reason.empty()) {
    writer.field("reason", reason);
  }
  writer.end_object();
  return {.kind = kind,
          .subject = {"runtime_session", session.id.to_string()},
          .agent = session.agent,
          .key = session.key,
          .session = session.id,
          .details = std::move(details)};
}

}  // namespace

RuntimeSessions::RuntimeSessions(core::LoopPool& loops, Registry& registry, KeyUsage& usage)
    : registry_(registry),
      usage_(usage),
      one_at_a_time_(registry.owner(), 1, 1'024, "too many sessions start at once; try again"),
      loops_(loops.size()) {}

core::Task<core::Status> RuntimeSessions::load() {
  co_return co_await core::on_loop(registry_.owner(), load_here());
}

core::Task<core::Result<core::RuntimeSessionId>> RuntimeSessions::touch(AgentPrincipal who,
                                                                        std::string client) {
  const core::MonoTime now = registry_.clock().mono();
  const std::uint64_t generation = generation_.load(std::memory_order_acquire);
  auto& keys = loops_[core::Loop::current()->index()].keys;
  if (const auto found = keys.find(who.key); found != keys.end()) {
    const Fresh& fresh = found->second;
    if (fresh.generation == generation && now - fresh.seen < k_fresh) {
      co_return fresh.session;
    }
  }
  const core::KeyId key = who.key;
  PRELOOP_CO_TRY(const core::RuntimeSessionId id,
                 co_await core::on_loop(registry_.owner(), touch_here(who, std::move(client))));
  if (keys.size() >= k_max_fresh) {
    keys.clear();
  }
  keys[key] = {id, now, generation};
  co_return id;
}

core::Task<core::Status> RuntimeSessions::end(Actor by,
                                              core::RuntimeSessionId id,
                                              std::string reason) {
  co_return co_await core::on_loop(registry_.owner(), end_here(by, id, std::move(reason)));
}

core::Task<core::Status> RuntimeSessions::sweep() {
  co_return co_await core::on_loop(registry_.owner(), sweep_here());
}

core::Task<std::vector<RuntimeSession>> RuntimeSessions::live(core::AccountId account) {
  co_return co_await core::on_loop(registry_.owner(), live_here(account));
}

core::Task<std::vector<RuntimeSession>> RuntimeSessions::live_here(core::AccountId account) {
  std::vector<RuntimeSession> out;
  for (const auto& [key, live] : live_) {
    if (live.session.account == account && !is_idle(live)) {
      out.push_back(live.session);
    }
  }
  co_return out;
}

bool RuntimeSessions::is_idle(const Live& live) const {
  // Whichever clock says so: a laptop's monotonic clock stands still while it sleeps.
  return registry_.clock().mono() - live.last_active >= k_idle ||
         registry_.clock().wall() - live.session.last_active_at >= k_idle;
}

void RuntimeSessions::mark_active(Live& live, std::string client) {
  live.session.last_active_at = registry_.clock().wall();
  live.last_active = registry_.clock().mono();
  live.is_written = false;
  if (!client.empty()) {
    live.session.client = std::move(client);
  }
}

void RuntimeSessions::close(store::Unit& unit,
                            const Actor& by,
                            RuntimeSession session,
                            std::string_view reason) {
  const core::WallTime now = registry_.clock().wall();
  session.ended_at = now;
  unit.add(RuntimeSessionRepo::end(session, reason));
  record(unit,
         *registry_.snapshot().latest().value,
         by,
         note_of(audit::Kind::session_ended, session, reason),
         now);
}

core::Task<core::Status> RuntimeSessions::load_here() {
  PRELOOP_CO_TRY(std::vector<RuntimeSession> rows,
                 co_await RuntimeSessionRepo::live(registry_.database()));
  const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
  const core::WallTime now = registry_.clock().wall();
  for (RuntimeSession& session : rows) {
    const core::KeyId key = session.key;
    if (directory->find_key(key) == nullptr) {
      unwritten_ends_.emplace_back(std::move(session), "revoked");
      continue;
    }
    const auto idle = std::max(core::microseconds(0), now - session.last_active_at);
    Live live{std::move(session), registry_.clock().mono() - idle, true};
    if (is_idle(live) || !live_.emplace(key, live).second) {
      unwritten_ends_.emplace_back(std::move(live.session), "idle");
    }
  }
  co_return co_await sweep_here();
}

core::Task<core::Result<core::RuntimeSessionId>> RuntimeSessions::touch_here(AgentPrincipal who,
                                                                             std::string client) {
  usage_.note(who.account, who.key);
  client = core::printable(client, 200);
  if (const auto found = live_.find(who.key); found != live_.end() && !is_idle(found->second)) {
    mark_active(found->second, std::move(client));
    co_return found->second.session.id;
  }
  PRELOOP_CO_TRY(const auto turn, co_await one_at_a_time_.enter());
  // Another call of the same credential may have started one while this one stood in line.
  if (const auto found = live_.find(who.key); found != live_.end() && !is_idle(found->second)) {
    mark_active(found->second, std::move(client));
    co_return found->second.session.id;
  }
  co_return co_await start(who, std::move(client));
}

core::Task<core::Result<core::RuntimeSessionId>> RuntimeSessions::start(AgentPrincipal who,
                                                                        std::string client) {
  const core::WallTime now = registry_.clock().wall();
  const Actor server = Actor::server(who.account);
  store::Unit unit;
  if (const auto old = live_.find(who.key); old != live_.end()) {
    close(unit, server, old->second.session, "idle");
  }
  RuntimeSession session{.id = core::RuntimeSessionId::make(now),
                         .account = who.account,
                         .agent = who.agent,
                         .key = who.key,
                         .client = std::move(client),
                         .started_at = now,
                         .last_active_at = now};
  unit.add(RuntimeSessionRepo::insert(session));
  record(unit,
         *registry_.snapshot().latest().value,
         server,
         note_of(audit::Kind::session_started, session),
         now);
  PRELOOP_CO_CHECK(co_await registry_.database().commit(std::move(unit), Durability::standard));
  const core::RuntimeSessionId id = session.id;
  if (registry_.snapshot().latest()->find_key(who.key) == nullptr) {
    // Revoked while it was being written: nobody may use it.
    unwritten_ends_.emplace_back(std::move(session), "revoked");
    co_return core::fail(Code::unauthenticated, "the key is unknown or was revoked");
  }
  live_.insert_or_assign(who.key, Live{std::move(session), registry_.clock().mono(), true});
  co_return id;
}

core::Task<core::Status> RuntimeSessions::end_here(Actor by,
                                                   core::RuntimeSessionId id,
                                                   std::string reason) {
  PRELOOP_CO_TRY(const auto turn, co_await one_at_a_time_.enter());
  const auto found =
      std::ranges::find_if(live_, [&](const auto& entry) { return entry.second.session.id == id; });
  if (found == live_.end() || found->second.session.account != by.account) {
    co_return core::fail(Code::not_found, "there is no such session, or it has ended");
  }
  {
    const std::shared_ptr<const Directory> directory = registry_.snapshot().latest().value;
    const Agent* agent = directory->find_agent(found->second.session.agent);
    PRELOOP_CO_CHECK(authorize_for_agent({by, registry_.clock().wall()},
                                         agent != nullptr ? agent->owner : std::nullopt));
  }
  const core::KeyId key = found->first;
  store::Unit unit;
  close(unit, by, found->second.session, core::printable(reason.empty() ? "ended" : reason, 200));
  PRELOOP_CO_CHECK(co_await registry_.database().commit(std::move(unit), Durability::strict));
  live_.erase(key);
  generation_.fetch_add(1, std::memory_order_release);
  co_return core::Status();
}

void RuntimeSessions::revoked(const Revocation& what) {
  const auto concerns = [&](const RuntimeSession& session) {
    return (what.kind == Revocation::Kind::key && session.key == what.key) ||
           (what.kind == Revocation::Kind::agent && session.agent == what.agent);
  };
  for (auto entry = live_.begin(); entry != live_.end();) {
    if (concerns(entry->second.session)) {
      unwritten_ends_.emplace_back(std::move(entry->second.session), what.reason);
      entry = live_.erase(entry);
    } else {
      ++entry;
    }
  }
  generation_.fetch_add(1, std::memory_order_release);
}

core::Task<core::Status> RuntimeSessions::sweep_here() {
  PRELOOP_CO_TRY(const auto turn, co_await one_at_a_time_.enter());
  for (auto entry = live_.begin(); entry != live_.end();) {
    if (is_idle(entry->second)) {
      unwritten_ends_.emplace_back(std::move(entry->second.session), "idle");
      entry = live_.erase(entry);
    } else {
      ++entry;
    }
  }
  store::Unit unit;
  const auto ends = std::exchange(unwritten_ends_, {});
  for (const auto& [session, reason] : ends) {
    close(unit, Actor::server(session.account), session, reason);
  }
  for (auto& [key, live] : live_) {
    if (!std::exchange(live.is_written, true)) {
      unit.add(RuntimeSessionRepo::active(live.session));
    }
  }
  if (unit.statements.empty()) {
    co_return core::Status();
  }
  const auto done = co_await registry_.database().commit(std::move(unit), Durability::standard);
  if (!done) {
    unwritten_ends_.insert(unwritten_ends_.end(), ends.begin(), ends.end());
  }
  co_return done;
}

}  // namespace preloop::identity
