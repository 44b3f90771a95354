#include "api/views_json.h"

namespace preloop::api {
namespace {

template <class IdType>
std::optional<std::string> text_of(const std::optional<IdType>& id) {
  return id ? std::optional(id->to_string()) : std::nullopt;
}
std::optional<std::string> text_of(const std::optional<core::WallTime>& time) {
  return time ? std::optional(core::to_rfc3339(*time)) : std::nullopt;
}

}  // namespace

void write_scopes(core::JsonWriter& out, identity::ScopeSet scopes) {
  out.begin_array();
  for (const identity::Scope scope :
       {identity::Scope::read, identity::Scope::decide, identity::Scope::configure}) {
    if (scopes.has(scope)) {
      out.string(identity::to_string(scope));
    }
  }
  out.end_array();
}

void write_view(core::JsonWriter& out, const identity::PermissionRow& row) {
  out.begin_object()
      .field("name", row.name)
      .field("title", row.title)
      .field("least_role", identity::to_string(row.least))
      .optional_field("scope",
                      row.scope ? std::optional(identity::to_string(*row.scope)) : std::nullopt)
      .field("step_up", row.step_up == identity::StepUp::recent_sign_in)
      .end_object();
}

void write_view(core::JsonWriter& out, const identity::Person& person) {
  out.begin_object()
      .field("id", person.id.to_string())
      .field("email", person.email)
      .field("display_name", person.display_name)
      .field("role", identity::to_string(person.role))
      .field("status", identity::to_string(person.standing))
      .field("has_password", person.has_password)
      .field("created_at", core::to_rfc3339(person.created_at))
      .field("revision", person.revision)
      .end_object();
}

void write_view(core::JsonWriter& out, const identity::Agent& agent) {
  out.begin_object()
      .field("id", agent.id.to_string())
      .field("name", agent.name)
      .field("kind", agent.kind)
      .key("tags")
      .begin_array();
  for (const std::string& tag : agent.tags) {
    out.string(tag);
  }
  out.end_array()
      .optional_field("owner_id", text_of(agent.owner))
      .field("status", identity::to_string(agent.standing))
      .field("created_at", core::to_rfc3339(agent.created_at))
      .field("revision", agent.revision)
      .end_object();
}

void write_view(core::JsonWriter& out, const identity::KeyInfo& key) {
  out.begin_object()
      .field("id", key.id.to_string())
      .field("class", identity::to_string(key.key_class))
      .field("name", key.name)
      .key("scopes");
  write_scopes(out, key.scopes);
  out.optional_field("agent_id", text_of(key.agent))
      .optional_field("person_id", text_of(key.person))
      .field("made_by_admin", key.made_by_admin)
      .field("created_at", core::to_rfc3339(key.created_at))
      .optional_field("expires_at", text_of(key.expires_at))
      .optional_field("revoked_at", text_of(key.revoked_at))
      .optional_field("last_used_at", text_of(key.last_used_at))
      .end_object();
}

void write_view(core::JsonWriter& out, const identity::IssuedKey& key) {
  out.begin_object()
      .field("id", key.info.id.to_string())
      .field("key", key.secret.reveal())
      .field("class", identity::to_string(key.info.key_class))
      .field("name", key.info.name)
      .key("api_key");
  write_view(out, key.info);
  out.end_object();
}

void write_view(core::JsonWriter& out, const identity::RuntimeSession& session) {
  out.begin_object()
      .field("id", session.id.to_string())
      .field("agent_id", session.agent.to_string())
      .field("key_id", session.key.to_string())
      .field("client", session.client)
      .field("started_at", core::to_rfc3339(session.started_at))
      .field("last_active_at", core::to_rfc3339(session.last_active_at))
      .optional_field("ended_at", text_of(session.ended_at))
      .field("end_reason", session.end_reason)
      .end_object();
}

void write_login_session(core::JsonWriter& out,
                         const identity::LoginSession& session,
                         core::LoginSessionId current) {
  out.begin_object()
      .field("id", session.id.to_string())
      .field("current", session.id == current)
      .field("client", session.client)
      .field("address", session.address)
      .field("created_at", core::to_rfc3339(session.created_at))
      .field("last_seen_at", core::to_rfc3339(session.last_seen_at))
      .field("expires_at", core::to_rfc3339(session.expires_at))
      .end_object();
}

void write_view(core::JsonWriter& out, const secrets::SecretInfo& secret) {
  out.begin_object()
      .field("name", secret.name)
      .field("version", secret.version)
      .field("created_at", core::to_rfc3339(secret.created_at))
      .field("updated_at", core::to_rfc3339(secret.updated_at))
      .end_object();
}

}  // namespace preloop::api
