#include "api/routes/routes.h"
#include "api/views_json.h"
#include "firewall/replay.h"
#include "firewall/suggest.h"
#include "policy/rule_check.h"
#include "policy/starter.h"

#include <algorithm>
#include <charconv>
#include <memory>

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

/// In the body, or beside a body in YAML.
policy::Prune prune_of(const Call& call) {
  const bool prune = call.yaml ? call.query_parameter("prune") == "true"
                               : call.body()["prune"].as_bool().value_or(false);
  return prune ? policy::Prune::yes : policy::Prune::no;
}

/// `validate` and `diff` ask the same question; one is for those who want yes or no.
Task<Result<Response>> propose(Call& call) {
  const policy::PolicyService& service = call.services.policy;
  // Compiling a large document takes long enough to be in others' way.
  const auto proposal = co_await call.services.offload.run(
      [&service, prune = prune_of(call), yaml = document_of(call).value_or("")] {
        return service.propose(yaml, prune);
      });
  if (!proposal) {
    co_return std::unexpected(proposal.error());
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_changes(writer, proposal->changes, proposal->warnings);
  writer.key("kept").begin_array();
  for (const std::string& name : proposal->kept) {
    writer.string(name);
  }
  writer.end_array().field("base_version", proposal->base).end_object();
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

Response applied_reply(const policy::Applied& applied) {
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("version", applied.version);
  write_changes(writer, applied.changes, applied.warnings);
  writer.end_object();
  return reply_revision(200, applied.version, std::move(out));
}

Task<Result<Response>> apply(Call& call) {
  policy::PolicyService::ApplyOptions options;
  if (call.yaml) {
    PRELOOP_CO_TRY(options.expected_version, call.query_integer("expected_version"));
    options.comment = call.query_parameter("comment").value_or("");
  } else {
    options.expected_version = call.body()["expected_version"].as_int();
    options.comment = call.text("comment");
  }
  options.permit = permit_of(call);
  options.prune = prune_of(call);
  if (const auto number = call.body()["version"].as_int(); number && !call.yaml) {
    PRELOOP_CO_TRY(
        const policy::Applied applied,
        co_await call.services.policy.rollback(call.audit_actor(), *number, std::move(options)));
    co_return applied_reply(applied);
  }
  PRELOOP_CO_TRY(const policy::Applied applied,
                 co_await call.services.policy.apply(
                     call.audit_actor(), document_of(call).value_or(""), std::move(options)));
  co_return applied_reply(applied);
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
    test.key = json["key"].as_string().value_or("");
    test.now = json["now"].as_string().value_or("");
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
  const auto directory = call.directory();
  const identity::Agent* const agent = directory->find_agent(call.services.account, trial.agent);
  if (agent != nullptr && call.services.past_of) {
    PRELOOP_CO_TRY(trial.past, co_await call.services.past_of(agent->id));
  }
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

Task<Result<Response>> rollback(Call& call) {
  const auto number = number_of(call.path_parameter("number"));
  if (!number) {
    co_return fail(Code::not_found, "there is no such policy version");
  }
  policy::PolicyService& service = call.services.policy;
  if (call.body()["preview_only"].as_bool().value_or(false)) {
    PRELOOP_CO_TRY(policy::Version past, co_await service.version(*number));
    const auto proposal =
        co_await call.services.offload.run([&service, yaml = std::move(past.document)] {
          return service.propose(yaml, policy::Prune::yes);
        });
    if (!proposal) {
      co_return std::unexpected(proposal.error());
    }
    co_return applied_reply({proposal->base, proposal->changes, proposal->warnings});
  }
  PRELOOP_CO_TRY(
      const policy::Applied applied,
      co_await service.rollback(call.audit_actor(),
                                *number,
                                {.comment = call.text("comment"),
                                 .expected_version = call.body()["expected_version"].as_int(),
                                 .permit = permit_of(call)}));
  co_return applied_reply(applied);
}

Task<Result<Response>> effective(Call& call) {
  const policy::PolicyService& service = call.services.policy;
  const std::int64_t version = service.in_force()->version.number;
  const policy::EffectivePolicy found = co_await call.services.offload.run(
      [&service,
       agent = std::string(call.query_parameter("agent_name").value_or("")),
       key = std::string(call.query_parameter("key_name").value_or(""))] {
        return service.effective(agent, key);
      });
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object();
  write_views(writer, "items", found.tools);
  writer.key("next_cursor").null().key("allowed_models");
  if (found.allowed_models) {
    writer.begin_array();
    for (const std::string& model : *found.allowed_models) {
      writer.string(model);
    }
    writer.end_array();
  } else {
    writer.null();
  }
  writer.key("defaults")
      .begin_object()
      .field("unknown_tools", to_string(found.defaults.unknown_tools))
      .field("no_match", to_string(found.defaults.no_match))
      .field("new_tools", to_string(found.defaults.new_tools))
      .field("workflow", found.defaults.workflow)
      .end_object();
  writer.field("policy_version", version).end_object();
  co_return reply(200, std::move(out));
}

/// `days` back from now; 30 unless given.
Result<core::WallTime> since_of(const Call& call, std::optional<std::int64_t> days) {
  const std::int64_t back = days.value_or(30);
  if (back < 1 || back > 3650) {
    return fail(Code::invalid_argument, "days must be 1 to 3650", {{"days", "out of range"}});
  }
  return call.now() - core::seconds(back * 24 * 3600);
}

/// Owns what it works on: it goes on when the caller has gone.
Task<core::Status> feed(std::shared_ptr<firewall::Replay> replay,
                        core::Offload& offload,
                        std::vector<firewall::RecordedCall> calls) {
  co_await offload.run([replay, calls = std::move(calls)] { replay->add(calls); });
  co_return core::Status();
}

Task<Result<Response>> replay(Call& call) {
  const policy::PolicyService& service = call.services.policy;
  PRELOOP_CO_TRY(const core::WallTime since, since_of(call, call.body()["days"].as_int()));
  const auto candidate = co_await call.services.offload.run(
      [&service, yaml = document_of(call).value_or("")] { return service.candidate(yaml); });
  if (!candidate) {
    co_return std::unexpected(candidate.error());
  }
  const auto replay =
      std::make_shared<firewall::Replay>(*candidate,
                                         call.services.catalogue.snapshot().latest().value,
                                         call.services.registry.snapshot().latest().value);
  core::Offload& offload = call.services.offload;
  const auto take = [replay, &offload](std::vector<firewall::RecordedCall> calls) {
    return feed(replay, offload, std::move(calls));
  };
  PRELOOP_CO_CHECK(co_await firewall::read_recorded_calls(
      call.services.audit, call.services.account, since, call.now(), take));
  const firewall::ReplayReport report = replay->report();
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("calls", report.calls)
      .field("same", report.same)
      .field("changed", report.changed)
      .field("skipped", report.skipped)
      .field("since", core::to_rfc3339(since))
      .key("items")
      .begin_array();
  for (const firewall::ReplayGroup& group : report.groups) {
    writer.begin_object()
        .field("server", group.server)
        .field("tool", group.tool)
        .field("before", group.before)
        .field("after", group.after)
        .field("why", group.why)
        .field("calls", group.calls)
        .field("agents", group.agents)
        .field("example", group.example)
        .end_object();
  }
  writer.end_array().end_object();
  co_return reply(200, std::move(out));
}

Response document_reply(const std::string& document, std::size_t count) {
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("document", document)
      .field("count", count)
      .end_object();
  return reply(200, std::move(out));
}

Task<Result<Response>> suggest(Call& call) {
  PRELOOP_CO_TRY(const auto days, call.query_integer("days"));
  PRELOOP_CO_TRY(const core::WallTime since, since_of(call, days));
  PRELOOP_CO_TRY(
      const std::vector<firewall::Suggestion> found,
      co_await firewall::suggest(call.services.audit, call.services.account, since, call.now()));
  co_return document_reply(firewall::to_document(found), found.size());
}

Task<Result<Response>> starter(Call& call) {
  const auto catalogue = call.services.catalogue.snapshot().read();
  const auto server = call.query_parameter("server");
  if (server && catalogue->find_server(*server) == nullptr) {
    co_return fail(Code::not_found, "there is no such server");
  }
  std::vector<catalogue::ToolPtr> tools;
  for (const catalogue::ToolPtr& tool : catalogue->tools()) {
    if (!server || tool->server_name == *server) {
      tools.push_back(tool);
    }
  }
  std::string document =
      co_await call.services.offload.run([tools] { return policy::starter_policy(tools); });
  co_return document_reply(document, tools.size());
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
    {"rollback_policy", rollback},
    {"get_effective_policy", effective},
    {"replay_policy", replay},
    {"suggest_policy", suggest},
    {"starter_policy", starter},
};

}  // namespace

std::span<const Route> policy_routes() {
  return k_routes;
}

}  // namespace preloop::api
