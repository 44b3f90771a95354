#pragma once
#include "approvals/types.h"
#include "audit/audit_repo.h"
#include "audit/head.h"
#include "catalogue/catalogue.h"
#include "core/json_writer.h"
#include "identity/login_session_repo.h"
#include "identity/principal.h"
#include "identity/types.h"
#include "policy/service.h"
#include "secrets/secret_store.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace preloop::api {

// How each object looks outside: one function each, named in contracts/openapi.yaml under
// components.schemas. They write one JSON value.

void write_view(core::JsonWriter& out, const identity::PermissionRow& row);
void write_view(core::JsonWriter& out, const identity::Person& person);
void write_view(core::JsonWriter& out, const identity::Agent& agent);
void write_view(core::JsonWriter& out, const identity::KeyInfo& key);
void write_view(core::JsonWriter& out, const identity::RuntimeSession& session);
void write_view(core::JsonWriter& out, const secrets::SecretInfo& secret);
void write_view(core::JsonWriter& out, const policy::Workflow& workflow);
void write_view(core::JsonWriter& out, const policy::Change& change);
void write_view(core::JsonWriter& out, const policy::EffectiveTool& tool);
/// As a document spells it: the action, or "observe".
std::string_view action_name(const policy::RuleText& rule);
void write_view(core::JsonWriter& out, const policy::Version& version);
void write_view(core::JsonWriter& out, const policy::TestOutcome& outcome);
void write_view(core::JsonWriter& out, const policy::TrialResult& result);
void write_view(core::JsonWriter& out, const core::ErrorDetail& issue);
void write_view(core::JsonWriter& out, const audit::StoredRecord& record);
void write_view(core::JsonWriter& out, const audit::SignedHead& head);
/// Arguments masked; a person who decides sees what the record keeps.
void write_view(core::JsonWriter& out, const approvals::Request& request);
/// The key itself is in `secret`: shown once.
void write_view(core::JsonWriter& out, const identity::IssuedKey& key);
void write_login_session(core::JsonWriter& out,
                         const identity::LoginSession& session,
                         core::LoginSessionId current);
void write_server(core::JsonWriter& out,
                  const catalogue::Server& server,
                  const catalogue::Catalogue& catalogue);

enum class Detail : std::uint8_t { brief, full };
/// `enabled` by the policy, too. Full: with the definition.
void write_tool(core::JsonWriter& out,
                const catalogue::Tool& tool,
                const policy::CompiledPolicy& policy,
                Detail detail);
/// One rule of a scope's list; `own`: written for the tool alone.
struct AccessRuleView {
  std::size_t position = 0;
  const policy::RuleText& rule;
  bool own = false;
  policy::Scope scope = policy::Scope::account;
  std::string_view scope_name;
};
void write_view(core::JsonWriter& out, const AccessRuleView& rule);
/// The payload's text, masked whatever was kept.
void write_payload(core::JsonWriter& out, const audit::StoredPayload& payload);

void write_scopes(core::JsonWriter& out, identity::ScopeSet scopes);
/// `"rule": …`, null when no rule decided.
void write_rule(core::JsonWriter& out, const policy::RuleMatchPtr& rule);

template <class T>
std::string view(const T& object) {
  std::string out;
  core::JsonWriter writer(out);
  write_view(writer, object);
  return out;
}

/// `"name": [ … ]` of objects that have a view.
template <class Range>
void write_views(core::JsonWriter& out, std::string_view name, const Range& objects) {
  out.key(name).begin_array();
  for (const auto& object : objects) {
    write_view(out, object);
  }
  out.end_array();
}

/// `{"items":[…],"next_cursor":…}`.
template <class Range>
std::string list_view(const Range& objects, const std::optional<std::string>& next = {}) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_views(writer, "items", objects);
  writer.optional_field("next_cursor", next).end_object();
  return out;
}

}  // namespace preloop::api
