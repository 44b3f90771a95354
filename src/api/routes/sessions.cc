#include "api/routes/routes.h"
#include "api/views_json.h"
#include "identity/runtime_session_repo.h"

#include <algorithm>

namespace preloop::api {
namespace {

using core::Result;
using core::Task;
using net::Response;

/// Rows lag behind what is live by up to a minute.
void freshen(std::vector<identity::RuntimeSession>& sessions,
             const std::vector<identity::RuntimeSession>& live) {
  for (identity::RuntimeSession& session : sessions) {
    const auto now = std::ranges::find(live, session.id, &identity::RuntimeSession::id);
    if (now != live.end()) {
      session = *now;
    }
  }
}

Task<Result<Response>> list(Call& call) {
  PRELOOP_CO_TRY(const std::size_t limit, call.limit());
  PRELOOP_CO_TRY(const auto agent, call.query_id<core::AgentId>("agent"));
  PRELOOP_CO_TRY(const auto place, read_cursor(call));
  std::optional<core::RuntimeSessionId> before;
  if (place) {
    before = core::RuntimeSessionId::from_bytes(*place);
  }
  PRELOOP_CO_TRY(auto sessions,
                 co_await identity::RuntimeSessionRepo::page(
                     call.services.database, call.services.account, agent, before, limit));
  freshen(sessions, co_await call.services.runtime_sessions.live(call.services.account));
  std::optional<std::string> next;
  if (sessions.size() == limit) {
    next = make_cursor(call, sessions.back().id.as_bytes());
  }
  co_return reply(200, list_view(sessions, next));
}

Task<Result<Response>> get(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::RuntimeSessionId>());
  PRELOOP_CO_TRY(const auto found,
                 co_await identity::RuntimeSessionRepo::find(
                     call.services.database, call.services.account, id));
  if (!found) {
    co_return core::fail(core::Code::not_found, "there is no such session");
  }
  std::vector<identity::RuntimeSession> one{*found};
  freshen(one, co_await call.services.runtime_sessions.live(call.services.account));
  co_return reply(200, view(one.front()));
}

Task<Result<Response>> end(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::RuntimeSessionId>());
  PRELOOP_CO_CHECK(
      co_await call.services.runtime_sessions.end(call.actor(), id, call.text("reason")));
  co_return done();
}

constexpr Route k_routes[] = {
    {"list_runtime_sessions", list},
    {"get_runtime_session", get},
    {"end_runtime_session", end},
};

}  // namespace

std::span<const Route> session_routes() {
  return k_routes;
}

}  // namespace preloop::api
