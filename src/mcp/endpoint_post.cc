#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "mcp/endpoint_impl.h"

#include <fmt/format.h>

#include <algorithm>
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
    return post_large(request, responder, context, std::move(caller));
  }
  return take_post(request,
                   read_post_body(std::exchange(request.body, {})),
                   responder,
                   context,
                   std::move(caller));
}

Task<void> EndpointImpl::post_large(net::Request& request,
                                    net::Responder& responder,
                                    const core::CallContext& context,
                                    Caller caller) {
  auto body = co_await services_.offload.run([text = std::exchange(request.body, {})]() mutable {
    return read_post_body(std::move(text));
  });
  co_await take_post(request, std::move(body), responder, context, std::move(caller));
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
    return post_stateless(request, std::move(*body), std::move(caller), responder, context);
  }
  if (only != nullptr && only->kind() == Kind::request && only->method() == "initialize") {
    return post_initialize(std::move(*body), std::move(caller), responder);
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
      co_await initialize(*body.members.front().message, std::move(caller)));
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
    } else if (member.message->method() == "tools/call") {
      CallAnswer called = co_await call_tool(*member.message, exchange, context);
      exchange.answer(std::move(called.response));
      if (called.result && called.result->approval) {
        called.result->json.clear();
        results.push_back(std::move(*called.result));
      }
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
  session.seen_tools = tools_digest(tools);
  return make_result(
      message.id(),
      is_stateless(session.facts.revision) ? listed_result(*page, options_.version) : *page);
}

}  // namespace preloop::mcp
