#include "mcp/endpoint_impl.h"

#include <fmt/format.h>

namespace preloop::mcp {

using core::Task;

namespace {

/// Streams of subscriptions/listen an agent may have open.
constexpr int k_max_subscriptions = 32;

}  // namespace

Task<void> EndpointImpl::post_stateless(const net::Request& request,
                                        PostBody body,
                                        Caller caller,
                                        net::Responder& responder,
                                        const core::CallContext& context) {
  const Message& message = *body.members.front().message;
  if (message.kind() != Message::Kind::request) {
    // Nothing depends on them: a call is cancelled by hanging up.
    (void)co_await responder.send(accepted());
    co_return;
  }
  if (auto refused = check_stateless(request.headers, message)) {
    (void)co_await responder.send(std::move(*refused));
    co_return;
  }
  Session::Facts facts;
  facts.revision = Revision::r2026_07_28;
  facts.client = stateless_client(message.params());
  facts.who = caller.who;
  facts.server = caller.server;
  facts.owner = core::Loop::current()->index();
  const auto session = std::make_shared<Session>(std::move(facts));
  session->log_level = stateless_log_level(message.params());
  session->load = co_await sessions_.load_of(caller.who.agent);
  if (!is_still_valid(caller.who)) {  // revoked while the load was looked up
    (void)co_await responder.send(
        refusal(403, k_invalid_request, "This key is no longer valid.", message.id()));
    co_return;
  }
  if (message.method() == "subscriptions/listen") {
    co_return co_await subscribe(message, session, responder, context);
  }
  co_await answer_requests(std::move(body), session, responder, context);
}

Task<void> EndpointImpl::subscribe(const Message& message,
                                   SessionPtr session,
                                   net::Responder& responder,
                                   const core::CallContext& context) {
  const auto tools = wants_tool_changes(message.params());
  if (!tools) {
    (void)co_await responder.send(
        refusal(400, k_invalid_params, "'notifications' must be an object", message.id()));
    co_return;
  }
  const Counted of_agent(session->load->subscriptions);
  if (of_agent.now() > k_max_subscriptions) {
    (void)co_await responder.send(
        refusal(429,
                k_internal_error,
                fmt::format("This agent has {} subscriptions open, which is the limit.",
                            k_max_subscriptions),
                message.id()));
    co_return;
  }
  const Counted open(counters_.listeners);
  if (*tools) {
    session->seen_tools =
        tools_digest(services_.firewall.visible_tools(session->facts.who, session->facts.server));
  }
  Listener listener(responder,
                    core::Loop::current()->executor(),
                    session,
                    services_.clock,
                    std::string(message.id()));
  const Registration registered(here().listeners, &listener);
  if (is_draining_) {
    listener.end(Listener::Retry::none);
  }
  co_await listener.run(context);
}

}  // namespace preloop::mcp
