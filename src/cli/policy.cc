#include "cli/context.h"
#include "cli/output.h"
#include "cli/policy_file.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"
#include "policy/compiled.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace preloop::cli {
namespace {

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

  add_policy_trials(*noun, context);
}

}  // namespace preloop::cli
