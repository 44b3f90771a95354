#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/loop_call.h"
#include "core/text.h"
#include "mcp/call_target.h"
#include "mcp/endpoint_impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace preloop::mcp {

using core::Task;
using net::Response;
using Kind = Message::Kind;

namespace {

bool has_request(const PostBody& body) {
  return std::ranges::any_of(body.members, [](const PostBody::Member& member) {
    return !member.message || member.message->kind() == Kind::request;
  });
}

}  // namespace

Task<void> EndpointImpl::post(net::Request& request,
                              net::Responder& responder,
                              const core::CallContext& context,
                              Caller caller) {
  if (auto refused = check_post(request.headers)) {
    return reply(responder, std::move(*refused));
  }
  if (request.body.size() > options_.offload_above) {
    return post_large(request, responder, context, caller);
  }
  return take_post(request,
                   read_post_body(std::exchange(request.body, {})),
                   responder,
                   context,
                   caller);
}

Task<void> EndpointImpl::post_large(net::Request& request,
                                    net::Responder& responder,
                                    const core::CallContext& context,
                                    Caller caller) {
  auto body = co_await services_.offload.run([text = std::exchange(request.body, {})]() mutable {
    return read_post_body(std::move(text));
  });
  co_await take_post(request, std::move(body), responder, context, caller);
}

Task<void> EndpointImpl::take_post(net::Request& request,
                                   std::expected<PostBody, Response> body,
                                   net::Responder& responder,
                                   const core::CallContext& context,
                                   Caller caller) {
  if (!body) {
    return reply(responder, std::move(body.error()));
  }
  const Message* const only = body->is_batch ? nullptr : &*body->members.front().message;
  const std::string_view id = only == nullptr ? std::string_view() : only->id();
  if (is_draining_ && has_request(*body)) {  // cancelling still helps
    return reply(responder, unavailable(k_stopping, id));
  }
  if (only != nullptr && is_stateless_request(request.headers, *only)) {
    return post_stateless(request, std::move(*body), caller, responder, context);
  }
  if (only != nullptr && only->kind() == Kind::request && only->method() == "initialize") {
    return post_initialize(std::move(*body), caller, responder);
  }
  if (auto refused = check_revision(request.headers, id)) {
    return reply(responder, std::move(*refused));
  }
  auto session = find_session(request, caller, id);
  if (!session) {
    return reply(responder, std::move(session.error()));
  }
  if (body->is_batch && !allows_batches((*session)->facts.revision)) {
    return reply(responder,
                 refusal(400,
                         k_invalid_request,
                         fmt::format("Revision {} has no batches; send one message a request.",
                                     to_string((*session)->facts.revision))));
  }
  for (const PostBody::Member& member : body->members) {
    if (member.message && member.message->kind() == Kind::notification) {
      take_notification(*member.message, *session);
    } else if (member.message && member.message->kind() == Kind::response) {
      take_answer(*member.message, *session);
    }
  }
  if (!has_request(*body)) {
    return reply(responder, accepted());
  }
  request.headers = {};  // nobody looks at them any more, and the call may wait long
  return answer_requests(std::move(*body), std::move(*session), responder, context);
}

Task<void> EndpointImpl::post_initialize(PostBody body, Caller caller, net::Responder& responder) {
  (void)co_await responder.send(
      co_await initialize(*body.members.front().message, caller));
}

Task<Response> EndpointImpl::initialize(const Message& message, Caller caller) {
  const auto asked = read_initialize(message.params());
  if (!asked) {
    co_return refusal(400, k_invalid_params, asked.error().message, message.id());
  }
  Session::Facts facts;
  facts.id = core::to_base64url(core::random_bytes(32));
  facts.revision = asked->revision;
  facts.client = asked->client;
  facts.can = asked->can;
  facts.who = caller.who;
  facts.server = caller.server;
  facts.owner = core::Loop::current()->index();
  const auto session = co_await sessions_.open(std::move(facts), services_.clock.mono());
  if (!session) {
    co_return unavailable(session.error().message, message.id());
  }
  if (!is_still_valid(caller.who)) {  // revoked while the session was opened
    sessions_.end(*session);
    co_return refusal(403, k_invalid_request, "This key is no longer valid.", message.id());
  }
  ++counters_.sessions_opened;
  Response response = Response::json(
      200,
      make_result(message.id(), initialize_result((*session)->facts.revision, options_.version)));
  response.headers.add("Mcp-Session-Id", (*session)->facts.id);
  co_return response;
}

void EndpointImpl::take_notification(const Message& message, const SessionPtr& session) {
  if (message.method() != "notifications/cancelled") {
    return;  // initialized, progress, roots: nothing depends on them
  }
  const auto id = core::raw_member(message.params_text(), "requestId");
  if (!id) {
    return;
  }
  // The call runs on the loop that read it, which nobody remembers: cancelling is rare. Ids that
  // are unknown, answered already or initialize's are nobody's.
  for (std::size_t i = 0; i < per_loop_.size(); ++i) {
    services_.loops.at(i).post([this, session, id = std::string(*id)] {
      for_each(here().exchanges, [&](Exchange& exchange) {
        if (exchange.session() == session) {
          exchange.cancel_call(id);
        }
      });
    });
  }
}

/// To whichever exchange of the session asked: on which loop it is, nobody remembers.
void EndpointImpl::take_answer(const Message& message, const SessionPtr& session) {
  const auto answer = std::make_shared<const firewall::UpstreamAnswer>(
      std::string(message.result_text()), std::string(message.error_text()));
  for (std::size_t i = 0; i < per_loop_.size(); ++i) {
    services_.loops.at(i).post([this, session, answer, id = std::string(message.id())] {
      for_each(here().exchanges, [&](Exchange& exchange) {
        if (exchange.session() == session) {
          exchange.answered(id, *answer);
        }
      });
    });
  }
}

Task<void> EndpointImpl::answer_requests(PostBody body,
                                         SessionPtr session,
                                         net::Responder& responder,
                                         const core::CallContext& context) {
  Exchange exchange(responder,
                    core::Loop::current()->executor(),
                    services_.loops.at(session->facts.owner),
                    session,
                    body.is_batch ? Exchange::Shape::batch : Exchange::Shape::single,
                    services_.clock);
  const Registration registered(here().exchanges, &exchange);
  const auto gone =
      context.cancelled.subscribe([&exchange] { exchange.stop(StopReason::client_gone); });
  std::vector<firewall::CallResult> results;
  for (const PostBody::Member& member : body.members) {
    if (!member.message) {
      exchange.answer(make_error(member.id, k_invalid_request, member.message.error().message));
    } else if (member.message->kind() != Kind::request) {
      continue;
    } else if (const auto method = member.message->method();
               method == "tools/call" || request_method(method)) {
      CallAnswer called = method == "tools/call"
                              ? co_await call_tool(*member.message, exchange, context)
                              : co_await call_request(*member.message, exchange, context);
      exchange.answer(std::move(called.response));
      if (called.result && called.result->approval) {
        called.result->json.clear();
        results.push_back(std::move(*called.result));
      }
    } else if (method == "resources/unsubscribe") {
      exchange.answer(co_await unsubscribe(*member.message, session));
    } else {
      exchange.answer(answer_request(*member.message, *session));
    }
  }
  std::optional<core::ApprovalId> approval;
  if (results.size() == 1 && results.front().kind == firewall::CallResult::Kind::answered) {
    approval = results.front().approval;
  }
  const core::Status written = co_await exchange.finish(approval);
  session->touch(services_.clock.mono());
  if (!written) {
    ++counters_.calls_undelivered;
    co_return;
  }
  for (const firewall::CallResult& result : results) {
    co_await services_.firewall.delivered(session->facts.who, result);
  }
}

std::string EndpointImpl::answer_request(const Message& message, Session& session) {
  const std::string_view method = message.method();
  if (method == "tools/list") {
    return list_tools(message, session);
  }
  if (const auto kind = list_kind(method)) {
    return list_items(*kind, message, session);
  }
  if (is_stateless(session.facts.revision)) {  // its other methods are none that get here
    return make_result(message.id(), discover_result(options_.version));
  }
  if (method == "ping") {
    return make_result(message.id(), "{}");
  }
  if (method == "logging/setLevel") {
    const auto level = log_level(message.params()["level"].as_string().value_or(""));
    if (!level) {
      return make_error(message.id(), k_invalid_params, "'level' is no log level of MCP");
    }
    session.log_level = *level;
    return make_result(message.id(), "{}");
  }
  if (method == "initialize") {
    return make_error(message.id(), k_invalid_request, "initialize cannot be part of a batch");
  }
  return make_error(message.id(),
                    k_method_not_found,
                    fmt::format("There is no method '{}' here.", core::printable(method, 64)));
}

std::string EndpointImpl::list_tools(const Message& message, Session& session) {
  const auto tools = services_.firewall.visible_tools(session.facts.who, session.facts.server);
  const auto page = tools_page(tools,
                               session.facts.server ? Naming::own : Naming::exposed,
                               message.params(),
                               options_.tools_per_page);
  if (!page) {
    return make_error(message.id(), k_invalid_params, page.error().message);
  }
  session.seen(Session::List::tools) = tools_digest(tools);
  return make_result(
      message.id(),
      is_stateless(session.facts.revision) ? listed_result(*page, options_.version) : *page);
}

std::vector<ListedItem> EndpointImpl::visible_items(const Session& session, ListKind kind) const {
  return listed_items(*services_.catalogue.read(),
                      kind,
                      session.facts.server,
                      [&](core::ServerId server, catalogue::Method method) {
                        return services_.firewall.may_request(session.facts.who, server, method);
                      });
}

std::uint64_t EndpointImpl::digest_of(const Session& session, Session::List list) const {
  switch (list) {
    case Session::List::tools:
      return tools_digest(
          services_.firewall.visible_tools(session.facts.who, session.facts.server));
    case Session::List::prompts:
      return items_digest(visible_items(session, ListKind::prompts));
    case Session::List::resources:
      break;
  }
  auto items = visible_items(session, ListKind::resources);
  std::ranges::move(visible_items(session, ListKind::templates), std::back_inserter(items));
  return items_digest(items);
}

std::string EndpointImpl::list_items(ListKind kind, const Message& message, Session& session) {
  const auto page = items_page(visible_items(session, kind),
                               kind,
                               session.facts.server ? Naming::own : Naming::exposed,
                               message.params(),
                               options_.tools_per_page);
  if (!page) {
    return make_error(message.id(), k_invalid_params, page.error().message);
  }
  const Session::List list =
      kind == ListKind::prompts ? Session::List::prompts : Session::List::resources;
  session.seen(list) = digest_of(session, list);
  return make_result(
      message.id(),
      is_stateless(session.facts.revision) ? listed_result(*page, options_.version) : *page);
}

namespace {

Task<void> remove_subscription(SessionPtr session, Subscription what) {
  session->subscriptions.remove(what);
  co_return;
}

}  // namespace

/// The server goes on telling us, since others may listen; this client hears no more of it.
Task<std::string> EndpointImpl::unsubscribe(const Message& message, SessionPtr session) {
  const auto subscribe =
      Message::parse(make_request(message.id(), "resources/subscribe", message.params_text()));
  const auto target =
      subscribe ? read_call_target(*services_.catalogue.read(), session->facts.server, *subscribe)
                : core::Result<CallTarget>(std::unexpected(subscribe.error()));
  if (!target) {
    co_return make_error(message.id(), k_invalid_params, target.error().message);
  }
  const auto uri = target->params.root()["arguments"]["uri"].as_string().value_or("");
  co_await core::on_loop(services_.loops.at(session->facts.owner),
                         remove_subscription(session, {target->server, std::string(uri)}));
  co_return make_result(message.id(), "{}");
}

}  // namespace preloop::mcp
