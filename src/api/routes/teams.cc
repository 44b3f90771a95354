#include "api/routes/routes.h"
#include "core/json_writer.h"

#include <algorithm>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

bool asks(const policy::WorkflowText& workflow, const std::string& team) {
  const auto has = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, team) != names.end();
  };
  return has(workflow.approvers) ||
         std::ranges::any_of(workflow.alternatives,
                             [&](const auto& other) { return has(other.approvers); }) ||
         std::ranges::any_of(workflow.escalation,
                             [&](const auto& level) { return has(level.approvers); });
}

std::vector<std::string> asking(const policy::Document& document, const std::string& team) {
  std::vector<std::string> out;
  for (const policy::WorkflowText& workflow : document.workflows) {
    if (asks(workflow, team)) {
      out.push_back(workflow.name);
    }
  }
  return out;
}

void write_names(core::JsonWriter& out,
                 std::string_view key,
                 const std::vector<std::string>& names) {
  out.key(key).begin_array();
  for (const std::string& name : names) {
    out.string(name);
  }
  out.end_array();
}

Task<Result<Response>> list(Call& call) {
  const auto in_force = call.services.policy.in_force();
  const policy::Document& document = in_force->compiled->document();
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (const auto& [name, members] : document.teams) {
    writer.begin_object().field("name", name);
    write_names(writer, "members", members);
    write_names(writer, "workflows", asking(document, name));
    writer.field("policy_version", in_force->version.number).end_object();
  }
  writer.end_array().optional_field("next_cursor", std::optional<std::string>()).end_object();
  co_return reply(200, std::move(out));
}

policy::PolicyService::ApplyOptions options_of(const Call& call) {
  return {.comment = call.text("comment"), .expected_version = call.revision, .permit = {}};
}

Task<Result<Response>> set(Call& call) {
  const std::string name(call.path_parameter("name"));
  policy::PolicyService::Edit edit = [&](policy::Document& document) -> core::Status {
    std::vector<std::string> members;
    for (const core::JsonNode& node : call.body()["members"].elements()) {
      const std::string member(core::Json(&node).as_string().value_or(""));
      if (!member.contains('@')) {
        return fail(Code::invalid_argument,
                    "a team's members are people's addresses",
                    {{"members", "not an address"}});
      }
      if (std::ranges::find(members, member) == members.end()) {
        members.push_back(member);
      }
    }
    document.teams[name] = std::move(members);
    return {};
  };
  PRELOOP_CO_CHECK(
      co_await call.services.policy.edit(call.audit_actor(), std::move(edit), options_of(call)));
  co_return co_await list(call);
}

Task<Result<Response>> remove(Call& call) {
  const std::string name(call.path_parameter("name"));
  policy::PolicyService::Edit edit = [&](policy::Document& document) -> core::Status {
    if (!document.teams.contains(name)) {
      return fail(Code::not_found, "there is no such team");
    }
    if (const auto workflows = asking(document, name); !workflows.empty()) {
      return fail(Code::failed_precondition, "the workflow '" + workflows.front() + "' asks it");
    }
    document.teams.erase(name);
    return {};
  };
  PRELOOP_CO_CHECK(
      co_await call.services.policy.edit(call.audit_actor(), std::move(edit), options_of(call)));
  co_return done();
}

constexpr Route k_routes[] = {
    {"list_teams", list},
    {"set_team", set},
    {"remove_team", remove},
};

}  // namespace

std::span<const Route> team_routes() {
  return k_routes;
}

}  // namespace preloop::api
