#include "core/json_writer.h"
#include "core/loop_call.h"
#include "mcp/call_target.h"
#include "mcp/endpoint_impl.h"
#include "mcp/exposed_uris.h"

#include <fmt/format.h>

namespace preloop::mcp {

using core::Task;
using firewall::CallResult;

namespace {

/// The client's progress token as JSON; empty when it wants no progress.
std::string_view progress_token(const Message& message) {
  const core::Json token = message.params()["_meta"]["progressToken"];
  if (!token.is_string() && !token.is(core::JsonKind::integer)) {
    return {};
  }
  const auto meta = core::raw_member(message.params_text(), "_meta");
  return core::raw_member(*meta, "progressToken").value_or("");
}

/// Did the server say that it could not do it?
bool has_failed(const CallResult& result) {
  return result.kind == CallResult::Kind::upstream_error ||
         (result.kind == CallResult::Kind::answered &&
          core::raw_member(result.json, "isError") == "true");
}

Task<bool> add_subscription(SessionPtr session, Subscription what) {
  co_return session->subscriptions.add(std::move(what));
}

/// The answer to a request that reaches no server.
std::string target_error(const Message& message, const core::Error& error, Revision revision) {
  const auto method = request_method(message.method());
  const bool is_resource = method == catalogue::Method::resources_read ||
                           method == catalogue::Method::resources_subscribe;
  if (error.code != core::Code::not_found || !is_resource) {
    return make_error(message.id(), k_invalid_params, error.message);
  }
  std::string data = "{\"uri\":";
  data += core::raw_member(message.params_text(), "uri").value_or("null");
  data += '}';
  const int code = is_stateless(revision) ? k_invalid_params : k_resource_not_found;
  return make_error(message.id(), make_error_object(code, error.message, data));
}

}  // namespace

void EndpointImpl::count(const CallResult& result) {
  switch (result.kind) {
    case CallResult::Kind::answered:
      ++counters_.calls_answered;
      break;
    case CallResult::Kind::upstream_error:
      ++counters_.calls_upstream_error;
      break;
    case CallResult::Kind::refused:
      ++counters_.calls_refused;
      break;
    case CallResult::Kind::pending:
      ++counters_.calls_pending;
      break;
    case CallResult::Kind::unknown_tool:
      ++counters_.calls_unknown_tool;
      break;
  }
}

Task<EndpointImpl::CallAnswer> EndpointImpl::answered(std::string response) {
  co_return CallAnswer{std::move(response), {}};
}

Task<EndpointImpl::CallAnswer> EndpointImpl::call_tool(const Message& message,
                                                       Exchange& exchange,
                                                       const core::CallContext& context) {
  const Session::Facts& facts = exchange.session()->facts;
  const core::Json params = message.params();
  const auto name = params["name"].as_string();
  if (!name) {
    return answered(make_error(message.id(), k_invalid_params, "'name' must be a string"));
  }
  if (const core::Json arguments = params["arguments"];
      arguments.exists() && !arguments.is_object()) {
    return answered(make_error(message.id(), k_invalid_params, "'arguments' must be an object"));
  }
  Request request;
  request.call.name = *name;
  request.call.server = facts.server;
  request.call.params = params;
  request.call.params_text = message.params_text();
  if (is_stateless(facts.revision)) {
    request.plain = session_params(params, message.params_text());
  } else if (params["task"].exists()) {
    // We offer no tasks, and a request for one must be ignored rather than passed on.
    request.plain = without_member(params, message.params_text(), "task");
  }
  if (!facts.server) {
    // No server's name has an underscore, so the first two end it.
    request.exposed_server = name->substr(0, name->find("__"));
  }
  return govern(message, exchange, context, std::move(request));
}

Task<EndpointImpl::CallAnswer> EndpointImpl::call_request(const Message& message,
                                                          Exchange& exchange,
                                                          const core::CallContext& context) {
  const Session::Facts& facts = exchange.session()->facts;
  const auto& catalogue = services_.catalogue.read();
  auto target = read_call_target(*catalogue, facts.server, message);
  if (!target) {
    return answered(target_error(message, target.error(), facts.revision));
  }
  Request request;
  request.document = std::move(target->params);
  request.call.method = target->method;
  request.call.server = target->server;
  request.call.params = request.document.root();
  request.call.params_text = request.document.text();
  if (is_stateless(facts.revision)) {
    request.plain = session_params(request.call.params, request.call.params_text);
  }
  const catalogue::Server* const server = catalogue->find_server(target->server);
  if (!facts.server && server != nullptr) {
    request.exposed_server = server->config.name;
  }
  return govern(message, exchange, context, std::move(request));
}

Task<EndpointImpl::CallAnswer> EndpointImpl::govern(const Message& message,
                                                    Exchange& exchange,
                                                    const core::CallContext& context,
                                                    Request request) {
  const SessionPtr& session = exchange.session();
  const std::string_view id = message.id();
  request.call.client = session->facts.client;
  if (!request.plain.empty()) {
    request.call.params_text = request.plain;
  }
  auto opened = open_state(*session, request.call);
  if (!opened) {
    co_return CallAnswer{make_error(id, k_invalid_params, opened.error().message), {}};
  }
  if (!opened->empty()) {
    request.plain = std::move(*opened);
    request.call.params_text = request.plain;
  }
  request.capabilities = capabilities_of(session->facts.can);
  request.call.client_side = {.capabilities = request.capabilities,
                              .log_level = log_level_name(session->log_level)};
  const Counted of_agent(session->load->calls);
  if (of_agent.now() > options_.max_calls_per_agent) {
    ++counters_.calls_over_limit;
    co_return CallAnswer{
        make_error(id,
                   k_internal_error,
                   fmt::format("This agent has {} calls in flight, which is the limit. Nothing was "
                               "executed; try again when one has ended.",
                               options_.max_calls_per_agent)),
        {}};
  }
  const Counted of_session(session->calls);
  const Counted in_flight(counters_.calls_in_flight);

  const core::CallContext call_context = exchange.begin_call(context, id, progress_token(message));
  identity::AgentPrincipal who = session->facts.who;
  const auto runtime_session = co_await services_.touch(who, session->facts.client);
  if (!runtime_session || session->ended || call_context.cancelled.requested()) {
    exchange.end_call();
    const std::string why = !runtime_session ? runtime_session.error().message
                            : session->ended ? "this session has ended"
                                             : "the call was cancelled";
    co_return CallAnswer{make_error(id, k_internal_error, "Nothing was executed: " + why + "."),
                         {}};
  }
  who.session = *runtime_session;
  CallResult result = co_await services_.firewall.call(who, request.call, exchange, call_context);
  co_await answer_questions(who, request, exchange, call_context, result);
  exchange.end_call();
  if (!is_stateless(session->facts.revision) && result.kind == CallResult::Kind::answered) {
    result.json = session_result(std::move(result.json));
  }
  count(result);
  if (!request.exposed_server.empty() && result.kind == CallResult::Kind::answered) {
    result.json = expose_result_uris(std::move(result.json), request.exposed_server);
  }
  const catalogue::Method method = request.call.method;
  std::string response = method == catalogue::Method::tools_call
                             ? call_response(id, result, session->facts.revision)
                             : request_response(id, method, result, session->facts.revision);
  if (method == catalogue::Method::resources_subscribe &&
      result.kind == CallResult::Kind::answered) {
    const auto uri = request.call.params["arguments"]["uri"].as_string().value_or("");
    if (!co_await core::on_loop(
            services_.loops.at(session->facts.owner),
            add_subscription(session, {*request.call.server, std::string(uri)}))) {
      response =
          make_error(id, k_internal_error, "This session has too many subscriptions already.");
    }
  }
  if (is_stateless(session->facts.revision) && result.kind == CallResult::Kind::upstream_error &&
      lacks_ability(result.json)) {
    exchange.set_status(400);
  }
  // What a server could do without asking it has done; the rest failed for want of the client.
  if (const std::string& missing = exchange.missing_abilities();
      !missing.empty() && has_failed(result)) {
    response = make_error(id, missing_abilities_error(missing));
    exchange.set_status(400);
  }
  co_return CallAnswer{std::move(response), std::move(result)};
}

}  // namespace preloop::mcp
