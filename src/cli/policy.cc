#include "cli/context.h"
#include "cli/output.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"
#include "policy/compiled.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace preloop::cli {
namespace {

std::string document_body(const std::string& yaml) {
  std::string body;
  core::JsonWriter(body).begin_object().field("document", yaml).end_object();
  return body;
}

/// Everything that can be told without a server: syntax, keys, workflows, conditions.
core::Status check_offline(const std::string& yaml) {
  PRELOOP_TRY(policy::Document document, policy::parse_document(yaml));
  PRELOOP_CHECK(policy::CompiledPolicy::compile(std::move(document)));
  return {};
}

void print_warnings(core::Json answer) {
  for (const core::JsonNode& node : answer["warnings"].elements()) {
    const core::Json item(&node);
    std::fprintf(stderr,
                 "warning: %s: %s\n",
                 std::string(item["path"].as_string().value_or("")).c_str(),
                 std::string(item["message"].as_string().value_or("")).c_str());
  }
}

void validate(Context& context, const std::string& path) {
  const auto yaml = read_file(path);
  if (!yaml) {
    return failed(context, yaml.error());
  }
  if (const core::Status checked = check_offline(*yaml); !checked) {
    return failed(context, checked.error());
  }
  if (!context.token.empty()) {
    RestClient client(context);
    const auto answer = client.send("POST", "/policies/validate", document_body(*yaml));
    if (answer) {
      print_warnings(answer->root());
    } else if (answer.error().code == core::Code::invalid_argument) {
      return failed(context, answer.error());
    } else {
      std::fprintf(
          stderr, "warning: tool names were not checked: %s\n", answer.error().message.c_str());
    }
  }
  print_line(path + " is valid");
}

/// Exit codes of its own: 1 says that there are changes, so every failure is 2.
void diff(Context& context, const std::string& path) {
  const auto yaml = read_file(path);
  if (!yaml) {
    return failed(context, yaml.error().message, k_usage);
  }
  RestClient client(context);
  const auto answer = client.send("POST", "/policies/diff", document_body(*yaml));
  if (!answer) {
    failed(context, answer.error());
    context.exit_code = k_usage;
    return;
  }
  print_warnings(answer->root());
  if (context.output == Output::table) {
    std::fputs(std::string(answer->root()["text"].as_string().value_or("")).c_str(), stdout);
  } else {
    print_object(context, answer->root());
  }
  context.exit_code = answer->root()["changes"].size() > 0 ? 1 : 0;
}

void apply(Context& context, const std::string& path, const std::string& comment) {
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
  writer.end_object();
  RestClient client(context);
  auto answer = client.send("POST", "/policies/apply", body);
  if (!answer) {
    std::string request;
    core::JsonWriter(request)
        .begin_object()
        .field("command", "policy.apply")
        .field("document", *yaml)
        .end_object();
    const auto done = ask_data_dir(context, answer.error(), request);
    if (!done) {
      return failed(context, done.error());
    }
    answer = core::JsonDocument::parse(*done);
  }
  print_warnings(answer->root());
  if (context.output == Output::table) {
    std::fputs(std::string(answer->root()["text"].as_string().value_or("")).c_str(), stdout);
    print_line(
        fmt::format("version {} is in force", answer->root()["version"].as_int().value_or(0)));
  } else {
    print_object(context, answer->root());
  }
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

void test(Context& context, const std::string& path) {
  std::string body = "{}";
  if (!path.empty()) {
    const auto yaml = read_file(path);
    if (!yaml) {
      return failed(context, yaml.error());
    }
    body = document_body(*yaml);
  }
  RestClient client(context);
  const auto answer = client.send("POST", "/policies/test", body);
  if (!answer) {
    return failed(context, answer.error());
  }
  print_list(context,
             answer->root(),
             {{"PASSED", "passed"},
              {"TOOL", "tool"},
              {"ARGUMENTS", "args"},
              {"EXPECTED", "expect"},
              {"ACTUAL", "actual"},
              {"WHY", "message"}});
  if (answer->root()["failed"].as_int().value_or(1) > 0) {
    context.exit_code = k_refused;
  }
}

}  // namespace

void add_policy(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("policy", "Rules as a file");
  noun->require_subcommand(1);
  const auto path = std::make_shared<std::string>();
  const auto comment = std::make_shared<std::string>();

  CLI::App* const check = noun->add_subcommand("validate", "Check a file; needs no server");
  check->add_option("FILE", *path, "Policy, or - for standard input")->required();
  check->callback([&context, path] { validate(context, *path); });

  CLI::App* const compare =
      noun->add_subcommand("diff", "What apply would change: 0 nothing, 1 something");
  compare->add_option("FILE", *path, "Policy, or -")->required();
  compare->callback([&context, path] { diff(context, *path); });

  CLI::App* const put = noun->add_subcommand("apply", "Put a file in force");
  put->add_option("FILE", *path, "Policy, or -")->required();
  put->add_option("--comment", *comment, "For the record");
  put->callback([&context, path, comment] { apply(context, *path, *comment); });

  CLI::App* const get = noun->add_subcommand("export", "What is in force, as a file");
  const auto target = std::make_shared<std::string>("-");
  get->add_option("FILE", *target, "Where to; - is standard output")->capture_default_str();
  get->callback([&context, target] { export_policy(context, *target); });

  CLI::App* const trial =
      noun->add_subcommand("test", "Run the tests of a file, or of what is in force");
  trial->add_option("FILE", *path, "Policy, or -");
  trial->callback([&context, path] { test(context, *path); });
}

}  // namespace preloop::cli
