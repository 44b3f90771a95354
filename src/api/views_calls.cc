#include "api/views_json.h"
#include "approvals/escalation.h"
#include "approvals/quorum.h"
#include "catalogue/config_json.h"
#include "catalogue/definition.h"
#include "core/json.h"
#include "core/text.h"
#include "policy/decide.h"
#include "redact/redact.h"

#include <algorithm>

namespace preloop::api {
namespace {

/// What people who decide see without asking for more (decision 28).
constexpr redact::Detectors k_shown{
    redact::Detector::secrets, redact::Detector::credit_card, redact::Detector::iban};

/// What people count contexts by; no tokenizer is everybody's.
constexpr std::size_t k_bytes_a_token = 4;

std::optional<std::string> text_of(const std::optional<core::WallTime>& time) {
  return time ? std::optional(core::to_rfc3339(*time)) : std::nullopt;
}

void write_changes(core::JsonWriter& out,
                   std::string_view name,
                   const std::string& accepted,
                   const std::string& current) {
  out.key(name).begin_array();
  if (!accepted.empty() && accepted != current) {
    for (const std::string& line : catalogue::describe_changes(accepted, current)) {
      out.string(line);
    }
  }
  out.end_array();
}

void write_vote(core::JsonWriter& out, const approvals::Vote& vote) {
  out.begin_object()
      .field("person_id", vote.person.to_string())
      .field("person", vote.person_name)
      .field("decision", approvals::to_string(vote.decision))
      .field("comment", vote.comment)
      .field("channel", approvals::to_string(vote.channel))
      .field("at", core::to_rfc3339(vote.at))
      .end_object();
}

/// Masked arguments, and whether anything was masked. What cannot be read is not shown.
void write_arguments(core::JsonWriter& out,
                     const std::string& arguments,
                     const std::string& shown) {
  const std::string& text = shown.empty() ? arguments : shown;
  const auto parsed = core::JsonDocument::parse(text);
  if (!parsed) {
    out.key("arguments").null().field("arguments_redacted", true);
    return;
  }
  const redact::Redaction masked =
      redact::redact_json(parsed->root(), text, k_shown, redact::Style::recognisable);
  out.key("arguments").raw(masked.text).field("arguments_redacted", masked.text != arguments);
}

}  // namespace

void write_view(core::JsonWriter& out, const approvals::Request& request) {
  out.begin_object()
      .field("id", request.id.to_string())
      .field("status", approvals::to_string(request.state))
      .field("call_id", request.call.to_string())
      .field("agent_id", request.agent.to_string())
      .field("agent", request.agent_name)
      .field("session_id", request.session.to_string())
      .field("server", request.server_name)
      .field("server_id", request.server.to_string())
      .field("tool", request.tool);
  write_arguments(out, request.arguments, request.verdict.shown_arguments);
  out.field("justification", request.verdict.justification)
      .field("cause", policy::to_string(request.verdict.cause))
      .field("message", request.verdict.message);
  write_rule(out, request.verdict.rule);
  out.key("workflows").begin_array();
  for (const policy::WorkflowPtr& workflow : request.verdict.workflows) {
    write_view(out, *workflow);
  }
  out.end_array()
      .field("approvers", approvals::describe_approvers(request))
      .key("votes")
      .begin_array();
  for (const approvals::Vote& vote : request.votes) {
    write_vote(out, vote);
  }
  out.end_array()
      .field("created_at", core::to_rfc3339(request.created_at))
      .field("expires_at", core::to_rfc3339(request.expires_at))
      .optional_field("decided_at", text_of(request.decided_at))
      .optional_field("valid_until", text_of(request.valid_until))
      .field("closing_reason", request.closing_reason)
      .field("approval_digest", core::to_hex(core::as_bytes(request.approval_digest)));
  write_changes(out, "definition_changes", request.accepted_definition, request.tool_definition);
  out.field("level", approvals::level_of(request)).key("steps").begin_array();
  for (const approvals::ToldStep& step : approvals::told_plan(request)) {
    const bool ends = step.kind == "expires";
    out.begin_object()
        .field("kind", step.kind)
        .field("at",
               core::to_rfc3339(ends ? request.expires_at
                                     : request.created_at + request.given_back + step.after))
        .field("done", step.done)
        .field("workflow", step.workflow)
        .field("level", step.level)
        .field("percent", step.percent)
        .key("approvers")
        .begin_array();
    for (const std::string& approver : step.approvers) {
      out.string(approver);
    }
    out.end_array().end_object();
  }
  out.end_array().field("revision", request.revision).end_object();
}

void write_server(core::JsonWriter& out,
                  const catalogue::Server& server,
                  const catalogue::Catalogue& catalogue) {
  const auto tools = std::ranges::count_if(
      catalogue.tools(), [&](const catalogue::ToolPtr& tool) { return tool->server == server.id; });
  out.begin_object()
      .field("id", server.id.to_string())
      .field("name", server.config.name)
      .field("transport", catalogue::to_string(server.config.transport))
      .key("config");
  catalogue::write_config(out, server.config);
  out.field("status", catalogue::to_string(server.status))
      .field("last_error", server.last_error)
      .optional_field("last_scan_at", text_of(server.last_scan_at))
      .field("accepted", server.accepted)
      .field("tools", tools)
      .field("revision", server.revision)
      .end_object();
}

void write_tool(core::JsonWriter& out,
                const catalogue::Tool& tool,
                const policy::CompiledPolicy& policy,
                Detail detail) {
  out.begin_object()
      .field("id", tool.id.to_string())
      .field("name", tool.name)
      .field("exposed_name", tool.exposed_name)
      .field("server", tool.server_name)
      .field("server_id", tool.server.to_string())
      .field("description", tool.description)
      .field("enabled", policy::is_enabled(policy, tool))
      .field("pin", catalogue::to_string(tool.pin))
      .field("schema_problem", tool.schema_problem)
      .field("context_tokens", (tool.definition.size() + k_bytes_a_token - 1) / k_bytes_a_token)
      .key("annotations")
      .begin_object()
      .field("read_only_hint", tool.annotations.read_only_hint)
      .field("destructive_hint", tool.annotations.destructive_hint)
      .field("idempotent_hint", tool.annotations.idempotent_hint)
      .field("open_world_hint", tool.annotations.open_world_hint)
      .end_object();
  if (tool.pin == catalogue::PinState::changed) {
    write_changes(out, "changes", tool.accepted_definition, tool.definition);
  }
  if (detail == Detail::full) {
    out.key("definition").raw(tool.definition);
    if (tool.pin == catalogue::PinState::changed) {
      out.key("accepted_definition").raw(tool.accepted_definition);
    }
  }
  out.end_object();
}

void write_view(core::JsonWriter& out, const audit::StoredRecord& record) {
  out.raw(record.bytes);
}

void write_view(core::JsonWriter& out, const audit::SignedHead& head) {
  out.begin_object()
      .field("purpose", audit::to_string(head.head.purpose))
      .field("origin", head.head.origin)
      .field("chain", head.head.chain.writer.to_string())
      .field("seq", head.head.last.seq)
      .field("hash", core::to_hex(core::as_bytes(head.head.last.hash)))
      .field("at", core::to_rfc3339(head.head.at))
      .field("key_id", head.key_id)
      .field("signature", core::to_hex(head.signature))
      .end_object();
}

void write_payload(core::JsonWriter& out, const audit::StoredPayload& payload) {
  const auto parsed = core::JsonDocument::parse(payload.content);
  const redact::Redaction masked =
      parsed ? redact::redact_json(parsed->root(), payload.content, k_shown)
             : redact::mask(payload.content, k_shown);
  out.begin_object()
      .field("record_id", payload.record_id.to_string())
      .field("kind", audit::to_string(payload.kind))
      .field("size", payload.size)
      .field("complete", payload.content_is != audit::Content::none && !payload.has_blob)
      .field("text", masked.text)
      .end_object();
}

}  // namespace preloop::api
