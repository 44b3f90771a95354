#include "approvals/approval_record.h"

#include "approvals/quorum.h"
#include "approvals/verdict_json.h"
#include "audit/record.h"
#include "core/json_writer.h"
#include "core/text.h"

#include <chrono>

namespace preloop::approvals {
namespace {

audit::Record record_of(const Request& request, audit::Kind kind) {
  audit::Record record;
  record.kind = kind;
  record.subject = {"approval", request.id.to_string()};
  record.call = request.call;
  record.approval = request.id;
  record.session = request.session;
  record.agent = request.agent;
  record.key = request.key;
  record.server = request.server_name;
  record.tool = request.tool;
  return record;
}

audit::Actor actor_of(const identity::Principal& principal, std::string_view name) {
  const auto person = identity::person_of(principal);
  const bool by_key = std::holds_alternative<identity::OperatorPrincipal>(principal);
  return {by_key ? audit::ActorClass::operator_key : audit::ActorClass::person,
          person ? person->to_string() : std::string(),
          std::string(name)};
}

}  // namespace

store::Draft created_draft(const Request& request) {
  audit::Record record = record_of(request, audit::Kind::approval_created);
  record.actor = {audit::ActorClass::agent, request.agent.to_string(), request.agent_name};
  core::JsonWriter writer(record.details);
  writer.begin_object()
      .field("digest", core::to_hex(core::as_bytes(request.approval_digest)))
      .field("expires_at", core::to_rfc3339(request.expires_at))
      .field("approvers", describe_approvers(request))
      .key("verdict");
  policy::Verdict verdict = request.verdict;
  verdict.shown_arguments.clear();  // arguments are payloads, never details
  write_verdict(writer, verdict);
  writer.end_object();
  return audit::make_draft(request.account, record);
}

store::Draft voted_draft(const Request& request, const identity::Principal& voter) {
  const Vote& vote = request.votes.back();
  audit::Record record = record_of(request, audit::Kind::approval_voted);
  record.actor = actor_of(voter, vote.person_name);
  core::JsonWriter(record.details)
      .begin_object()
      .field("decision", to_string(vote.decision))
      .field("channel", to_string(vote.channel))
      .field("digest", core::to_hex(core::as_bytes(request.approval_digest)))
      .end_object();
  if (!vote.comment.empty()) {
    audit::Payload comment;
    comment.kind = audit::PayloadKind::comment;
    comment.bytes = vote.comment;
    comment.keep = audit::Keep::redacted;
    comment.redacted = vote.comment;
    record.payloads.push_back(std::move(comment));
  }
  return audit::make_draft(request.account, record);
}

store::Draft revealed_draft(const Request& request,
                            const identity::Principal& person,
                            std::string_view name) {
  audit::Record record = record_of(request, audit::Kind::approval_revealed);
  record.actor = actor_of(person, name);
  return audit::make_draft(request.account, record);
}

store::Draft released_draft(const Request& request,
                            const identity::Principal& person,
                            std::string_view comment) {
  audit::Record record = record_of(request, audit::Kind::call_released);
  record.actor = actor_of(person, {});
  core::JsonWriter(record.details).begin_object().field("comment", comment).end_object();
  return audit::make_draft(request.account, record);
}

std::optional<store::Draft> moved_draft(const Request& request, State from) {
  audit::Kind kind = audit::Kind::approval_cancelled;
  switch (request.state) {
    case State::approved:
      kind = audit::Kind::approval_approved;
      break;
    case State::declined:
      kind = audit::Kind::approval_declined;
      break;
    case State::expired:
      kind = audit::Kind::approval_expired;
      break;
    case State::cancelled:
      break;
    case State::superseded:
      kind = audit::Kind::approval_superseded;
      break;
    case State::executing:
      kind = audit::Kind::approval_consumed;
      break;
    default:
      return std::nullopt;
  }
  audit::Record record = record_of(request, kind);
  core::JsonWriter(record.details)
      .begin_object()
      .field("from", to_string(from))
      .field("reason", request.closing_reason)
      .end_object();
  return audit::make_draft(request.account, record);
}

store::Draft escalated_draft(const Request& request, const Step& step) {
  audit::Record record = record_of(request, audit::Kind::approval_escalated);
  const policy::Workflow& workflow = *request.verdict.workflows[step.workflow];
  core::JsonWriter writer(record.details);
  writer.begin_object()
      .field("workflow", workflow.name)
      .field("level", step.level)
      .key("asked")
      .begin_array();
  for (const std::string& approver : workflow.escalation[step.level - 1].approvers) {
    writer.string(approver);
  }
  writer.end_array()
      .field("approvers", describe_approvers(request))
      .field("expires_at", core::to_rfc3339(request.expires_at))
      .end_object();
  return audit::make_draft(request.account, record);
}

store::Draft halted_draft(const Halt& halt, const identity::Principal& by) {
  audit::Record record;
  record.kind = audit::Kind::system_halted;
  record.actor = actor_of(by, halt.person_name);
  record.subject = {"halt", std::string(to_string(halt.scope))};
  core::JsonWriter(record.details).begin_object().field("reason", halt.reason).end_object();
  return audit::make_draft(halt.account, record);
}

store::Draft resumed_draft(const Halt& halt,
                           const identity::Principal& by,
                           std::string_view name,
                           core::WallTime now,
                           std::size_t requests) {
  audit::Record record;
  record.kind = audit::Kind::system_resumed;
  record.actor = actor_of(by, name);
  record.subject = {"halt", std::string(to_string(halt.scope))};
  core::JsonWriter(record.details)
      .begin_object()
      .field("reason", halt.reason)
      .field("halted_by", halt.person_name)
      .field("since", core::to_rfc3339(halt.since))
      .field("given_back_ms",
             std::chrono::duration_cast<core::milliseconds>(now - halt.since).count())
      .field("requests", requests)
      .end_object();
  return audit::make_draft(halt.account, record);
}

void announce(store::Unit& unit, const Request& request, events::Kind kind, core::WallTime at) {
  events::announce(unit, request.account, kind, request.id.to_string(), at);
}

}  // namespace preloop::approvals
