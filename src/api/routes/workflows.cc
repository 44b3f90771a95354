#include "api/routes/routes.h"
#include "api/views_json.h"
#include "approvals/escalation.h"
#include "approvals/quorum.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

constexpr std::string_view k_default = "default";

using Texts = std::vector<policy::WorkflowText>;

auto find_in(auto& texts, std::string_view name) {
  return std::ranges::find_if(texts, [&](const auto& text) { return text.name == name; });
}

/// The built-in one and those of the policy, as they are enforced.
Task<Result<Response>> list(Call& call) {
  const auto policy = call.services.policy.in_force()->compiled;
  std::vector<policy::Workflow> out;
  const Texts& texts = policy->document().workflows;
  const auto add = [&](std::string_view name) {
    if (const policy::WorkflowPtr workflow = policy->find_workflow(name)) {
      out.push_back(*workflow);
    }
  };
  if (find_in(texts, k_default) == texts.end()) {
    add(k_default);
  }
  for (const policy::WorkflowText& text : texts) {
    add(text.name);
  }
  co_return reply(200, list_view(out));
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

/// As it is written: teams by their names.
Response respond(const Call& call, std::string_view name) {
  const auto in_force = call.services.policy.in_force();
  const policy::Document& document = in_force->compiled->document();
  const auto found = find_in(document.workflows, name);
  const bool written = found != document.workflows.end();
  policy::WorkflowText text;
  if (written) {
    text = *found;
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("name", name).field("description", text.description);
  write_names(writer, "approvers", text.approvers);
  writer.field("quorum", text.quorum)
      .field("timeout", text.timeout)
      .field("approval_valid_for", text.approval_valid_for)
      .field("require_reason", text.require_reason)
      .field("exclude_agent_owner", text.exclude_agent_owner)
      .key("alternatives")
      .begin_array();
  for (const policy::AlternativeText& other : text.alternatives) {
    writer.begin_object();
    write_names(writer, "approvers", other.approvers);
    writer.field("quorum", other.quorum).field("require_reason", other.require_reason).end_object();
  }
  writer.end_array()
      .field("decline", policy::to_string(text.decline))
      .key("escalation")
      .begin_array();
  for (const policy::EscalationText& level : text.escalation) {
    writer.begin_object().field("after", level.after);
    write_names(writer, "approvers", level.approvers);
    writer.field("timeout", level.timeout).end_object();
  }
  writer.end_array().field("mode", text.async ? "async" : "hold").field("built_in", !written);
  std::vector<std::string> teams;
  teams.reserve(document.teams.size());
  for (const auto& [team, members] : document.teams) {
    teams.push_back(team);
  }
  write_names(writer, "teams", teams);
  writer.field("policy_version", in_force->version.number).end_object();
  return reply_revision(200, in_force->version.number, std::move(out));
}

Task<Result<Response>> get(Call& call) {
  const std::string_view name = call.path_parameter("name");
  if (!call.services.policy.in_force()->compiled->find_workflow(name)) {
    co_return fail(Code::not_found, "there is no such workflow");
  }
  co_return respond(call, name);
}

std::vector<std::string> names_of(core::Json list) {
  std::vector<std::string> out;
  for (const core::JsonNode& node : list.elements()) {
    out.emplace_back(core::Json(&node).as_string().value_or(""));
  }
  return out;
}

int number_of(core::Json json, int fallback) {
  return static_cast<int>(json.as_int().value_or(fallback));
}

/// The contract has checked types and limits. The description stays where none is given.
void read(core::Json body, policy::WorkflowText& out) {
  const policy::WorkflowText defaults;
  if (const auto description = body["description"].as_string()) {
    out.description = *description;
  }
  out.approvers = names_of(body["approvers"]);
  out.quorum = number_of(body["quorum"], defaults.quorum);
  out.timeout = number_of(body["timeout"], defaults.timeout);
  out.approval_valid_for = number_of(body["approval_valid_for"], defaults.approval_valid_for);
  out.require_reason = body["require_reason"].as_bool().value_or(false);
  out.exclude_agent_owner = body["exclude_agent_owner"].as_bool().value_or(false);
  out.async = body["mode"].as_string().value_or("hold") == "async";
  out.alternatives.clear();
  for (const core::JsonNode& node : body["alternatives"].elements()) {
    const core::Json other(&node);
    out.alternatives.push_back(
        {.approvers = names_of(other["approvers"]),
         .quorum = number_of(other["quorum"], 1),
         .require_reason = other["require_reason"].as_bool().value_or(false)});
  }
  out.decline = policy::parse_declining(body["decline"].as_string().value_or("veto"))
                    .value_or(policy::Declining::veto);
  out.escalation.clear();
  for (const core::JsonNode& node : body["escalation"].elements()) {
    const core::Json level(&node);
    out.escalation.push_back({.after = number_of(level["after"], out.timeout),
                              .approvers = names_of(level["approvers"]),
                              .timeout = number_of(level["timeout"], out.timeout)});
  }
}

policy::PolicyService::ApplyOptions options_of(const Call& call) {
  return {.comment = call.text("comment"), .expected_version = call.revision, .permit = {}};
}

/// As people type it into rules.
bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, fits);
}

Task<Result<Response>> set(Call& call) {
  const std::string name(call.path_parameter("name"));
  if (!is_name(name)) {
    co_return fail(Code::invalid_argument,
                   "a workflow's name has 1 to 64 letters, digits, '_', '-' or '.'",
                   {{"name", "has other characters"}});
  }
  policy::PolicyService::Edit edit = [&](policy::Document& document) -> core::Status {
    auto found = find_in(document.workflows, name);
    if (found == document.workflows.end()) {
      policy::WorkflowText text;
      text.name = name;
      document.workflows.push_back(std::move(text));
      found = std::prev(document.workflows.end());
    }
    read(call.body(), *found);
    return {};
  };
  PRELOOP_CO_CHECK(
      co_await call.services.policy.edit(call.audit_actor(), std::move(edit), options_of(call)));
  co_return respond(call, name);
}

Task<Result<Response>> remove(Call& call) {
  const std::string_view name = call.path_parameter("name");
  policy::PolicyService::Edit edit = [&](policy::Document& document) -> core::Status {
    const auto found = find_in(document.workflows, name);
    if (found == document.workflows.end()) {
      return fail(Code::not_found, "the policy has no such workflow");
    }
    document.workflows.erase(found);
    return {};
  };
  PRELOOP_CO_CHECK(
      co_await call.services.policy.edit(call.audit_actor(), std::move(edit), options_of(call)));
  co_return done();
}

/// Who would be asked when, of the people there are now.
Task<Result<Response>> simulate(Call& call) {
  const auto workflow =
      call.services.policy.in_force()->compiled->find_workflow(call.path_parameter("name"));
  if (!workflow) {
    co_return fail(Code::not_found, "there is no such workflow");
  }
  std::vector<approvals::Voter> people;
  for (const identity::Person& person : call.directory()->people()) {
    if (person.account == call.services.account) {
      people.push_back({.person = person.id,
                        .email = person.email,
                        .role = person.role,
                        .active = person.standing == identity::Standing::active});
    }
  }
  approvals::Request request;
  request.verdict.workflows = {workflow};
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (const approvals::ToldStep& step : approvals::told_plan(request)) {
    writer.begin_object()
        .field("kind", step.kind)
        .field("after", step.after.count())
        .field("workflow", step.workflow)
        .field("level", step.level)
        .field("percent", step.percent);
    write_names(writer, "approvers", step.approvers);
    std::vector<std::string> who;
    for (const approvals::Voter& voter : people) {
      if (approvals::is_eligible(*workflow, voter, step.level)) {
        who.push_back(voter.email);
      }
    }
    write_names(writer, "people", who);
    writer.field("reachable", approvals::is_reachable(*workflow, people, step.level)).end_object();
  }
  writer.end_array().optional_field("next_cursor", std::optional<std::string>()).end_object();
  co_return reply(200, std::move(out));
}

constexpr Route k_routes[] = {
    {"list_workflows", list},
    {"get_workflow", get},
    {"set_workflow", set},
    {"remove_workflow", remove},
    {"simulate_workflow", simulate},
};

}  // namespace

std::span<const Route> workflow_routes() {
  return k_routes;
}

}  // namespace preloop::api
