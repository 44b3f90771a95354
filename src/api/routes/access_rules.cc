#include "api/routes/routes.h"
#include "api/views_json.h"
#include "policy/tool_rules.h"

#include <algorithm>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

/// The tool of the path, and what rules of its own are called.
struct Subject {
  catalogue::ToolPtr tool;
  policy::ToolSubject names;
};

Result<Subject> find(const Call& call) {
  PRELOOP_TRY(const auto id, call.id<core::ToolId>());
  const auto catalogue = call.services.catalogue.snapshot().read();
  const auto found = std::ranges::find_if(
      catalogue->tools(), [&](const catalogue::ToolPtr& tool) { return tool->id == id; });
  if (found == catalogue->tools().end()) {
    return fail(Code::not_found, "there is no such tool");
  }
  const catalogue::Tool& tool = **found;
  const bool is_only = std::ranges::none_of(
      catalogue->tools(),
      [&](const catalogue::ToolPtr& other) { return other->id != id && other->name == tool.name; });
  return Subject{*found,
                 {.server = tool.server_name, .name = tool.name, .bare_name_is_own = is_only}};
}

void write_scoped(core::JsonWriter& writer,
                  const Subject& subject,
                  policy::Scope scope,
                  const policy::ScopeTexts& scopes) {
  for (const auto& [name, one] : scopes) {
    const auto& rules = one.rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (subject.names.is_named_by(rules[i].tool)) {
        write_view(writer,
                   AccessRuleView{i + 1, rules[i], subject.names.owns(rules[i].tool), scope, name});
      }
    }
  }
}

void write_off(core::JsonWriter& writer,
               const Subject& subject,
               policy::Scope scope,
               const policy::ScopeTexts& scopes) {
  for (const std::string& name : policy::switched_off_for(scopes, subject.names)) {
    writer.begin_object()
        .field("scope", policy::to_string(scope))
        .field("scope_name", name)
        .end_object();
  }
}

Response respond(const Call& call,
                 const Subject& subject,
                 const std::vector<core::ErrorDetail>& warnings) {
  const auto in_force = call.services.policy.in_force();
  const policy::Document& document = in_force->compiled->document();
  const auto& rules = document.rules;
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (subject.names.is_named_by(rules[i].tool)) {
      write_view(
          writer,
          AccessRuleView{
              i + 1, rules[i], subject.names.owns(rules[i].tool), policy::Scope::account, ""});
    }
  }
  writer.end_array().key("scoped").begin_array();
  write_scoped(writer, subject, policy::Scope::agent, document.agents);
  write_scoped(writer, subject, policy::Scope::key, document.keys);
  writer.end_array().key("off_for").begin_array();
  write_off(writer, subject, policy::Scope::agent, document.agents);
  write_off(writer, subject, policy::Scope::key, document.keys);
  writer.end_array()
      .key("defaults")
      .begin_object()
      .field("unknown_tools", to_string(document.defaults.unknown_tools))
      .field("no_match", to_string(document.defaults.no_match))
      .field("new_tools", to_string(document.defaults.new_tools))
      .field("workflow", document.defaults.workflow)
      .end_object();
  writer.key("next_cursor").null();
  writer.field("policy_version", in_force->version.number);
  write_views(writer, "warnings", warnings);
  writer.end_object();
  return reply_revision(200, in_force->version.number, std::move(out));
}

Task<Result<Response>> get(Call& call) {
  PRELOOP_CO_TRY(const Subject subject, find(call));
  co_return respond(call, subject, {});
}

std::vector<policy::RuleText> read_rules(const Call& call, const Subject& subject) {
  std::vector<policy::RuleText> rules;
  for (const core::JsonNode& node : call.body()["rules"].elements()) {
    const core::Json json(&node);
    const auto text = [&](std::string_view name) {
      return std::string(json[name].as_string().value_or(""));
    };
    policy::RuleText rule;
    rule.tool = subject.names.qualified();
    rule.when = text("when");
    for (const core::JsonNode& tag : json["tagged"].elements()) {
      rule.tagged.emplace_back(core::Json(&tag).as_string().value_or(""));
    }
    rule.observes = text("action") == "observe";
    rule.action = rule.observes
                      ? policy::Action::allow
                      : policy::parse_action(text("action")).value_or(policy::Action::deny);
    const std::string justification = text("justification");
    rule.justification = justification == "required"   ? policy::Justification::required
                         : justification == "optional" ? policy::Justification::optional
                                                       : policy::Justification::none;
    rule.workflow = text("workflow");
    rule.message = text("message");
    rule.description = text("description");
    rule.enabled = json["enabled"].as_bool().value_or(true);
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// What the body says, as far as the contract does not check it.
Result<policy::ToolRules> read_body(const Call& call, const Subject& subject) {
  policy::ToolRules out;
  const std::string scope = call.text("scope");
  out.scope = scope == "agent" ? policy::Scope::agent
              : scope == "key" ? policy::Scope::key
                               : policy::Scope::account;
  out.scope_name = call.text("scope_name");
  out.enabled = call.body()["enabled"].as_bool();
  out.rules = read_rules(call, subject);
  for (const policy::RuleText& rule : out.rules) {
    if (!rule.workflow.empty() && rule.action != policy::Action::require_approval) {
      return fail(Code::invalid_argument,
                  "a workflow belongs to require_approval rules only",
                  {{"/rules", "workflow without require_approval"}});
    }
    if (rule.justification != policy::Justification::none &&
        (rule.observes || rule.action == policy::Action::deny)) {
      return fail(Code::invalid_argument,
                  "a justification belongs to allow and require_approval rules only",
                  {{"/rules", "justification of a rule that lets nothing through"}});
    }
  }
  return out;
}

Task<Result<Response>> set(Call& call) {
  PRELOOP_CO_TRY(const Subject subject, find(call));
  PRELOOP_CO_TRY(const policy::ToolRules next, read_body(call, subject));
  policy::PolicyService::Edit edit = [&](policy::Document& document) {
    return policy::set_tool_rules(document, subject.names, next);
  };
  PRELOOP_CO_TRY(
      const policy::Applied applied,
      co_await call.services.policy.edit(
          call.audit_actor(),
          std::move(edit),
          {.comment = call.text("comment"), .expected_version = call.revision, .permit = {}}));
  co_return respond(call, subject, applied.warnings);
}

/// The policy as it would be, for trying it out before anything changes.
Task<Result<Response>> draft(Call& call) {
  PRELOOP_CO_TRY(const Subject subject, find(call));
  PRELOOP_CO_TRY(policy::ToolRules next, read_body(call, subject));
  const auto in_force = call.services.policy.in_force();
  const auto text = co_await call.services.offload.run(
      [in_force, names = subject.names, next = std::move(next)]() mutable -> Result<std::string> {
        policy::Document document = in_force->compiled->document();
        PRELOOP_CHECK(policy::set_tool_rules(document, names, std::move(next)));
        return policy::write_document(document);
      });
  if (!text) {
    co_return std::unexpected(text.error());
  }
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("document", *text)
      .field("version", in_force->version.number)
      .end_object();
  co_return reply(200, std::move(out));
}

constexpr Route k_routes[] = {
    {"get_access_rules", get},
    {"set_access_rules", set},
    {"draft_access_rules", draft},
};

}  // namespace

std::span<const Route> access_rule_routes() {
  return k_routes;
}

}  // namespace preloop::api
