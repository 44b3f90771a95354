#include "api/routes/routes.h"
#include "api/views_json.h"
#include "policy/patterns.h"

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
  bool bare_name_is_own = true;  ///< no other server has a tool of this name

  bool owns(const policy::RuleText& rule) const {
    return rule.tool == qualified() || (bare_name_is_own && rule.tool == tool->name);
  }
  std::string qualified() const { return tool->server_name + "/" + tool->name; }
};

Result<Subject> find(const Call& call) {
  PRELOOP_TRY(const auto id, call.id<core::ToolId>());
  const auto catalogue = call.services.catalogue.snapshot().read();
  Subject subject;
  for (const catalogue::ToolPtr& tool : catalogue->tools()) {
    if (tool->id == id) {
      subject.tool = tool;
    }
  }
  if (!subject.tool) {
    return fail(Code::not_found, "there is no such tool");
  }
  subject.bare_name_is_own =
      std::ranges::none_of(catalogue->tools(), [&](const catalogue::ToolPtr& tool) {
        return tool->id != id && tool->name == subject.tool->name;
      });
  return subject;
}

bool speaks_about(const policy::RuleText& rule, const catalogue::Tool& tool) {
  const auto pattern = policy::ToolPattern::parse(rule.tool);
  return pattern && pattern->matches(tool.server_name, tool.name);
}

void write_scoped(core::JsonWriter& writer,
                  const Subject& subject,
                  policy::Scope scope,
                  const policy::ScopeTexts& scopes) {
  for (const auto& [name, one] : scopes) {
    const auto& rules = one.rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (speaks_about(rules[i], *subject.tool)) {
        write_view(writer, AccessRuleView{i + 1, rules[i], false, scope, name});
      }
    }
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
    if (speaks_about(rules[i], *subject.tool)) {
      write_view(
          writer,
          AccessRuleView{i + 1, rules[i], subject.owns(rules[i]), policy::Scope::account, ""});
    }
  }
  writer.end_array().key("scoped").begin_array();
  write_scoped(writer, subject, policy::Scope::agent, document.agents);
  write_scoped(writer, subject, policy::Scope::key, document.keys);
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
    rule.tool = subject.qualified();
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

/// Examples stand in the document beside their rule; a rule that is still there keeps them.
void keep_tests(std::vector<policy::RuleText>& rules,
                const policy::Document& document,
                const Subject& subject) {
  for (policy::RuleText& rule : rules) {
    const auto same = [&](const policy::RuleText& old) {
      return subject.owns(old) && old.when == rule.when && old.action == rule.action &&
             old.observes == rule.observes;
    };
    const auto old = std::ranges::find_if(document.rules, same);
    if (old != document.rules.end()) {
      rule.tests = old->tests;
    }
  }
}

/// Where the first of the old ones stood; without one, before the first `*` that would win.
void replace(policy::Document& document,
             const Subject& subject,
             std::vector<policy::RuleText> rules) {
  keep_tests(rules, document, subject);
  auto& all = document.rules;
  auto at = std::ranges::find_if(all, [&](const auto& rule) { return subject.owns(rule); });
  if (at == all.end()) {
    at = std::ranges::find_if(all,
                              [&](const auto& rule) { return speaks_about(rule, *subject.tool); });
  }
  const auto index = at - all.begin();
  std::vector<policy::RuleText> next(all.begin(), at);
  next.insert(next.end(), rules.begin(), rules.end());
  for (auto rest = all.begin() + index; rest != all.end(); ++rest) {
    if (!subject.owns(*rest)) {
      next.push_back(*rest);
    }
  }
  all = std::move(next);
}

Task<Result<Response>> set(Call& call) {
  PRELOOP_CO_TRY(const Subject subject, find(call));
  const auto rules = read_rules(call, subject);
  for (const policy::RuleText& rule : rules) {
    if (!rule.workflow.empty() && rule.action != policy::Action::require_approval) {
      co_return fail(Code::invalid_argument,
                     "a workflow belongs to require_approval rules only",
                     {{"/rules", "workflow without require_approval"}});
    }
    if (rule.justification != policy::Justification::none &&
        (rule.observes || rule.action == policy::Action::deny)) {
      co_return fail(Code::invalid_argument,
                     "a justification belongs to allow and require_approval rules only",
                     {{"/rules", "justification of a rule that lets nothing through"}});
    }
  }
  policy::PolicyService::Edit edit = [&](policy::Document& document) -> core::Status {
    replace(document, subject, rules);
    return {};
  };
  PRELOOP_CO_TRY(
      const policy::Applied applied,
      co_await call.services.policy.edit(
          call.audit_actor(),
          std::move(edit),
          {.comment = call.text("comment"), .expected_version = call.revision, .permit = {}}));
  co_return respond(call, subject, applied.warnings);
}

constexpr Route k_routes[] = {
    {"get_access_rules", get},
    {"set_access_rules", set},
};

}  // namespace

std::span<const Route> access_rule_routes() {
  return k_routes;
}

}  // namespace preloop::api
