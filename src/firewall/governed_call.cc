#include "firewall/governed_call.h"

#include "approvals/digest.h"
#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "firewall/words.h"
#include "policy/decide.h"

#include <fmt/format.h>

#include <algorithm>

namespace preloop::firewall {
namespace {

using Kind = CallResult::Kind;
using approvals::State;
using core::Task;

core::Json empty_object() {
  static const core::JsonDocument k_document = *core::JsonDocument::parse("{}");
  return k_document.root();
}

}  // namespace

GovernedCall::GovernedCall(const Firewall::Dependencies& services,
                           InFlightCalls& in_flight,
                           const identity::AgentPrincipal& principal,
                           const ToolCall& call,
                           CallObserver& observer,
                           const core::CallContext& context)
    : services_(services),
      in_flight_(in_flight),
      principal_(principal),
      call_(call),
      observer_(observer),
      context_(context),
      versions_{services.policy.read(), services.catalogue.read(), services.identity.read()} {}

Task<void> GovernedCall::run() {
  if (!services_.may_record()) {
    co_return end(Kind::refused,
                  "Refused: the record cannot be written (disk full), and calls that must be "
                  "recorded are not let through. Nothing was executed.");
  }
  if (!find_tool()) {
    co_return end(Kind::unknown_tool,
                  fmt::format("There is no tool '{}' here.", core::printable(call_.name, 128)));
  }
  if (is_halted()) {
    (void)facts();  // for the record; a halt stands whoever calls
    deny_as_halted();
    co_return co_await refuse();
  }
  if (const core::Status judged = is_counted() ? co_await judge_counted() : judge(); !judged) {
    co_return end(judged.error());
  }
  switch (verdict_.action) {
    case policy::Action::allow:
      co_return co_await run_allowed();
    case policy::Action::require_approval:
      if (co_await ask_a_person()) {
        co_await follow();
      }
      co_return;
    case policy::Action::deny:
      co_return co_await refuse();
  }
}

Task<void> GovernedCall::release_place() {
  return services_.counter.release(*place_);
}

bool GovernedCall::find_tool() {
  if (call_.method != catalogue::Method::tools_call) {
    tool_ = call_.server ? versions_.catalogue->find_request(*call_.server, call_.method) : nullptr;
  } else if (const catalogue::ToolPtr* const found =
                 call_.server ? versions_.catalogue->find(*call_.server, call_.name)
                              : versions_.catalogue->find_exposed(call_.name)) {
    tool_ = *found;
  }
  if (!tool_) {
    return false;
  }
  const core::Json given = call_.params["arguments"];
  arguments_ = given.exists() ? given : empty_object();
  if (given.exists()) {
    arguments_text_ = core::raw_member(call_.params_text, "arguments").value_or("{}");
  }
  take_justification();
  const core::WallTime now = services_.clock.wall();
  identity_.call = {.id = core::CallId::make(now),
                    .account = principal_.account,
                    .agent = principal_.agent,
                    .key = principal_.key,
                    .session = principal_.session,
                    .server = tool_->server_name,
                    .tool = tool_->name,
                    .approval = std::nullopt};
  identity_.trace = context_.request_id;
  return true;
}

void GovernedCall::take_justification() {
  if (!policy::may_ask_justification(*versions_.policy, *tool_)) {
    return;
  }
  identity_.justification = read_justification(arguments_);
  if (has_own_justification(*tool_)) {
    return;
  }
  stripped_ = strip_justification(call_.params_text, arguments_, arguments_text_);
  if (!stripped_) {
    return;  // none was given
  }
  arguments_ = stripped_->arguments.root();
  arguments_text_ = stripped_->arguments_text;
}

core::Result<policy::CallFacts> GovernedCall::facts() {
  const identity::Agent* const agent = versions_.identity->find_agent(principal_.agent);
  const identity::KeyInfo* const key = versions_.identity->find_key(principal_.key);
  if (agent == nullptr || key == nullptr || agent->standing != identity::Standing::active) {
    return core::fail(core::Code::permission_denied, "this credential is no longer valid");
  }
  policy::CallFacts facts;
  facts.tool = tool_.get();
  facts.args = arguments_;
  facts.agent = agent->id;
  facts.agent_name = agent->name;
  facts.agent_kind = agent->kind;
  facts.agent_tags = &agent->tags;
  if (agent->owner) {
    if (const identity::Person* const owner = versions_.identity->find_person(*agent->owner)) {
      facts.agent_owner = owner->email;
    }
  }
  facts.key = key->id;
  facts.key_name = key->name;
  facts.session = principal_.session;
  facts.client = call_.client;
  facts.peer = context_.peer;
  facts.now = services_.clock.wall();
  identity_.agent_name = agent->name;
  identity_.policy_generation = versions_.policy.generation;
  identity_.policy_hash = core::to_hex(core::as_bytes(versions_.policy->hash()));
  identity_.redactions = policy::redactions_of(*versions_.policy, *tool_);
  facts.justification = identity_.justification;
  return facts;
}

core::Status GovernedCall::judge() {
  PRELOOP_TRY(const policy::CallFacts known, facts());
  verdict_ = policy::decide(*versions_.policy, known);
  return {};
}

Task<core::Status> GovernedCall::judge_counted() {
  PRELOOP_CO_TRY(const policy::CallFacts known, facts());
  PRELOOP_CO_TRY(verdict_,
                 co_await services_.counter.decide(versions_.policy,
                                                   known,
                                                   {.id = identity_.call.id,
                                                    .agent = principal_.agent,
                                                    .session = principal_.session,
                                                    .server = tool_->server_name,
                                                    .tool = tool_->name,
                                                    .call_key = call_key(),
                                                    .at = known.now,
                                                    .approval = identity_.call.approval}));
  if (verdict_.action != policy::Action::deny) {
    place_ = place_.value_or(identity_.call.id);
  } else {
    place_.reset();
  }
  co_return core::Status();
}

void GovernedCall::take_latest() {
  versions_ = {
      services_.policy.latest(), services_.catalogue.latest(), services_.identity.latest()};
  // They point into the policy that was held until now.
  identity_.redactions = policy::redactions_of(*versions_.policy, *tool_);
}

bool GovernedCall::is_current() const {
  return !is_halted() && versions_.policy.generation == services_.policy.generation() &&
         versions_.catalogue.generation == services_.catalogue.generation() &&
         versions_.identity.generation == services_.identity.generation();
}

void GovernedCall::deny_as_halted() {
  verdict_ = {.action = policy::Action::deny,
              .cause = policy::Cause::halted,
              .rule = nullptr,
              .message = std::string(halted_text()),
              .workflows = {}};
}

Task<bool> GovernedCall::still_holds(const approvals::Request* approved) {
  if (is_halted()) {
    deny_as_halted();
    is_unsure_ = true;  // an approval stays, for when it goes on
    co_return false;
  }
  take_latest();
  catalogue::ToolPtr found = versions_.catalogue->find_again(*tool_);
  if (!found || found->definition_hash != tool_->definition_hash) {
    verdict_ = {.action = policy::Action::deny,
                .cause = policy::Cause::new_tool,
                .rule = nullptr,
                .message = "The tool changed while this call was on its way.",
                .workflows = {}};
    co_return false;
  }
  tool_ = std::move(found);
  const auto judged = is_counted() ? co_await judge_counted() : judge();
  is_unsure_ = !judged && judged.error().code != core::Code::permission_denied;
  if (!judged) {
    verdict_ = {.action = policy::Action::deny,
                .cause = policy::Cause::rule,
                .rule = nullptr,
                .message = is_unsure_
                               ? "The rules could not be asked again: " + judged.error().message
                               : "This credential is no longer valid.",
                .workflows = {}};
    co_return false;
  }
  if (verdict_.action == policy::Action::allow) {
    co_return true;
  }
  if (approved == nullptr || verdict_.action != policy::Action::require_approval) {
    co_return false;
  }
  co_return std::ranges::all_of(verdict_.workflows, [&](const policy::WorkflowPtr& wanted) {
    return std::ranges::any_of(approved->verdict.workflows, [&](const policy::WorkflowPtr& had) {
      return had->content_hash == wanted->content_hash;
    });
  });
}

Task<void> GovernedCall::refuse() {
  store::Unit unit;
  unit.drafts.push_back(decided_draft(identity_, verdict_, arguments_text_));
  const auto recorded =
      co_await services_.database.commit(std::move(unit), store::Durability::standard);
  // A refusal stands even when it could not be recorded.
  end(Kind::refused, recorded ? denied_text(verdict_) : failed_closed_text(recorded.error()));
}

Task<void> GovernedCall::run_allowed() {
  store::Unit unit;
  unit.drafts.push_back(decided_draft(identity_, verdict_, arguments_text_));
  entry_.begin(in_flight_, identity_.call);
  if (const auto recorded =
          co_await services_.database.commit(std::move(unit), store::Durability::standard);
      !recorded) {
    entry_.end();
    co_return end(recorded.error());
  }
  entry_.begun();
  // A change acknowledged before this point is obeyed: one integer tells.
  if (!is_current() && !co_await still_holds(nullptr)) {
    store::Unit undo;
    undo.drafts.push_back(decided_draft(identity_, verdict_, arguments_text_));
    entry_.ending();
    const auto recorded =
        co_await services_.database.commit(std::move(undo), store::Durability::standard);
    if (!recorded) {
      co_return end(recorded.error());
    }
    entry_.end();
    co_return end(
        Kind::refused,
        verdict_.action == policy::Action::deny
            ? denied_text(verdict_)
            : "The rules changed while this call was on its way. Nothing was executed; try again.");
  }
  co_return co_await dispatch();
}

Task<void> GovernedCall::dispatch() {
  const auto answer =
      co_await Dispatch(services_, identity_, verdict_)
          .send(*tool_,
                stripped_ ? std::string_view(stripped_->params_text) : call_.params_text,
                observer_,
                call_.client_side,
                context_);
  const Outcome outcome = answer.outcome;
  auto shown = for_agent(answer);
  // What provably never left gives its place back.
  if (outcome != Outcome::not_sent) {
    place_.reset();
  }
  if (const auto recorded =
          co_await record_outcome(outcome, answer.json_or_text(), shown ? *shown : std::string());
      !recorded) {
    // The answer is withheld: what is not in the record did not happen for the caller.
    co_return end(Kind::refused,
                  fmt::format("The call was sent to the server '{}', but its outcome could not be "
                              "recorded ({}). It may have been executed; check before making it "
                              "again.",
                              tool_->server_name,
                              recorded.error().message));
  }
  entry_.end();
  if (!shown) {
    co_return end(
        Kind::refused,
        fmt::format("The call was executed, but its result could not be looked through for what "
                    "must not be shown ({}), so it is withheld.",
                    shown.error().message));
  }
  switch (outcome) {
    case Outcome::succeeded:
    case Outcome::tool_error:
      co_return end_with(Kind::answered, std::move(*shown));
    case Outcome::upstream_error:
      co_return end_with(Kind::upstream_error, std::move(*shown));
    default:
      co_return end(Kind::refused, answer.text);
  }
}

/// What the agent gets of an answer, after the tool's `redact.result`.
core::Result<std::string> GovernedCall::for_agent(const Answer& answer) const {
  if (identity_.redactions.empty() || answer.json.empty()) {
    return answer.json;
  }
  if (asks_for_input(answer.json)) {
    return redact_questions(answer.json, identity_.redactions);
  }
  return answer.outcome == Outcome::upstream_error
             ? redact_json(answer.json, identity_.redactions, &policy::Redaction::result)
             : redact_result(answer.json, identity_.redactions, &policy::Redaction::result);
}

Task<core::Status> GovernedCall::record_outcome(Outcome outcome,
                                                const std::string& answer,
                                                std::string shown) {
  store::Unit unit;
  entry_.ending();
  unit.drafts.push_back(completed_draft(identity_, outcome, answer));
  if (!identity_.call.approval) {
    co_return co_await services_.database.commit(std::move(unit), store::Durability::standard);
  }
  const State state = outcome == Outcome::succeeded ? State::succeeded
                      : outcome == Outcome::unknown || outcome == Outcome::cancelled
                          ? State::unknown
                          : State::failed;
  const bool keep = outcome == Outcome::succeeded || outcome == Outcome::tool_error;
  co_return co_await services_.approvals.finish_execution(
      *identity_.call.approval, state, keep ? std::move(shown) : std::string(), std::move(unit));
}

core::Digest GovernedCall::call_key() const {
  const catalogue::Server* const server = versions_.catalogue->find_server(tool_->server);
  const core::Digest key = approvals::call_key(
      principal_.agent,
      server == nullptr ? core::Digest{} : catalogue::identity_of(server->config),
      *tool_,
      arguments_);
  // What answers a server's questions is another call than the one that it asked in.
  const auto state = core::raw_member(call_.params_text, "requestState");
  const auto answers = core::raw_member(call_.params_text, "inputResponses");
  if (!state && !answers) {
    return key;
  }
  return core::Sha256()
      .update_field(core::as_bytes(key))
      .update_field(state.value_or(""))
      .update_field(answers.value_or(""))
      .finish();
}

void GovernedCall::end(Kind kind, std::string text) {
  out_.kind = kind;
  out_.text = std::move(text);
  out_.approval = identity_.call.approval;
  if (tool_) {
    out_.decision = verdict_.action;
  }
}

void GovernedCall::end(const core::Error& error) {
  end(Kind::refused, failed_closed_text(error));
}

void GovernedCall::end_with(Kind kind, std::string json) {
  end(kind, {});
  out_.json = std::move(json);
}

}  // namespace preloop::firewall
