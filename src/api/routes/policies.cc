#include "api/routes/routes.h"
#include "api/views_json.h"
#include "policy/rule_check.h"

#include <algorithm>
#include <charconv>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

/// The document of the body, as YAML or inside JSON; none when there is none.
std::optional<std::string> document_of(const Call& call) {
  return call.yaml ? call.yaml : call.optional_text("document");
}

void write_changes(core::JsonWriter& out,
                   const std::vector<policy::Change>& changes,
                   const std::vector<core::ErrorDetail>& warnings) {
  write_views(out, "changes", changes);
  write_views(out, "warnings", warnings);
  out.field("text", policy::describe(changes));
}

/// `validate` and `diff` ask the same question; one is for those who want yes or no.
Task<Result<Response>> propose(Call& call) {
  const policy::PolicyService& service = call.services.policy;
  // Compiling a large document takes long enough to be in others' way.
  const auto proposal = co_await call.services.offload.run(
      [&service, yaml = document_of(call).value_or("")] { return service.propose(yaml); });
  if (!proposal) {
    co_return std::unexpected(proposal.error());
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_changes(writer, proposal->changes, proposal->warnings);
  writer.field("base_version", proposal->base).end_object();
  co_return reply(200, std::move(out));
}

/// Servers in a document need the right to configure servers, a command that of the machine.
policy::PolicyService::Permit permit_of(const Call& call) {
  return [principal = *call.principal, now = call.now(), allow_stdio = call.services.allow_stdio](
             const std::vector<policy::Change>& changes) -> core::Status {
    for (const policy::Change& change : changes) {
      if (change.section == "servers") {
        PRELOOP_CHECK(identity::authorize(principal, identity::Permission::configure_servers, now));
      }
    }
    if (policy::changes_command(changes)) {
      PRELOOP_CHECK(identity::authorize(principal, identity::Permission::register_command, now));
      if (!allow_stdio) {
        return fail(Code::permission_denied,
                    "commands cannot be registered over REST on this server: it listens beyond "
                    "loopback (--allow-stdio permits it)");
      }
    }
    return {};
  };
}

Task<Result<Response>> apply(Call& call) {
  policy::PolicyService::ApplyOptions options;
  std::string yaml = document_of(call).value_or("");
  if (call.yaml) {
    PRELOOP_CO_TRY(options.expected_version, call.query_integer("expected_version"));
    options.comment = call.query_parameter("comment").value_or("");
  } else {
    options.expected_version = call.body()["expected_version"].as_int();
    options.comment = call.text("comment");
    if (const auto number = call.body()["version"].as_int()) {
      PRELOOP_CO_TRY(policy::Version version, co_await call.services.policy.version(*number));
      yaml = std::move(version.document);
    }
  }
  options.permit = permit_of(call);
  PRELOOP_CO_TRY(
      const policy::Applied applied,
      co_await call.services.policy.apply(call.audit_actor(), std::move(yaml), std::move(options)));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("version", applied.version);
  write_changes(writer, applied.changes, applied.warnings);
  writer.end_object();
  co_return reply_revision(200, applied.version, std::move(out));
}

Task<Result<Response>> export_policy(Call& call) {
  const std::int64_t version = call.services.policy.in_force()->version.number;
  std::string document = call.services.policy.export_document();
  const auto accept = call.request.headers.get("Accept").value_or("");
  if (accept.starts_with("application/json")) {
    std::string out;
    core::JsonWriter writer(out);
    writer.begin_object().field("document", document).field("version", version).end_object();
    co_return reply_revision(200, version, std::move(out));
  }
  Response response = reply_revision(200, version, std::move(document));
  response.headers.set("Content-Type", "application/yaml");
  response.headers.set("Content-Disposition", "attachment; filename=\"policy.yaml\"");
  co_return response;
}

std::vector<policy::TestText> read_tests(core::Json list) {
  std::vector<policy::TestText> tests;
  for (const core::JsonNode& node : list.elements()) {
    const core::Json json(&node);
    policy::TestText test;
    test.tool = json["tool"].as_string().value_or("");
    test.args = json["args"].exists() ? json["args"].dump() : "{}";
    test.agent = json["agent"].as_string().value_or("");
    test.expect = policy::parse_action(json["expect"].as_string().value_or(""))
                      .value_or(policy::Action::deny);
    tests.push_back(std::move(test));
  }
  return tests;
}

Task<Result<Response>> test(Call& call) {
  const policy::PolicyService& service = call.services.policy;
  const auto outcomes = co_await call.services.offload.run(
      [&service, yaml = document_of(call), tests = read_tests(call.body()["tests"])] {
        return service.test(yaml, tests);
      });
  if (!outcomes) {
    co_return std::unexpected(outcomes.error());
  }
  const auto passed = std::ranges::count(*outcomes, true, &policy::TestOutcome::passed);
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("passed", passed);
  writer.field("failed", static_cast<std::int64_t>(outcomes->size()) - passed);
  write_views(writer, "items", *outcomes);
  writer.end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> explain(Call& call) {
  policy::TrialCall trial;
  trial.tool = call.text("tool");
  if (const core::Json args = call.body()["args"]; args.exists()) {
    trial.args = args.dump();
  }
  trial.agent = call.text("agent");
  trial.key = call.text("key");
  const policy::PolicyService& service = call.services.policy;
  const auto results = co_await call.services.offload.run(
      [&service, yaml = document_of(call), trial] { return service.explain(yaml, trial); });
  if (!results) {
    co_return std::unexpected(results.error());
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_views(writer, "items", *results);
  writer.end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> check_condition(Call& call) {
  const auto catalogue = call.services.catalogue.snapshot().latest();
  const auto findings = co_await call.services.offload.run(
      [catalogue, when = call.text("when"), tool = call.text("tool")] {
        return policy::check_text(when, tool, *catalogue);
      });
  if (!findings) {
    co_return std::unexpected(findings.error());
  }
  const auto is_error = [](const policy::ConditionFinding& found) {
    return found.finding.severity == cel::Severity::error;
  };
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("ok", std::ranges::none_of(*findings, is_error));
  writer.key("findings").begin_array();
  for (const policy::ConditionFinding& found : *findings) {
    writer.begin_object().field("severity", is_error(found) ? "error" : "warning");
    writer.field("code", found.finding.code).field("line", found.finding.line);
    writer.field("column", found.finding.column).field("message", found.finding.message);
    writer.field("suggestion", found.finding.suggestion).key("tools").begin_array();
    for (const std::string& tool : found.tools) {
      writer.string(tool);
    }
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
  co_return reply(200, std::move(out));
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = problem == std::errc() && end == text.data() + text.size() && number > 0;
  return whole ? std::optional(number) : std::nullopt;
}

Task<Result<Response>> versions(Call& call) {
  PRELOOP_CO_TRY(const std::size_t limit, call.limit());
  PRELOOP_CO_TRY(const auto place, read_cursor(call));
  PRELOOP_CO_TRY(
      const auto found,
      co_await call.services.policy.versions(place ? number_of(*place) : std::nullopt, limit));
  std::optional<std::string> next;
  if (found.size() == limit) {
    next = make_cursor(call, std::to_string(found.back().number));
  }
  co_return reply(200, list_view(found, next));
}

Task<Result<Response>> version(Call& call) {
  const auto number = number_of(call.path_parameter("number"));
  if (!number) {
    co_return fail(Code::not_found, "there is no such policy version");
  }
  PRELOOP_CO_TRY(const policy::Version found, co_await call.services.policy.version(*number));
  co_return reply(200, view(found));
}

constexpr Route k_routes[] = {
    {"validate_policy", propose},
    {"diff_policy", propose},
    {"apply_policy", apply},
    {"export_policy", export_policy},
    {"test_policy", test},
    {"explain_policy", explain},
    {"check_condition", check_condition},
    {"list_policy_versions", versions},
    {"get_policy_version", version},
};

}  // namespace

std::span<const Route> policy_routes() {
  return k_routes;
}

}  // namespace preloop::api
