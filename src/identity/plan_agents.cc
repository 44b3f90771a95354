#include "core/json_writer.h"
#include "identity/agent_repo.h"
#include "identity/key_repo.h"
#include "identity/names.h"
#include "identity/plan_support.h"
#include "identity/record.h"
#include "identity/runtime_session_repo.h"

#include <fmt/format.h>

namespace preloop::identity {
namespace {

using core::Code;
using core::fail;

Note note_of(audit::Kind kind, const Agent& agent) {
  std::string details;
  core::JsonWriter(details)
      .begin_object()
      .field("name", agent.name)
      .field("kind", agent.kind)
      .field("status", to_string(agent.standing))
      .end_object();
  return {.kind = kind,
          .subject = {"agent", agent.id.to_string()},
          .agent = agent.id,
          .details = std::move(details)};
}

core::Status check_owner(const Directory& directory,
                         core::AccountId account,
                         std::optional<core::PersonId> owner) {
  const Person* person = owner ? directory.find_person(*owner) : nullptr;
  if (owner && (person == nullptr || person->account != account)) {
    return fail(Code::invalid_argument, "the owner is not a person of this account");
  }
  return {};
}

core::Status check_name_is_free(const Directory& directory,
                                core::AccountId account,
                                std::string_view name) {
  if (directory.find_agent(account, name) != nullptr) {
    return fail(Code::already_exists, fmt::format("there is an agent named {} already", name));
  }
  return {};
}

core::Result<const Agent*> find(const Directory& directory,
                                const PlanContext& context,
                                core::AgentId id) {
  const Agent* agent = directory.find_agent(id);
  if (agent == nullptr || agent->account != context.by.account) {
    return fail(Code::not_found, "there is no such agent");
  }
  PRELOOP_CHECK(authorize_for_agent(context, agent->owner));
  return agent;
}

}  // namespace

core::Status authorize_for_agent(const PlanContext& context, std::optional<core::PersonId> owner) {
  core::Status every = context.by.authorize(Permission::manage_agents, context.now);
  if (every || !owner || owner != context.by.person) {
    return every;
  }
  return context.by.authorize(Permission::manage_own_agents, context.now);
}

core::Result<Planned> plan_create_agent(const Directory& directory,
                                        const PlanContext& context,
                                        NewAgent input,
                                        Agent& out) {
  PRELOOP_CHECK(authorize_for_agent(context, input.owner));
  PRELOOP_CHECK(check_agent_name(input.name));
  PRELOOP_CHECK(check_agent_kind(input.kind));
  PRELOOP_CHECK(check_tags(input.tags));
  const core::AccountId account = context.by.account;
  PRELOOP_CHECK(check_owner(directory, account, input.owner));
  PRELOOP_CHECK(check_name_is_free(directory, account, input.name));
  if (count_in(directory.agents(), account) >= k_max_agents) {
    return fail(Code::resource_exhausted,
                fmt::format("an account has at most {} agents", k_max_agents));
  }
  const Agent agent{.id = core::AgentId::make(context.now),
                    .account = account,
                    .name = std::move(input.name),
                    .kind = std::move(input.kind),
                    .tags = std::move(input.tags),
                    .owner = input.owner,
                    .created_at = context.now};
  Planned planned;
  planned.unit.add(AgentRepo::insert(agent));
  record(
      planned.unit, directory, context.by, note_of(audit::Kind::agent_created, agent), context.now);
  planned.edit = [agent](Directory::Contents& contents) { contents.agents.push_back(agent); };
  out = agent;
  return planned;
}

core::Result<Planned> plan_update_agent(const Directory& directory,
                                        const PlanContext& context,
                                        core::AgentId id,
                                        std::int64_t revision,
                                        AgentPatch patch,
                                        Agent& out) {
  PRELOOP_TRY(const Agent* before, find(directory, context, id));
  if (before->revision != revision) {
    return moved_on();
  }
  Agent agent = *before;
  if (patch.name && *patch.name != agent.name) {
    PRELOOP_CHECK(check_agent_name(*patch.name));
    PRELOOP_CHECK(check_name_is_free(directory, agent.account, *patch.name));
    agent.name = *patch.name;
  }
  if (patch.kind) {
    PRELOOP_CHECK(check_agent_kind(*patch.kind));
    agent.kind = *patch.kind;
  }
  if (patch.tags) {
    PRELOOP_CHECK(check_tags(*patch.tags));
    agent.tags = *patch.tags;
  }
  if (patch.owner) {
    PRELOOP_CHECK(authorize_for_agent(context, *patch.owner));
    PRELOOP_CHECK(check_owner(directory, agent.account, *patch.owner));
    agent.owner = *patch.owner;
  }
  agent.standing = patch.standing.value_or(agent.standing);
  agent.revision += 1;

  const bool was_active = before->standing == Standing::active;
  const bool is_active = agent.standing == Standing::active;
  Planned planned;
  planned.unit.guard = {AgentRepo::update(agent, revision)};
  record(planned.unit,
         directory,
         context.by,
         note_of(was_active == is_active ? audit::Kind::agent_updated
                 : is_active             ? audit::Kind::agent_resumed
                                         : audit::Kind::agent_suspended,
                 agent),
         context.now);
  planned.edit = [agent](Directory::Contents& contents) {
    replace_in(contents.agents, agent.id, agent);
  };
  if (was_active && !is_active) {
    planned.unit.add(RuntimeSessionRepo::end_of_agent(agent.account, id, context.now, "suspended"));
    planned.revocations.push_back({.kind = Revocation::Kind::agent,
                                   .account = agent.account,
                                   .agent = id,
                                   .reason = "suspended"});
  }
  out = agent;
  return planned;
}

core::Result<Planned> plan_remove_agent(const Directory& directory,
                                        const PlanContext& context,
                                        core::AgentId id) {
  PRELOOP_TRY(const Agent* agent, find(directory, context, id));
  Planned planned;
  planned.unit.guard = {AgentRepo::remove(agent->account, id, context.now)};
  planned.unit.add(KeyRepo::revoke_of_agent(agent->account, id, context.now));
  planned.unit.add(RuntimeSessionRepo::end_of_agent(agent->account, id, context.now, "removed"));
  record(planned.unit,
         directory,
         context.by,
         note_of(audit::Kind::agent_removed, *agent),
         context.now);
  planned.edit = [id](Directory::Contents& contents) {
    std::erase_if(contents.agents, [&](const Agent& item) { return item.id == id; });
    std::erase_if(contents.keys, [&](const KeyInfo& key) { return key.agent == id; });
  };
  for (const KeyInfo& key : directory.keys()) {
    if (key.agent == id) {
      planned.revocations.push_back(revocation_of(key, "its agent was removed"));
    }
  }
  planned.revocations.push_back({.kind = Revocation::Kind::agent,
                                 .account = agent->account,
                                 .agent = id,
                                 .reason = "removed"});
  return planned;
}

}  // namespace preloop::identity
