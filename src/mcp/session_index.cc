#include "mcp/session_index.h"

#include <algorithm>

namespace preloop::mcp {

template <class Condition>
std::vector<SessionPtr> SessionIndex::take_if(Condition condition) {
  std::vector<SessionPtr> taken;
  for (auto& [key, sessions] : by_key_) {
    std::erase_if(sessions, [&](const SessionPtr& session) {
      const bool take = condition(*session);
      if (take) {
        taken.push_back(session);
      }
      return take;
    });
  }
  std::erase_if(by_key_, [](const auto& entry) { return entry.second.empty(); });
  std::erase_if(loads_, [](const auto& entry) { return entry.second.expired(); });
  size_ -= taken.size();
  return taken;
}

SessionPtr SessionIndex::take_idlest(const std::vector<SessionPtr>* of_key) {
  SessionPtr idlest;
  const auto consider = [&idlest](const SessionPtr& session) {
    if (session->calls != 0) {
      return;
    }
    const auto rank = [](const SessionPtr& of) {
      return std::pair(of->listeners != 0, of->last_activity());
    };
    if (!idlest || rank(session) < rank(idlest)) {
      idlest = session;
    }
  };
  if (of_key != nullptr) {
    std::ranges::for_each(*of_key, consider);
  } else {
    for (const auto& [key, sessions] : by_key_) {
      std::ranges::for_each(sessions, consider);
    }
  }
  if (idlest) {
    remove(*idlest);
  }
  return idlest;
}

SessionIndex::Admission SessionIndex::admit(const SessionPtr& session) {
  Admission out;
  const auto make_room = [&](bool is_full, const std::vector<SessionPtr>* of_key) {
    if (!is_full) {
      return true;
    }
    SessionPtr idlest = take_idlest(of_key);
    if (idlest) {
      out.evicted.push_back(std::move(idlest));
    }
    return !out.evicted.empty();
  };
  const core::KeyId key = session->facts.who.key;
  const auto own = by_key_.find(key);
  if (own != by_key_.end() && !make_room(own->second.size() >= limits_.per_key, &own->second)) {
    return out;
  }
  if (!make_room(size_ >= limits_.total, nullptr)) {
    return out;
  }
  session->load = load_of(session->facts.who.agent);
  by_key_[key].push_back(session);
  ++size_;
  out.admitted = true;
  return out;
}

std::shared_ptr<AgentLoad> SessionIndex::load_of(core::AgentId agent) {
  std::weak_ptr<AgentLoad>& known = loads_[agent];
  std::shared_ptr<AgentLoad> load = known.lock();
  if (!load) {
    load = std::make_shared<AgentLoad>();
    known = load;
  }
  return load;
}

void SessionIndex::remove(const Session& session) {
  const auto own = by_key_.find(session.facts.who.key);
  if (own == by_key_.end()) {
    return;
  }
  size_ -=
      std::erase_if(own->second, [&](const SessionPtr& other) { return other.get() == &session; });
  if (own->second.empty()) {
    by_key_.erase(own);
  }
}

std::vector<SessionPtr> SessionIndex::take_expired(core::MonoTime now) {
  return take_if([&](const Session& session) {
    return session.calls == 0 && session.listeners == 0 &&
           now - session.last_activity() >= limits_.idle;
  });
}

std::vector<SessionPtr> SessionIndex::take_of(std::optional<core::KeyId> key,
                                              std::optional<core::AgentId> agent) {
  return take_if([&](const Session& session) {
    return session.facts.who.key == key || session.facts.who.agent == agent;
  });
}

std::vector<SessionPtr> SessionIndex::take_all() {
  return take_if([](const Session&) { return true; });
}

}  // namespace preloop::mcp
