#include "mcp/endpoint.h"

#include "core/loop_call.h"
#include "core/text.h"
#include "identity/directory.h"
#include "mcp/endpoint_impl.h"

#include <fmt/format.h>

namespace preloop::mcp {

using core::Task;
using net::Response;

bool is_mcp_path(std::string_view path) {
  return parse_mcp_path(path).has_value();
}

std::unique_ptr<McpEndpoint> McpEndpoint::create(Dependencies dependencies, Options options) {
  return std::make_unique<EndpointImpl>(std::move(dependencies), std::move(options));
}

EndpointImpl::EndpointImpl(Dependencies dependencies, Options options)
    : services_(std::move(dependencies)),
      options_(std::move(options)),
      sessions_(services_.loops,
                options_.sessions,
                [this](const Session& ended) {
                  end_here([&ended](const Session& session) { return &session == &ended; });
                }),
      per_loop_(services_.loops.size()) {
  for (std::size_t i = 0; i < per_loop_.size(); ++i) {
    per_loop_[i].sweeper = std::make_unique<core::TaskScope>(services_.loops.at(i).executor());
  }
}

EndpointImpl::~EndpointImpl() = default;

EndpointImpl::PerLoop& EndpointImpl::here() {
  return per_loop_[core::Loop::current()->index()];
}

namespace {

Task<void> spawn_sweep(core::TaskScope& scope, Task<void> sweep) {
  scope.spawn("mcp sweep", std::move(sweep));
  co_return;
}

Task<void> stop_scope(core::TaskScope& scope) {
  co_await scope.stop();
}

Response unauthorized(std::string_view why) {
  // No resource_metadata: clients would start an OAuth registration that nobody serves.
  Response response = refusal(401, k_invalid_request, why);
  response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

Response method_not_allowed(bool has_sessions) {
  Response response =
      refusal(405, k_invalid_request, has_sessions ? "Use POST, GET or DELETE." : "Use POST.");
  response.headers.add("Allow", has_sessions ? "POST, GET, DELETE" : "POST");
  return response;
}

}  // namespace

Task<void> EndpointImpl::start() {
  for (std::size_t i = 0; i < per_loop_.size(); ++i) {
    co_await core::on_loop(services_.loops.at(i), spawn_sweep(*per_loop_[i].sweeper, sweep()));
  }
}

Task<void> EndpointImpl::stop() {
  drain();
  sessions_.end_all();
  for (std::size_t i = 0; i < per_loop_.size(); ++i) {
    co_await core::on_loop(services_.loops.at(i), stop_scope(*per_loop_[i].sweeper));
  }
  co_await sessions_.flush();
}

Task<void> EndpointImpl::sweep() {
  while (co_await core::sleep_until(std::chrono::steady_clock::now() + options_.sweep_every) !=
         core::Outcome::cancelled) {
    sweep_now();
  }
}

void EndpointImpl::sweep_now() {
  PerLoop& loop = here();
  for_each(loop.exchanges, [this](Exchange& exchange) {
    exchange.tick();
    if (is_draining_) {  // held only after the drain began
      exchange.stop(StopReason::draining);
    }
  });
  const std::uint64_t generation = services_.catalogue.read().generation +
                                   services_.policy.read().generation +
                                   services_.identity.read().generation;
  for_each(loop.listeners, [this, generation](Listener& listener) {
    const Session::Facts& facts = listener.session()->facts;
    listener.tick(generation, [this, &facts] {
      return tools_digest(services_.firewall.visible_tools(facts.who, facts.server));
    });
  });
  if (core::Loop::current() == &services_.loops.at(0)) {
    sessions_.end_expired(services_.clock.mono());
  }
}

void EndpointImpl::end_here(const std::function<bool(const Session&)>& is_one) {
  for_each(here().exchanges, [&is_one](Exchange& exchange) {
    if (is_one(*exchange.session())) {
      exchange.stop(StopReason::cancelled);
    }
  });
  for_each(here().listeners, [&is_one](Listener& listener) {
    if (is_one(*listener.session())) {
      listener.end(Listener::Retry::none);
    }
  });
}

void EndpointImpl::revoked(const identity::Revocation& what) {
  // A revoked key names its agent too, whose other keys go on.
  std::optional<core::KeyId> key;
  std::optional<core::AgentId> agent;
  if (what.kind == identity::Revocation::Kind::key) {
    key = what.key;
  } else if (what.kind == identity::Revocation::Kind::agent) {
    agent = what.agent;
  } else {
    return;
  }
  sessions_.end_of(key, agent);
  // Requests without a session are in no table.
  for (std::size_t i = 0; i < per_loop_.size(); ++i) {
    services_.loops.at(i).post([this, key, agent] {
      end_here([&](const Session& session) {
        return is_stateless(session.facts.revision) &&
               (session.facts.who.key == key || session.facts.who.agent == agent);
      });
    });
  }
}

void EndpointImpl::drain() {
  is_draining_ = true;
  for (std::size_t i = 0; i < per_loop_.size(); ++i) {
    services_.loops.at(i).post([this] {
      for_each(here().exchanges, [](Exchange& exchange) { exchange.stop(StopReason::draining); });
      for_each(here().listeners, [](Listener& listener) { listener.end(Listener::Retry::later); });
    });
  }
}

std::expected<EndpointImpl::Caller, Response> EndpointImpl::authenticate(
    const net::Request& request) const {
  const auto principal = identity::authenticate(*services_.identity.read(),
                                                request.headers.get("authorization").value_or(""),
                                                services_.clock.wall());
  if (!principal) {
    return std::unexpected(principal.error().code == core::Code::permission_denied
                               ? refusal(403, k_invalid_request, principal.error().message)
                               : unauthorized(principal.error().message));
  }
  const auto* const agent = std::get_if<identity::AgentPrincipal>(&*principal);
  if (agent == nullptr) {
    return std::unexpected(refusal(403,
                                   k_invalid_request,
                                   "This is an operator key; MCP needs an agent's (pla_...). Make "
                                   "one in the console or with 'preloop admin key create --class "
                                   "agent'."));
  }
  const auto path = parse_mcp_path(request.path);
  if (!path) {
    return std::unexpected(refusal(404, k_invalid_request, "There is no MCP endpoint here."));
  }
  Caller caller{*agent, std::nullopt};
  if (!path->server.empty()) {
    const catalogue::Server* const server = services_.catalogue.read()->find_server(path->server);
    if (server == nullptr) {
      return std::unexpected(
          refusal(404,
                  k_invalid_request,
                  fmt::format("There is no server '{}' here.", core::printable(path->server, 64))));
    }
    caller.server = server->id;
  }
  return caller;
}

bool EndpointImpl::is_still_valid(const identity::AgentPrincipal& who) const {
  const auto& directory = services_.identity.read();
  const identity::Agent* const agent = directory->find_agent(who.agent);
  return directory->find_key(who.key) != nullptr && agent != nullptr &&
         agent->standing == identity::Standing::active;
}

std::expected<SessionPtr, Response> EndpointImpl::find_session(const net::Request& request,
                                                               const Caller& caller,
                                                               std::string_view id) const {
  const auto given = request.headers.get("mcp-session-id");
  if (!given) {
    return std::unexpected(refusal(
        400, k_invalid_request, "Initialize first, then send the Mcp-Session-Id it gave.", id));
  }
  SessionPtr session = sessions_.find(*given);
  // One answer for a session that ended and for somebody else's: no oracle.
  if (!session || session->facts.who.key != caller.who.key ||
      session->facts.server != caller.server) {
    return std::unexpected(
        refusal(404, k_invalid_request, "This session has ended; initialize again.", id));
  }
  session->touch(services_.clock.mono());
  return session;
}

Task<void> EndpointImpl::handle(net::Request& request,
                                net::Responder& responder,
                                const core::CallContext& context) {
  auto caller = authenticate(request);
  if (!caller) {
    counters_.unauthenticated += caller.error().status == 401 ? 1 : 0;
    return reply(responder, std::move(caller.error()));
  }
  return request.method == "POST" ? post(request, responder, context, *caller)
                                  : get_or_delete(request, responder, context, *caller);
}

Task<void> EndpointImpl::reply(net::Responder& responder, Response response) {
  // The client may have gone; there is nobody left to tell.
  (void)co_await responder.send(std::move(response));
}

Task<void> EndpointImpl::get_or_delete(net::Request& request,
                                       net::Responder& responder,
                                       const core::CallContext& context,
                                       Caller caller) {
  const auto revision = parse_revision(request.headers.get("mcp-protocol-version").value_or(""));
  const bool has_sessions = !revision || !is_stateless(*revision);
  if (!has_sessions || (request.method != "GET" && request.method != "DELETE")) {
    (void)co_await responder.send(method_not_allowed(has_sessions));
    co_return;
  }
  auto refused = request.method == "GET" ? check_get(request.headers) : std::nullopt;
  if (request.method == "GET" && !refused && is_draining_) {
    refused = unavailable(k_stopping, {});
  }
  if (!refused) {
    refused = check_revision(request.headers, {});
  }
  if (refused) {
    (void)co_await responder.send(std::move(*refused));
    co_return;
  }
  auto session = find_session(request, caller, {});
  if (!session) {
    (void)co_await responder.send(std::move(session.error()));
    co_return;
  }
  if (request.method == "GET") {
    co_return co_await listen(request, responder, context, std::move(*session));
  }
  sessions_.end(*session);
  Response gone;
  gone.status = 204;
  (void)co_await responder.send(std::move(gone));
}

}  // namespace preloop::mcp
