#include "api/routes/routes.h"
#include "api/views_json.h"

namespace preloop::api {
namespace {

using core::Result;
using core::Task;
using net::Response;

/// One's own, and those of one's agents; all of them for who manages keys.
bool may_see(const Call& call, const identity::Directory& directory, const identity::KeyInfo& key) {
  if (call.may(identity::Permission::manage_keys)) {
    return true;
  }
  const auto person = identity::person_of(*call.principal);
  if (key.person) {
    return key.person == person;
  }
  const auto* agent = key.agent ? directory.find_agent(*key.agent) : nullptr;
  return agent != nullptr && agent->owner && agent->owner == person;
}

Task<Result<Response>> list(Call& call) {
  PRELOOP_CO_TRY(const std::size_t limit, call.limit());
  PRELOOP_CO_TRY(const auto place, read_cursor(call));
  std::optional<core::KeyId> before;
  if (place) {
    before = core::KeyId::from_bytes(*place);
  }
  PRELOOP_CO_TRY(auto keys,
                 co_await call.services.management.keys(call.services.account, before, limit));
  std::optional<std::string> next;
  if (keys.size() == limit) {
    next = make_cursor(call, keys.back().id.as_bytes());
  }
  const auto directory = call.directory();
  std::erase_if(keys, [&](const auto& key) { return !may_see(call, *directory, key); });
  co_return reply(200, list_view(keys, next));
}

Task<Result<Response>> create(Call& call) {
  identity::NewKeyRequest input;
  input.key_class =
      identity::key_class_from(call.text("class")).value_or(identity::KeyClass::agent_key);
  input.name = call.text("name");
  if (const auto agent = call.optional_text("agent_id")) {
    input.agent = core::AgentId::parse(*agent);
  }
  for (const core::JsonNode& node : call.body()["scopes"].elements()) {
    if (const auto scope = identity::parse_scope(core::Json(&node).as_string().value_or(""))) {
      input.scopes.add(*scope);
    }
  }
  if (const auto expires = call.optional_text("expires_at")) {
    const auto time = core::parse_rfc3339(*expires);
    if (!time) {
      co_return core::fail(core::Code::invalid_argument,
                           "expires_at must be a time such as 2026-01-31T12:00:00Z",
                           {{"/expires_at", "must be RFC 3339"}});
    }
    input.expires_at = *time;
  }
  PRELOOP_CO_TRY(const auto key,
                 co_await call.services.management.create_key(call.actor(), std::move(input)));
  co_return reply(201, view(key));
}

Task<Result<Response>> revoke(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::KeyId>());
  PRELOOP_CO_CHECK(co_await call.services.management.revoke_key(call.actor(), id, "revoked"));
  co_return done();
}

constexpr Route k_routes[] = {
    {"list_keys", list},
    {"create_key", create},
    {"revoke_key", revoke},
};

}  // namespace

std::span<const Route> key_routes() {
  return k_routes;
}

}  // namespace preloop::api
