#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/wakeup.h"
#include "mcp/endpoint_impl.h"

#include <fmt/format.h>

#include <map>
#include <memory>

namespace preloop::mcp {

using core::Code;
using core::Task;
using firewall::CallResult;
using firewall::UpstreamAnswer;

namespace {

/// A server that asks more often is not going to answer.
constexpr int k_max_rounds = 16;
/// For an answer of the client's, and so of a person's.
constexpr core::seconds k_patience{600};

bool may_ask(catalogue::Method method) {
  return method == catalogue::Method::tools_call || method == catalogue::Method::resources_read ||
         method == catalogue::Method::prompts_get;
}

/// What one round has learnt; outlives the round, since answers may come late.
struct Answers {
  explicit Answers(const boost::asio::any_io_executor& executor) : changed(executor) {}
  core::Wakeup changed;
  std::size_t missing = 0;
  std::map<std::string, std::string> given;
  std::string error;
};

CallResult failed(const CallResult& before, std::string error_object) {
  CallResult out;
  out.kind = CallResult::Kind::upstream_error;
  out.json = std::move(error_object);
  out.decision = before.decision;
  return out;
}

}  // namespace

std::string EndpointImpl::bound_of(const Session& session, const firewall::ToolCall& call) {
  const std::string server =
      session.facts.server ? session.facts.server->to_string() : std::string();
  const core::Digest digest =
      core::Sha256()
          .update_field(session.facts.who.key.to_string())
          .update_field(server)
          .update_field(call.server ? call.server->to_string() : std::string())
          .update_field(to_string(call.method))
          .update_field(call.name)
          .update_field(core::raw_member(call.params_text, "arguments").value_or(""))
          .finish();
  return std::string(core::as_bytes(digest));
}

core::Result<std::string> EndpointImpl::open_state(const Session& session,
                                                   const firewall::ToolCall& call) const {
  const core::Json state = call.params["requestState"];
  const core::Json answers = call.params["inputResponses"];
  if (!state.exists() && !answers.exists()) {
    return std::string();
  }
  if (!is_stateless(session.facts.revision) || !may_ask(call.method)) {
    return without_answers(call.params, call.params_text);
  }
  if (!state.exists()) {
    return std::string();
  }
  PRELOOP_TRY(
      const std::string own,
      seal_.open(state.as_string().value_or(""), bound_of(session, call), services_.clock.wall()));
  return with_state(call.params_text, own);
}

Task<void> EndpointImpl::answer_questions(const identity::AgentPrincipal& who,
                                          Request& request,
                                          Exchange& exchange,
                                          const core::CallContext& context,
                                          CallResult& result) {
  const Session& session = *exchange.session();
  for (int round = 0; result.kind == CallResult::Kind::answered && may_ask(request.call.method) &&
                      asks_for_input(result.json);
       ++round) {
    auto asked = read_input_required(result.json);
    if (!asked || round == k_max_rounds) {
      result = failed(result,
                      make_error_object(k_internal_error,
                                        asked ? "the server asks without end"
                                              : std::string_view(asked.error().message)));
      co_return;
    }
    for (const InputRequired::Question& question : asked->questions) {
      if (const auto cannot = cannot_ask(session.facts.can, question.method, question.params)) {
        result = failed(
            result, missing_abilities_error(needed_abilities(question.method, question.params)));
        co_return;
      }
    }
    if (is_stateless(session.facts.revision)) {
      if (asked->state) {
        result.json = with_state(
            result.json,
            seal_.seal(*asked->state, bound_of(session, request.call), services_.clock.wall()));
      }
      co_return;
    }
    const auto answers = std::make_shared<Answers>(core::Loop::current()->executor());
    answers->missing = asked->questions.size();
    for (InputRequired::Question& question : asked->questions) {
      exchange.request({std::move(question.method),
                        std::move(question.params),
                        [answers, key = question.key](UpstreamAnswer answer) {
                          --answers->missing;
                          if (answer.error.empty()) {
                            answers->given[key] = std::move(answer.result);
                          } else {
                            answers->error = std::move(answer.error);
                          }
                          answers->changed.set();
                        }});
    }
    const auto gone = context.cancelled.subscribe([answers] { answers->changed.set(); });
    const auto until = std::min(context.deadline, std::chrono::steady_clock::now() + k_patience);
    while (answers->missing != 0 && !context.cancelled.requested()) {
      answers->changed.reset();
      if (co_await answers->changed.wait_until(until) != core::Outcome::in_time) {
        break;
      }
    }
    if (answers->missing != 0 || !answers->error.empty()) {
      result = failed(result,
                      answers->error.empty()
                          ? make_error_object(k_internal_error,
                                              "The client did not answer what the server asked.")
                          : answers->error);
      co_return;
    }
    request.plain =
        with_answers(request.call.params, request.call.params_text, answers->given, asked->state);
    auto parsed = core::JsonDocument::parse(request.plain);
    if (!parsed) {
      result = failed(result, make_error_object(k_internal_error, "the answers cannot be sent"));
      co_return;
    }
    request.document = std::move(*parsed);
    request.call.params = request.document.root();
    request.call.params_text = request.document.text();
    result = co_await services_.firewall.call(who, request.call, exchange, context);
  }
}

}  // namespace preloop::mcp
