#include "core/json_writer.h"
#include "mcp/endpoint_impl.h"

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

Task<EndpointImpl::CallAnswer> EndpointImpl::call_tool(const Message& message,
                                                       Exchange& exchange,
                                                       const core::CallContext& context) {
  const SessionPtr& session = exchange.session();
  const std::string_view id = message.id();
  const core::Json params = message.params();
  const auto name = params["name"].as_string();
  if (!name) {
    co_return CallAnswer{make_error(id, k_invalid_params, "'name' must be a string"), {}};
  }
  if (const core::Json arguments = params["arguments"];
      arguments.exists() && !arguments.is_object()) {
    co_return CallAnswer{make_error(id, k_invalid_params, "'arguments' must be an object"), {}};
  }
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
  std::string plain;
  if (is_stateless(session->facts.revision)) {
    plain = session_params(params, message.params_text());
  } else if (params["task"].exists()) {
    // We offer no tasks, and a request for one must be ignored rather than passed on.
    plain = without_member(params, message.params_text(), "task");
  }
  CallResult result = co_await services_.firewall.call(
      who,
      {.name = *name,
       .server = session->facts.server,
       .params = params,
       .params_text = plain.empty() ? message.params_text() : std::string_view(plain),
       .client = session->facts.client},
      exchange,
      call_context);
  exchange.end_call();
  count(result);
  std::string response = call_response(id, result, session->facts.revision);
  co_return CallAnswer{std::move(response), std::move(result)};
}

}  // namespace preloop::mcp
