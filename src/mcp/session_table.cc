#include "mcp/session_table.h"

#include "core/loop_call.h"

namespace preloop::mcp {

using core::Task;

SessionTable::SessionTable(core::LoopPool& loops,
                           SessionLimits limits,
                           std::function<void(const Session&)> on_end)
    : loops_(loops), on_end_(std::move(on_end)), index_(limits), per_loop_(loops.size()) {}

Task<core::Result<SessionPtr>> SessionTable::open(Session::Facts facts, core::MonoTime now) {
  const auto session = std::make_shared<Session>(std::move(facts));
  session->touch(now);
  if (!co_await core::on_loop(loops_.at(0), admit(session))) {
    co_return core::fail(core::Code::resource_exhausted,
                         "too many sessions are in use; end one (DELETE) or try again later");
  }
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    co_await core::on_loop(loops_.at(i), add_here(session));
  }
  co_return session;
}

Task<bool> SessionTable::admit(SessionPtr session) {
  SessionIndex::Admission admission = index_.admit(session);
  size_ = index_.size();
  end_all_of(admission.evicted);
  co_return admission.admitted;
}

Task<void> SessionTable::add_here(SessionPtr session) {
  if (!session->ended) {  // a revocation may have been quicker
    per_loop_[core::Loop::current()->index()].sessions.emplace(session->facts.id, session);
  }
  co_return;
}

Task<std::shared_ptr<AgentLoad>> SessionTable::load_of(core::AgentId agent) {
  auto& loads = per_loop_[core::Loop::current()->index()].loads;
  if (const auto known = loads.find(agent); known != loads.end()) {
    co_return known->second;
  }
  auto load = co_await core::on_loop(loops_.at(0), load_in_index(agent));
  constexpr std::size_t k_most = 1000;
  if (loads.size() >= k_most) {
    loads.clear();  // whoever has something open holds its load itself
  }
  loads.emplace(agent, load);
  co_return load;
}

Task<std::shared_ptr<AgentLoad>> SessionTable::load_in_index(core::AgentId agent) {
  co_return index_.load_of(agent);
}

SessionPtr SessionTable::find(std::string_view id) const {
  const auto& sessions = per_loop_[core::Loop::current()->index()].sessions;
  const auto found = sessions.find(id);
  return found == sessions.end() || found->second->ended ? nullptr : found->second;
}

void SessionTable::end(const SessionPtr& session) {
  if (session->ended.exchange(true)) {
    return;
  }
  loops_.at(0).post([this, session] {
    index_.remove(*session);
    size_ = index_.size();
  });
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_.at(i).post([this, i, session] {
      per_loop_[i].sessions.erase(session->facts.id);
      on_end_(*session);
    });
  }
}

void SessionTable::end_all_of(const std::vector<SessionPtr>& sessions) {
  for (const SessionPtr& session : sessions) {
    end(session);
  }
}

void SessionTable::end_of(std::optional<core::KeyId> key, std::optional<core::AgentId> agent) {
  loops_.at(0).post([this, key, agent] { end_all_of(index_.take_of(key, agent)); });
}

void SessionTable::end_all() {
  loops_.at(0).post([this] { end_all_of(index_.take_all()); });
}

void SessionTable::end_expired(core::MonoTime now) {
  loops_.at(0).post([this, now] { end_all_of(index_.take_expired(now)); });
}

namespace {
Task<void> nothing() {
  co_return;
}
}  // namespace

Task<void> SessionTable::flush() {
  // Twice: what loop 0 is asked first posts to the others.
  for (std::size_t i = 0; i < 2 * loops_.size(); ++i) {
    co_await core::on_loop(loops_.at(i), nothing());
  }
}

}  // namespace preloop::mcp
