#include "core/json_writer.h"
#include "mcp/call_target.h"
#include "mcp/endpoint_impl.h"
#include "mcp/param_headers.h"

#include <fmt/format.h>

namespace preloop::mcp {

using core::Task;

namespace {

/// Streams of subscriptions/listen an agent may have open.
constexpr int k_max_subscriptions = 32;

/// Of a request that may not wait for people.
class Impatient final : public firewall::CallObserver {
 public:
  explicit Impatient(core::CancelToken cancelled) : cancelled_(std::move(cancelled)) {}
  void held(const firewall::Hold&) override { cancelled_.request(); }
  void notification(std::string_view) override {}
  void request(firewall::ServerRequest request) override {
    request.reply({{}, make_error_object(k_method_not_found, "nobody is asked while subscribing")});
  }

 private:
  core::CancelToken cancelled_;
};

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
  if (auto wrong = wrong_param_headers(request.headers, message, caller)) {
    (void)co_await responder.send(header_mismatch(*wrong, message.id()));
    co_return;
  }
  Session::Facts facts;
  facts.revision = Revision::r2026_07_28;
  facts.client = stateless_client(message.params());
  facts.can = stateless_abilities(message.params());
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

std::optional<std::string> EndpointImpl::wrong_param_headers(const net::Headers& headers,
                                                             const Message& message,
                                                             const Caller& caller) const {
  if (message.method() != "tools/call") {
    return std::nullopt;
  }
  const auto& catalogue = services_.catalogue.read();
  const auto name = message.params()["name"].as_string().value_or("");
  const catalogue::ToolPtr* const tool =
      caller.server ? catalogue->find(*caller.server, name) : catalogue->find_exposed(name);
  return tool == nullptr || (*tool)->param_headers.empty()
             ? std::nullopt
             : check_param_headers(headers, **tool, message.params()["arguments"]);
}

Task<void> EndpointImpl::subscribe(const Message& message,
                                   SessionPtr session,
                                   net::Responder& responder,
                                   const core::CallContext& context) {
  auto wanted = read_wanted(message.params());
  if (!wanted) {
    (void)co_await responder.send(
        refusal(400,
                k_invalid_params,
                fmt::format("'notifications' must be an object that wants at most {} resources",
                            Subscriptions::k_max),
                message.id()));
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
  if (!wanted->uris.empty()) {
    co_await subscribe_resources(*wanted, session, context);
    if (!is_still_valid(session->facts.who)) {  // revoked meanwhile
      (void)co_await responder.send(
          refusal(403, k_invalid_request, "This key is no longer valid.", message.id()));
      co_return;
    }
  }
  const auto note_seen = [&](bool wants, Session::List list) {
    if (wants) {
      session->seen(list) = digest_of(*session, list);
    }
  };
  note_seen(wanted->tools, Session::List::tools);
  note_seen(wanted->resources, Session::List::resources);
  note_seen(wanted->prompts, Session::List::prompts);
  Listener listener(responder,
                    core::Loop::current()->executor(),
                    session,
                    services_.clock,
                    std::string(message.id()),
                    subscription_acknowledged(message.id(), *wanted));
  const Registration registered(here().listeners, &listener);
  if (is_draining_) {
    listener.end(Listener::Retry::none);
  }
  co_await listener.run(context);
}

/// Asks the servers for news of the resources, each decided upon by itself; what is refused is
/// taken out of `wanted`.
Task<void> EndpointImpl::subscribe_resources(Wanted& wanted,
                                             SessionPtr session,
                                             const core::CallContext& context) {
  std::vector<std::string> granted;
  identity::AgentPrincipal who = session->facts.who;
  const auto runtime_session = co_await services_.touch(who, session->facts.client);
  if (!runtime_session) {
    wanted.uris.clear();
    co_return;
  }
  who.session = *runtime_session;
  for (const std::string& uri : wanted.uris) {
    std::string params;
    core::JsonWriter(params).begin_object().field("uri", uri).end_object();
    const auto request = Message::parse(make_request("0", "resources/subscribe", params));
    const auto target =
        request ? read_call_target(*services_.catalogue.read(), session->facts.server, *request)
                : core::Result<CallTarget>(std::unexpected(request.error()));
    if (!target) {
      continue;
    }
    core::CallContext inner = context;
    inner.cancelled = core::CancelToken();
    const auto gone =
        context.cancelled.subscribe([token = inner.cancelled]() mutable { token.request(); });
    Impatient observer(inner.cancelled);
    const auto result = co_await services_.firewall.call(who,
                                                         {.method = target->method,
                                                          .server = target->server,
                                                          .params = target->params.root(),
                                                          .params_text = target->params.text(),
                                                          .client = session->facts.client},
                                                         observer,
                                                         inner);
    const auto own = target->params.root()["arguments"]["uri"].as_string().value_or("");
    if (result.kind == firewall::CallResult::Kind::answered &&
        session->subscriptions.add({target->server, std::string(own)})) {
      granted.push_back(uri);
    }
  }
  wanted.uris = std::move(granted);
}

}  // namespace preloop::mcp
