#include "catalogue/catalogue.h"
#include "cli/context.h"
#include "cli/output.h"
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

std::string document_body(const std::string& yaml, bool prune = false) {
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("document", yaml);
  if (prune) {
    writer.field("prune", true);
  }
  writer.end_object();
  return body;
}

/// `3:6` of a document is `policy.yaml:3:6` to whoever has the file open.
std::string in_file(const std::string& path, std::string_view place) {
  const bool is_place = !place.empty() && place.front() >= '0' && place.front() <= '9';
  return is_place ? fmt::format("{}:{}", path, place) : std::string(place);
}

/// The same for an error about the document.
core::Error in_file(const std::string& path, core::Error error) {
  error.message = in_file(path, error.message);
  for (core::ErrorDetail& detail : error.details) {
    detail.path = in_file(path, detail.path);
  }
  return error;
}

/// Everything that can be told without a server: syntax, keys, workflows, conditions. What was
/// remarked is for who asks.
core::Result<std::vector<core::ErrorDetail>> check_offline(const std::string& yaml) {
  PRELOOP_TRY(policy::Document document, policy::parse_document(yaml));
  std::vector<core::ErrorDetail> remarks = document.remarks.list;
  PRELOOP_CHECK(
      policy::CompiledPolicy::compile(std::move(document), policy::CompiledPolicy::Teams::assumed));
  return remarks;
}

void print_warning(const std::string& file, std::string_view path, std::string_view message) {
  std::fprintf(
      stderr, "warning: %s: %s\n", in_file(file, path).c_str(), std::string(message).c_str());
}

void print_warnings(const std::string& file, core::Json answer) {
  for (const core::JsonNode& node : answer["warnings"].elements()) {
    const core::Json item(&node);
    print_warning(
        file, item["path"].as_string().value_or(""), item["message"].as_string().value_or(""));
  }
}

void validate(Context& context, const std::string& path) {
  const auto yaml = read_file(path);
  if (!yaml) {
    return failed(context, yaml.error());
  }
  const auto checked = check_offline(*yaml);
  if (!checked) {
    return failed(context, in_file(path, checked.error()));
  }
  bool told = false;
  if (!context.token.empty()) {
    RestClient client(context);
    const auto answer = client.send("POST", "/policies/validate", document_body(*yaml));
    if (answer) {
      print_warnings(path, answer->root());
      told = true;
    } else if (answer.error().code == core::Code::invalid_argument) {
      return failed(context, in_file(path, answer.error()));
    } else {
      std::fprintf(
          stderr, "warning: tool names were not checked: %s\n", answer.error().message.c_str());
    }
  }
  for (const core::ErrorDetail& remark : *checked) {
    if (!told) {
      print_warning(path, remark.path, remark.message);
    }
  }
  print_line(path + " is valid");
}

void print_plan(core::Json answer) {
  std::fputs(std::string(answer["text"].as_string().value_or("")).c_str(), stdout);
  for (const core::JsonNode& node : answer["kept"].elements()) {
    std::fprintf(stdout,
                 "= %s: not in the file, stays (--prune removes it)\n",
                 std::string(core::Json(&node).as_string().value_or("")).c_str());
  }
}

/// Exit codes of its own: 1 says that there are changes, so every failure is 2.
void diff(Context& context, const std::string& path, bool prune) {
  const auto yaml = read_file(path);
  if (!yaml) {
    return failed(context, yaml.error().message, k_usage);
  }
  RestClient client(context);
  const auto answer = client.send("POST", "/policies/diff", document_body(*yaml, prune));
  if (!answer) {
    failed(context, in_file(path, answer.error()));
    context.exit_code = k_usage;
    return;
  }
  print_warnings(path, answer->root());
  if (context.output == Output::table) {
    print_plan(answer->root());
  } else {
    print_object(context, answer->root());
  }
  context.exit_code = answer->root()["changes"].size() > 0 ? 1 : 0;
}

void print_applied(const Context& context, core::Json answer) {
  if (context.output == Output::table) {
    std::fputs(std::string(answer["text"].as_string().value_or("")).c_str(), stdout);
    print_line(fmt::format("version {} is in force", answer["version"].as_int().value_or(0)));
  } else {
    print_object(context, answer);
  }
}

void apply(Context& context, const std::string& path, const std::string& comment, bool prune) {
  const auto yaml = read_file(path);
  if (!yaml) {
    return failed(context, yaml.error());
  }
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("document", *yaml);
  if (!comment.empty()) {
    writer.field("comment", comment);
  }
  writer.field("prune", prune).end_object();
  RestClient client(context);
  auto answer = client.send("POST", "/policies/apply", body);
  if (!answer) {
    std::string request;
    core::JsonWriter(request)
        .begin_object()
        .field("command", "policy.apply")
        .field("document", *yaml)
        .field("prune", prune)
        .end_object();
    const auto done = ask_data_dir(context, answer.error(), request);
    if (!done) {
      return failed(context, in_file(path, done.error()));
    }
    answer = core::JsonDocument::parse(*done);
  }
  print_warnings(path, answer->root());
  print_applied(context, answer->root());
}

void versions(Context& context) {
  RestClient client(context);
  const auto answer = client.get("/policies/versions?limit=200");
  if (!answer) {
    return failed(context, answer.error());
  }
  print_list(context,
             answer->root(),
             {{"VERSION", "number"},
              {"APPLIED", "created_at"},
              {"BY", "actor"},
              {"COMMENT", "comment"},
              {"HASH", "hash"}});
}

void rollback(Context& context, std::int64_t number, const std::string& comment, bool preview) {
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("preview_only", preview);
  if (!comment.empty()) {
    writer.field("comment", comment);
  }
  writer.end_object();
  RestClient client(context);
  const auto answer =
      client.send("POST", fmt::format("/policies/versions/{}/rollback", number), body);
  if (!answer) {
    return failed(context, answer.error());
  }
  print_warnings("policy", answer->root());
  print_applied(context, answer->root());
}

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

void export_policy(Context& context, const std::string& path) {
  RestClient client(context);
  const auto answer = client.get("/policies/export");
  if (!answer) {
    return failed(context, answer.error());
  }
  const std::string text(answer->root()["document"].as_string().value_or(""));
  std::FILE* const out = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  if (out == nullptr || std::fwrite(text.data(), 1, text.size(), out) != text.size()) {
    failed(context, "cannot write " + path);
  }
  if (out != nullptr && out != stdout && std::fclose(out) != 0) {
    failed(context, "cannot write " + path);
  }
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

void add_policy(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("policy", "Rules as a file");
  noun->require_subcommand(1);
  const auto path = std::make_shared<std::string>();
  const auto comment = std::make_shared<std::string>();
  const auto prune = std::make_shared<bool>(false);

  CLI::App* const check = noun->add_subcommand("validate", "Check a file; needs no server");
  check->add_option("FILE", *path, "Policy, or - for standard input")->required();
  check->callback([&context, path] { validate(context, *path); });

  CLI::App* const compare =
      noun->add_subcommand("diff", "What apply would change: 0 nothing, 1 something");
  compare->add_option("FILE", *path, "Policy, or -")->required();
  compare->add_flag("--prune", *prune, "Objects the file does not name would go");
  compare->callback([&context, path, prune] { diff(context, *path, *prune); });

  CLI::App* const put = noun->add_subcommand("apply", "Put a file in force");
  put->add_option("FILE", *path, "Policy, or -")->required();
  put->add_option("--comment", *comment, "For the record");
  put->add_flag("--prune", *prune, "Objects the file does not name go");
  put->callback([&context, path, comment, prune] { apply(context, *path, *comment, *prune); });

  CLI::App* const get = noun->add_subcommand("export", "What is in force, as a file");
  const auto target = std::make_shared<std::string>("-");
  get->add_option("FILE", *target, "Where to; - is standard output")->capture_default_str();
  get->callback([&context, target] { export_policy(context, *target); });

  CLI::App* const history = noun->add_subcommand("versions", "Every policy there was");
  history->callback([&context] { versions(context); });

  CLI::App* const back = noun->add_subcommand("rollback", "Put an earlier version in force again");
  const auto number = std::make_shared<std::int64_t>(0);
  const auto preview = std::make_shared<bool>(false);
  back->add_option("VERSION", *number, "As `preloop policy versions` lists it")->required();
  back->add_option("--comment", *comment, "For the record");
  back->add_flag("--preview", *preview, "Only show what it would change");
  back->callback(
      [&context, number, comment, preview] { rollback(context, *number, *comment, *preview); });

  CLI::App* const trial =
      noun->add_subcommand("test", "Run the tests of a file, or of what is in force");
  trial->add_option("FILE", *path, "Policy, or -");
  const auto offline = std::make_shared<bool>(false);
  trial->add_flag("--offline", *offline, "Without a server: by the names of tools alone");
  trial->callback([&context, path, offline] { test(context, *path, *offline); });

  const auto since = std::make_shared<std::string>("30d");
  CLI::App* const past = noun->add_subcommand("replay", "What a file would have decided otherwise");
  past->add_option("FILE", *path, "Policy, or -")->required();
  past->add_option("--since", *since, "How far back: 30d, 12h")->capture_default_str();
  past->callback([&context, path, since] { replay(context, *path, *since); });

  CLI::App* const proposed =
      noun->add_subcommand("suggest", "Rules that the record speaks for, to be reviewed");
  proposed->add_option("--since", *since, "How far back: 30d, 12h")->capture_default_str();
  proposed->callback([&context, since] { suggest(context, *since); });

  CLI::App* const start =
      noun->add_subcommand("starter", "Rules to begin with, from what tools say of themselves");
  const auto server = std::make_shared<std::string>();
  start->add_option("SERVER", *server, "Only the tools of this server");
  start->callback([&context, server] {
    print_proposal(context,
                   server->empty() ? "/policies/starter"
                                   : "/policies/starter?server=" + net::percent_encode(*server));
  });

  CLI::App* const why = noun->add_subcommand(
      "explain", "What happens to a call and why; without a tool: to a caller");
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
