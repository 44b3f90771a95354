#include "catalogue/catalogue.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/policy_file.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"
#include "identity/directory.h"
#include "net/url.h"
#include "policy/compiled.h"
#include "policy/trial.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <memory>

namespace preloop::cli {
namespace {

/// `bank/pay: deny` and every rule that had something to say.
void print_explanation(core::Json item) {
  const auto text = [](core::Json json, std::string_view name) {
    return std::string(json[name].as_string().value_or(""));
  };
  const std::string server = text(item, "server");
  print_line(fmt::format("{}{}{}: {} ({}{}{})",
                         server,
                         server.empty() ? "" : "/",
                         text(item, "tool"),
                         text(item, "action"),
                         text(item, "cause"),
                         item["message"].as_string().value_or("").empty() ? "" : ": ",
                         text(item, "message")));
  for (const core::JsonNode& node : item["steps"].elements()) {
    const core::Json step(&node);
    const core::Json rule = step["rule"];
    std::string line =
        fmt::format("  {} {}{}rule {} ({}): {}: {}",
                    text(step, "result") == "matched" ? "*" : " ",
                    text(rule, "scope"),
                    text(rule, "scope_name").empty() ? " " : " " + text(rule, "scope_name") + " ",
                    rule["position"].as_int().value_or(0),
                    text(rule, "tool"),
                    text(step, "action"),
                    text(step, "result"));
    if (const std::string when = text(rule, "when"); !when.empty()) {
      line += " when " + when;
    }
    for (const core::JsonNode& read : step["values"].elements()) {
      const core::Json value(&read);
      line += fmt::format("; {} = {}", text(value, "path"), text(value, "value"));
    }
    if (const std::string error = text(rule, "error"); !error.empty()) {
      line += "; " + error;
    }
    print_line(line);
  }
}

struct Question {
  std::string agent, key, tool, args = "{}", file;
};

void explain_call(Context& context, const Question& question) {
  const auto args = core::JsonDocument::parse(question.args);
  if (!args || !args->root().is_object()) {
    return failed(context, "--args must be a JSON object", k_usage);
  }
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("tool", question.tool).key("args").raw(question.args);
  writer.field("agent", question.agent).field("key", question.key);
  if (!question.file.empty()) {
    const auto yaml = read_file(question.file);
    if (!yaml) {
      return failed(context, yaml.error());
    }
    writer.field("document", *yaml);
  }
  writer.end_object();
  RestClient client(context);
  const auto answer = client.send("POST", "/policies/explain", body);
  if (!answer) {
    return failed(context, in_file(question.file, answer.error()));
  }
  if (context.output != Output::table) {
    return print_object(context, answer->root());
  }
  for (const core::JsonNode& node : answer->root()["items"].elements()) {
    print_explanation(core::Json(&node));
  }
}

/// Without a tool: everything that holds the caller.
void explain_caller(Context& context, const Question& question) {
  RestClient client(context);
  const auto answer = client.get(fmt::format("/policies/effective?agent_name={}&key_name={}",
                                             net::percent_encode(question.agent),
                                             net::percent_encode(question.key)));
  if (!answer) {
    return failed(context, answer.error());
  }
  print_list(context,
             answer->root(),
             {{"SERVER", "server"},
              {"TOOL", "tool"},
              {"LISTED", "listed"},
              {"OUTCOME", "outcome"},
              {"JUSTIFICATION", "justification"}});
}

/// Without a server: no tool and no agent is known, names decide alone.
core::Result<std::vector<policy::TestOutcome>> test_offline(const std::string& yaml) {
  PRELOOP_TRY(policy::Document document, policy::parse_document(yaml));
  const auto tests = policy::all_tests(document);
  PRELOOP_TRY(
      const auto compiled,
      policy::CompiledPolicy::compile(std::move(document), policy::CompiledPolicy::Teams::assumed));
  const catalogue::Catalogue no_tools;
  const identity::Directory nobody;
  return policy::run_tests(
      {*compiled, no_tools, nobody, core::AccountId(), core::SystemClock().wall()}, tests);
}

void print_outcomes(Context& context, core::Json report) {
  print_list(context,
             report,
             {{"PASSED", "passed"},
              {"TOOL", "tool"},
              {"ARGUMENTS", "args"},
              {"EXPECTED", "expect"},
              {"ACTUAL", "actual"},
              {"WHY", "message"}});
  if (report["failed"].as_int().value_or(1) > 0) {
    context.exit_code = k_refused;
  }
}

void test_file_offline(Context& context, const std::string& path, const std::string& yaml) {
  const auto outcomes = test_offline(yaml);
  if (!outcomes) {
    return failed(context, in_file(path, outcomes.error()));
  }
  std::string out;
  core::JsonWriter writer(out);
  std::int64_t passed = 0;
  writer.begin_object().key("items").begin_array();
  for (const policy::TestOutcome& outcome : *outcomes) {
    passed += outcome.passed ? 1 : 0;
    writer.begin_object()
        .field("passed", outcome.passed)
        .field("tool", outcome.test.tool)
        .key("args")
        .raw(outcome.test.args)
        .field("agent", outcome.test.agent)
        .field("expect", policy::to_string(outcome.test.expect))
        .field("actual", policy::to_string(outcome.actual))
        .field("message", outcome.message)
        .end_object();
  }
  writer.end_array()
      .field("passed", passed)
      .field("failed", static_cast<std::int64_t>(outcomes->size()) - passed)
      .end_object();
  print_outcomes(context, core::JsonDocument::parse(out)->root());
}

void test(Context& context, const std::string& path, bool offline) {
  std::string body = "{}";
  if (!path.empty()) {
    const auto yaml = read_file(path);
    if (!yaml) {
      return failed(context, yaml.error());
    }
    if (offline || context.token.empty()) {
      return test_file_offline(context, path, *yaml);
    }
    body = document_body(*yaml);
  }
  RestClient client(context);
  const auto answer = client.send("POST", "/policies/test", body);
  if (!answer) {
    return failed(context, in_file(path, answer.error()));
  }
  print_outcomes(context, answer->root());
}

/// "30d", "12h" is less than a day and rounds up.
core::Result<std::int64_t> days_of(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (problem != std::errc() || number < 1 || (unit != "d" && unit != "h")) {
    return core::fail(core::Code::invalid_argument, "--since is a number of days or hours: 30d");
  }
  return unit == "d" ? number : (number + 23) / 24;
}

void replay(Context& context, const std::string& path, const std::string& since) {
  const auto yaml = read_file(path);
  if (!yaml) {
    return failed(context, yaml.error());
  }
  const auto days = days_of(since);
  if (!days) {
    return failed(context, days.error().message, k_usage);
  }
  std::string body;
  core::JsonWriter(body).begin_object().field("document", *yaml).field("days", *days).end_object();
  RestClient client(context);
  const auto answer = client.send("POST", "/policies/replay", body);
  if (!answer) {
    return failed(context, in_file(path, answer.error()));
  }
  if (context.output != Output::table) {
    return print_object(context, answer->root());
  }
  const core::Json report = answer->root();
  print_list(context,
             report,
             {{"CALLS", "calls"},
              {"SERVER", "server"},
              {"TOOL", "tool"},
              {"WAS", "before"},
              {"WOULD BE", "after"},
              {"BY", "why"},
              {"EXAMPLE", "example"}});
  print_line(fmt::format("{} calls: {} as before, {} otherwise; {} skipped (arguments not kept)",
                         report["calls"].as_int().value_or(0),
                         report["same"].as_int().value_or(0),
                         report["changed"].as_int().value_or(0),
                         report["skipped"].as_int().value_or(0)));
}

/// A document somebody proposes: printed, never applied.
void print_proposal(Context& context, const std::string& path) {
  RestClient client(context);
  const auto answer = client.get(path);
  if (!answer) {
    return failed(context, answer.error());
  }
  if (context.output != Output::table) {
    return print_object(context, answer->root());
  }
  std::fputs(std::string(answer->root()["document"].as_string().value_or("")).c_str(), stdout);
}

void suggest(Context& context, const std::string& since) {
  const auto days = days_of(since);
  if (!days) {
    return failed(context, days.error().message, k_usage);
  }
  print_proposal(context, fmt::format("/policies/suggest?days={}", *days));
}

}  // namespace

void add_policy_trials(CLI::App& noun, Context& context) {
  const auto path = std::make_shared<std::string>();

  CLI::App* const trial =
      noun.add_subcommand("test", "Run the tests of a file, or of what is in force");
  trial->add_option("FILE", *path, "Policy, or -");
  const auto offline = std::make_shared<bool>(false);
  trial->add_flag("--offline", *offline, "Without a server: by the names of tools alone");
  trial->callback([&context, path, offline] { test(context, *path, *offline); });

  const auto since = std::make_shared<std::string>("30d");
  CLI::App* const past = noun.add_subcommand("replay", "What a file would have decided otherwise");
  past->add_option("FILE", *path, "Policy, or -")->required();
  past->add_option("--since", *since, "How far back: 30d, 12h")->capture_default_str();
  past->callback([&context, path, since] { replay(context, *path, *since); });

  CLI::App* const proposed =
      noun.add_subcommand("suggest", "Rules that the record speaks for, to be reviewed");
  proposed->add_option("--since", *since, "How far back: 30d, 12h")->capture_default_str();
  proposed->callback([&context, since] { suggest(context, *since); });

  CLI::App* const start =
      noun.add_subcommand("starter", "Rules to begin with, from what tools say of themselves");
  const auto server = std::make_shared<std::string>();
  start->add_option("SERVER", *server, "Only the tools of this server");
  start->callback([&context, server] {
    print_proposal(context,
                   server->empty() ? "/policies/starter"
                                   : "/policies/starter?server=" + net::percent_encode(*server));
  });

  CLI::App* const why =
      noun.add_subcommand("explain", "What happens to a call and why; without a tool: to a caller");
  const auto question = std::make_shared<Question>();
  why->add_option("FILE", question->file, "Against this policy instead of the one in force");
  why->add_option("--agent", question->agent, "The agent that calls");
  why->add_option("--key", question->key, "The key it calls with");
  why->add_option("--tool", question->tool, "server__tool, server/tool or the bare name");
  why->add_option("--args", question->args, "The arguments as JSON")->capture_default_str();
  why->callback([&context, question] {
    question->tool.empty() ? explain_caller(context, *question) : explain_call(context, *question);
  });
}

}  // namespace preloop::cli
