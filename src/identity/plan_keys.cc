#include "core/json_writer.h"
#include "identity/key_repo.h"
#include "identity/names.h"
#include "identity/plan_support.h"
#include "identity/record.h"
#include "identity/runtime_session_repo.h"

#include <fmt/format.h>

#include <utility>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

Note note_of(audit::Kind kind, const KeyInfo& key, std::string_view reason = {}) {
  std::string details;
  core::JsonWriter writer(details);
  writer.begin_object().field("name", key.name).field("class", to_string(key.key_class));
  if (key.key_class == KeyClass::operator_key) {
    writer.field("scopes", key.scopes.to_string());
  }
  if (key.parent) {
    writer.field("elevation_of", key.parent->to_string());
  }
  if (key.expires_at) {
    writer.field("expires_at", core::to_rfc3339(*key.expires_at));
  }
  if (!reason.empty()) {
    writer.field("reason", reason);
  }
  writer.end_object();
  return {.kind = kind,
          .subject = {"key", key.id.to_string()},
          .agent = key.agent,
          .key = key.id,
          .details = std::move(details)};
}

Planned planned_insert(const Directory& directory, const PlanContext& context, const KeyInfo& key) {
  Planned planned;
  planned.unit.add(KeyRepo::insert(key));
  record(planned.unit, directory, context.by, note_of(audit::Kind::key_created, key), context.now);
  planned.edit = [key](Directory::Contents& contents) { contents.keys.push_back(key); };
  return planned;
}

core::Status check_room(const Directory& directory, core::AccountId account) {
  if (count_in(directory.keys(), account) >= k_max_keys) {
    return fail(Code::resource_exhausted,
                fmt::format("an account has at most {} keys; revoke some", k_max_keys));
  }
  return {};
}

core::Status check_agent_key(const Directory& directory,
                             const PlanContext& context,
                             const NewKeyRequest& input) {
  const Agent* agent = input.agent ? directory.find_agent(*input.agent) : nullptr;
  if (agent == nullptr || agent->account != context.by.account) {
    return fail(
        input.agent ? Code::not_found : Code::invalid_argument,
        input.agent ? "there is no such agent" : "an agent key belongs to an agent: name it");
  }
  PRELOOP_CHECK(authorize_for_agent(context, agent->owner));
  if (!input.scopes.empty() || input.person) {
    return fail(Code::invalid_argument, "only operator keys have scopes and a person");
  }
  if (input.key_class == KeyClass::execution_key && context.by.kind != Actor::Kind::server) {
    return fail(Code::invalid_argument, "execution keys are made by the server only");
  }
  return {};
}

/// Who gets it: the caller, or by this machine's administrator anybody.
core::Result<core::PersonId> person_of_key(const Directory& directory,
                                           const PlanContext& context,
                                           const NewKeyRequest& input) {
  const bool is_by_person = context.by.person.has_value();
  if (is_by_person && input.person && input.person != context.by.person) {
    return fail(Code::permission_denied, "nobody makes an operator key for somebody else");
  }
  const auto id = is_by_person ? context.by.person : input.person;
  const Person* person = id ? directory.find_person(*id) : nullptr;
  if (person == nullptr || person->account != context.by.account) {
    return fail(id ? Code::not_found : Code::invalid_argument,
                id ? "there is no such person" : "an operator key belongs to a person: name one");
  }
  if (person->standing != Standing::active) {
    return fail(Code::failed_precondition, "this person is suspended");
  }
  return *id;
}

core::Status check_scopes(const PlanContext& context, ScopeSet scopes) {
  if (scopes.empty()) {
    return fail(Code::invalid_argument, "an operator key needs a scope: read, decide or configure");
  }
  PRELOOP_CHECK(context.by.authorize(Permission::manage_own_keys, context.now));
  if (!context.by.principal) {
    return {};
  }
  if (const auto* key = std::get_if<OperatorPrincipal>(&*context.by.principal)) {
    if (!key->scopes.contains(scopes)) {
      return fail(
          Code::permission_denied,
          fmt::format("a key gives at most its own scopes on ({})", key->scopes.to_string()));
    }
    return {};
  }
  const auto& person = std::get<PersonPrincipal>(*context.by.principal);
  const bool is_recent = context.now >= person.authenticated_at &&
                         context.now - person.authenticated_at <= k_recent_sign_in;
  if (scopes != ScopeSet{Scope::read} && !is_recent) {
    return fail(Code::permission_denied,
                "a key that decides or configures needs your password again",
                {{"auth", "step_up"}});
  }
  return {};
}

}  // namespace

Revocation revocation_of(const KeyInfo& key, std::string_view reason) {
  return {.kind = Revocation::Kind::key,
          .account = key.account,
          .key = key.id,
          .agent = key.agent,
          .person = key.person,
          .reason = std::string(reason)};
}

core::Result<Planned> plan_create_key(const Directory& directory,
                                      const PlanContext& context,
                                      NewKeyRequest input,
                                      const NewKey& made,
                                      KeyInfo& out) {
  KeyInfo key;
  if (input.key_class == KeyClass::operator_key) {
    PRELOOP_CHECK(check_scopes(context, input.scopes));
    PRELOOP_TRY(key.person, person_of_key(directory, context, input));
    if (input.agent) {
      return fail(Code::invalid_argument, "an operator key belongs to a person, not to an agent");
    }
  } else {
    PRELOOP_CHECK(check_agent_key(directory, context, input));
    key.agent = input.agent;
  }
  PRELOOP_TRY(key.name, normal_display_name(input.name));
  if (input.expires_at && *input.expires_at <= context.now) {
    return fail(Code::invalid_argument, "the expiry is in the past");
  }
  PRELOOP_CHECK(check_room(directory, context.by.account));
  key.id = made.stored.id;
  key.account = context.by.account;
  key.key_class = input.key_class;
  key.hash = made.stored.hash;
  key.scopes = input.scopes;
  key.made_by_admin = context.by.kind == Actor::Kind::admin;
  key.created_at = context.now;
  key.expires_at = input.expires_at;
  out = key;
  return planned_insert(directory, context, key);
}

core::Result<Planned> plan_issue_key(const Directory& directory,
                                     const PlanContext& context,
                                     KeyInfo key) {
  PRELOOP_CHECK(check_room(directory, key.account));
  const Person* person = key.person ? directory.find_person(*key.person) : nullptr;
  if (person == nullptr || person->standing != Standing::active) {
    return fail(Code::permission_denied, "your account is suspended; ask an admin");
  }
  if (key.parent && directory.find_key(*key.parent) == nullptr) {
    return fail(Code::permission_denied, "the key this was asked with was revoked");
  }
  return planned_insert(directory, context, key);
}

core::Result<Planned> plan_revoke_key(const Directory& directory,
                                      const PlanContext& context,
                                      core::KeyId id,
                                      const std::string& reason) {
  const KeyInfo* key = directory.find_key(id);
  if (key == nullptr || key->account != context.by.account) {
    return fail(Code::not_found, "there is no such key, or it was revoked already");
  }
  const bool is_own = key->person && key->person == context.by.person;
  if (context.by.key != id) {
    core::Status allowed = context.by.authorize(Permission::manage_keys, context.now);
    if (!allowed && is_own) {
      allowed = context.by.authorize(Permission::manage_own_keys, context.now);
    }
    const Agent* agent = key->agent ? directory.find_agent(*key->agent) : nullptr;
    if (!allowed && agent != nullptr) {
      allowed = authorize_for_agent(context, agent->owner);
    }
    PRELOOP_CHECK(allowed);
  }
  Planned planned;
  planned.unit.guard = {KeyRepo::revoke(key->account, id, context.now)};
  planned.unit.add(KeyRepo::revoke_children(key->account, id, context.now));
  planned.unit.add(RuntimeSessionRepo::end_of_key(key->account, id, context.now, "revoked"));
  record(planned.unit,
         directory,
         context.by,
         note_of(audit::Kind::key_revoked, *key, reason),
         context.now);
  for (const KeyInfo& other : directory.keys()) {
    if (other.id == id || other.parent == id) {
      planned.revocations.push_back(revocation_of(other, "revoked"));
    }
  }
  planned.edit = [id](Directory::Contents& contents) {
    std::erase_if(contents.keys,
                  [&](const KeyInfo& item) { return item.id == id || item.parent == id; });
  };
  return planned;
}

}  // namespace preloop::identity
