#include "firewall/call_record.h"

#include "audit/record.h"
#include "core/json_writer.h"
#include "redact/redact.h"

#include <fmt/format.h>

namespace preloop::firewall {
namespace {

constexpr redact::Detectors k_stored_copy{redact::Detector::secrets, redact::Detector::credit_card};

audit::Record record_of(const CallIdentity& call, audit::Kind kind) {
  audit::Record record;
  record.kind = kind;
  record.actor = {audit::ActorClass::agent, call.call.agent.to_string(), call.agent_name};
  record.call = call.call.id;
  record.approval = call.call.approval;
  record.session = call.call.session;
  record.agent = call.call.agent;
  record.key = call.call.key;
  record.server = call.call.server;
  record.tool = call.call.tool;
  record.trace = call.trace;
  return record;
}

/// The commitment is over the real bytes; the copy is what every setting of the tool leaves of
/// them. What cannot be looked through is not kept.
audit::Payload payload_of(audit::PayloadKind kind,
                          std::string_view bytes,
                          const Redactions& redactions) {
  audit::Payload payload;
  payload.kind = kind;
  payload.bytes = bytes;
  payload.keep = audit::Keep::redacted;
  if (redactions.empty()) {
    payload.redacted = redact::mask(bytes, k_stored_copy).text;
    return payload;
  }
  const auto look = kind == audit::PayloadKind::result ? redact_result : redact_json;
  auto copy = look(bytes, redactions, &policy::Redaction::stored);
  if (copy && kind != audit::PayloadKind::args) {
    copy = look(*copy, redactions, &policy::Redaction::result);
  }
  if (copy) {
    payload.redacted = redact::mask(*copy, k_stored_copy).text;
  } else {
    payload.keep = audit::Keep::none;
  }
  return payload;
}

void write_details(audit::Record& record,
                   const CallIdentity& call,
                   const policy::Verdict& verdict) {
  if (verdict.observed.empty() && call.justification.empty()) {
    return;
  }
  core::JsonWriter writer(record.details);
  writer.begin_object();
  if (!verdict.observed.empty()) {
    writer.key("observed").begin_array();
    for (const policy::RuleMatchPtr& rule : verdict.observed) {
      writer.string(describe(*rule));
    }
    writer.end_array();
  }
  if (!call.justification.empty()) {
    writer.field("justification", call.justification);
  }
  writer.end_object();
}

}  // namespace

std::string describe(const policy::RuleMatch& rule) {
  return rule.scope_name.empty()
             ? fmt::format("{} rule {} ({})", to_string(rule.scope), rule.position, rule.tool)
             : fmt::format("{} {} rule {} ({})",
                           to_string(rule.scope),
                           rule.scope_name,
                           rule.position,
                           rule.tool);
}

store::Draft decided_draft(const CallIdentity& call,
                           const policy::Verdict& verdict,
                           std::string_view arguments) {
  audit::Record record = record_of(call, audit::Kind::call_decided);
  audit::DecisionNote note;
  note.action = to_string(verdict.action);
  note.reason = to_string(verdict.cause);
  if (verdict.rule) {
    note.rule = describe(*verdict.rule);
    note.scope = to_string(verdict.rule->scope);
    if (!verdict.rule->error.empty()) {
      note.reason += ": " + verdict.rule->error;
    }
  }
  record.decision = std::move(note);
  record.policy = audit::PolicyRef{call.policy_generation, call.policy_hash};
  write_details(record, call, verdict);
  record.payloads.push_back(payload_of(audit::PayloadKind::args, arguments, call.redactions));
  return audit::make_draft(call.call.account, record);
}

store::Draft dispatched_draft(const CallIdentity& call) {
  return audit::make_draft(call.call.account, record_of(call, audit::Kind::call_dispatched));
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::succeeded:
      return "succeeded";
    case Outcome::tool_error:
      return "tool_error";
    case Outcome::upstream_error:
      return "upstream_error";
    case Outcome::not_sent:
      return "not_sent";
    case Outcome::unknown:
      return "unknown";
    case Outcome::cancelled:
      return "cancelled";
  }
  return "unknown";
}

store::Draft completed_draft(const CallIdentity& call, Outcome outcome, std::string_view answer) {
  audit::Record record = record_of(call,
                                   outcome == Outcome::unknown     ? audit::Kind::call_unknown
                                   : outcome == Outcome::cancelled ? audit::Kind::call_cancelled
                                                                   : audit::Kind::call_completed);
  core::JsonWriter(record.details).begin_object().field("outcome", to_string(outcome)).end_object();
  const bool answered = outcome == Outcome::succeeded || outcome == Outcome::tool_error;
  record.payloads.push_back(
      payload_of(answered ? audit::PayloadKind::result : audit::PayloadKind::error,
                 answer,
                 answered || outcome == Outcome::upstream_error ? call.redactions : Redactions()));
  return audit::make_draft(call.call.account, record);
}

}  // namespace preloop::firewall
