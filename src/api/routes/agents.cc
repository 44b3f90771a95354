#include "api/routes/routes.h"
#include "api/views_json.h"

#include <set>

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

void write_rules(core::JsonWriter& out,
                 std::string_view scope,
                 std::string_view name,
                 const std::vector<policy::RuleText>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    out.begin_object()
        .field("scope", scope)
        .field("scope_name", name)
        .field("position", i + 1)
        .field("tool", rules[i].tool)
        .field("when", rules[i].when)
        .field("action", action_name(rules[i]))
        .field("workflow", rules[i].workflow)
        .field("message", rules[i].message)
        .field("enabled", rules[i].enabled)
        .end_object();
  }
}

/// Those of the account, of the agent, and of its keys that have some.
Task<Result<Response>> rules(Call& call) {
  PRELOOP_CO_TRY(const identity::Agent agent, find(call));
  const auto in_force = call.services.policy.in_force();
  const policy::Document& document = in_force->compiled->document();
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  write_rules(writer, "account", "", document.rules);
  if (const auto own = document.agents.find(agent.name); own != document.agents.end()) {
    write_rules(writer, "agent", agent.name, own->second.rules);
  }
  std::set<std::string> names;
  for (const identity::KeyInfo& key : call.directory()->keys()) {
    if (key.agent == agent.id) {
      names.insert(key.name);
    }
  }
  for (const auto& [name, scope] : document.keys) {
    if (names.contains(name)) {
      write_rules(writer, "key", name, scope.rules);
    }
  }
  writer.end_array().key("next_cursor").null();
  writer.field("policy_version", in_force->version.number)
      .key("defaults")
      .begin_object()
      .field("unknown_tools", policy::to_string(document.defaults.unknown_tools))
      .field("no_match", policy::to_string(document.defaults.no_match))
      .field("new_tools", policy::to_string(document.defaults.new_tools))
      .end_object()
      .end_object();
  co_return reply(200, std::move(out));
}

constexpr Route k_routes[] = {
    {"list_agents", list},
    {"get_agent", get},
    {"create_agent", create},
    {"update_agent", update},
    {"remove_agent", remove},
    {"list_agent_rules", rules},
};

}  // namespace

std::span<const Route> agent_routes() {
  return k_routes;
}

}  // namespace preloop::api
