#include "api/routes/routes.h"
#include "api/views_json.h"

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

Response respond(int status, const identity::Agent& agent) {
  return reply_revision(status, agent.revision, view(agent));
}

Result<identity::Agent> find(const Call& call) {
  PRELOOP_TRY(const auto id, call.id<core::AgentId>());
  const auto directory = call.directory();
  const identity::Agent* const agent = directory->find_agent(id);
  if (agent == nullptr || agent->account != call.services.account) {
    return fail(Code::not_found, "there is no such agent");
  }
  return *agent;
}

std::vector<std::string> tags_of(core::Json list) {
  std::vector<std::string> tags;
  for (const core::JsonNode& node : list.elements()) {
    tags.emplace_back(core::Json(&node).as_string().value_or(""));
  }
  return tags;
}

/// Of `owner_id`: a person, or nobody for null.
std::optional<core::PersonId> owner_of(core::Json json) {
  const auto text = json.as_string();
  return text ? core::PersonId::parse(*text) : std::nullopt;
}

Task<Result<Response>> list(Call& call) {
  std::vector<identity::Agent> agents;
  for (const identity::Agent& agent : call.directory()->agents()) {
    if (agent.account == call.services.account) {
      agents.push_back(agent);
    }
  }
  co_return reply(200, list_view(agents));
}

Task<Result<Response>> get(Call& call) {
  PRELOOP_CO_TRY(const identity::Agent agent, find(call));
  co_return respond(200, agent);
}

Task<Result<Response>> create(Call& call) {
  identity::NewAgent input;
  input.name = call.text("name");
  input.kind = call.text("kind");
  input.tags = tags_of(call.body()["tags"]);
  const core::Json owner = call.body()["owner_id"];
  // Unless said otherwise, who makes an agent owns it.
  input.owner = owner.exists() ? owner_of(owner) : identity::person_of(*call.principal);
  PRELOOP_CO_TRY(const auto agent,
                 co_await call.services.management.create_agent(call.actor(), std::move(input)));
  co_return respond(201, agent);
}

Task<Result<Response>> update(Call& call) {
  PRELOOP_CO_TRY(const identity::Agent before, find(call));
  identity::AgentPatch patch;
  patch.name = call.optional_text("name");
  patch.kind = call.optional_text("kind");
  if (const core::Json tags = call.body()["tags"]; tags.exists()) {
    patch.tags = tags_of(tags);
  }
  if (const core::Json owner = call.body()["owner_id"]; owner.exists()) {
    patch.owner = owner_of(owner);
  }
  if (const auto status = call.optional_text("status")) {
    patch.standing = identity::parse_standing(*status);
  }
  PRELOOP_CO_TRY(
      const auto agent,
      co_await call.services.management.update_agent(
          call.actor(), before.id, call.revision.value_or(before.revision), std::move(patch)));
  co_return respond(200, agent);
}

Task<Result<Response>> remove(Call& call) {
  PRELOOP_CO_TRY(const identity::Agent agent, find(call));
  if (call.revision.value_or(agent.revision) != agent.revision) {
    co_return fail(Code::aborted, "the agent was changed meanwhile; read it again");
  }
  PRELOOP_CO_CHECK(co_await call.services.management.remove_agent(call.actor(), agent.id));
  co_return done();
}

constexpr Route k_routes[] = {
    {"list_agents", list},
    {"get_agent", get},
    {"create_agent", create},
    {"update_agent", update},
    {"remove_agent", remove},
};

}  // namespace

std::span<const Route> agent_routes() {
  return k_routes;
}

}  // namespace preloop::api
