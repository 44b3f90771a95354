#include "app/client_file.h"
#include "cli/context.h"
#include "core/text.h"
#include "mcp/example_server.h"
#include "net/child_process.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace preloop::cli;

/// Flag, environment, client file, default: in this order.
void fill_endpoint(Context& context) {
  const auto file =
      preloop::app::read_client_file(preloop::app::client_file_path(environment("HOME")));
  if (!file) {
    failed(context, file.error());
    throw CLI::RuntimeError(k_refused);
  }
  const std::string url = environment("PRELOOP_URL"), token = environment("PRELOOP_TOKEN");
  const bool same_server = *file && (context.url.empty() || context.url == (*file)->url) &&
                           (url.empty() || url == (*file)->url);
  if (context.url.empty()) {
    context.url = !url.empty() ? url : *file ? (*file)->url : "http://127.0.0.1:8000";
  }
  // A key is only ever shown to the server it belongs to.
  const std::string given = context.token.empty() ? token : context.token;
  const bool is_agent_key = given.starts_with("pla_") || given.starts_with("plx_");
  context.agent_token = is_agent_key  ? given
                        : same_server ? (*file)->agent_token.reveal()
                                      : std::string();
  context.token = !given.empty() && !is_agent_key ? given
                  : same_server && !is_agent_key  ? (*file)->token.reveal()
                                                  : std::string();
  if (!context.agent.empty()) {
    const auto agents =
        same_server ? (*file)->agents : std::map<std::string, preloop::core::Secret>();
    const auto kept = agents.find(context.agent);
    if (kept == agents.end()) {
      failed(context,
             fmt::format("there is no key of the agent '{0}' on this terminal; make one with: "
                         "preloop admin key create --class agent --name {0}, and keep it with: "
                         "preloop login --agent {0} --token KEY",
                         context.agent));
      throw CLI::RuntimeError(k_refused);
    }
    context.agent_token = kept->second.reveal();
  }
}

/// The command that was being read when parsing ended, for instance "preloop tools call".
const CLI::App* deepest(const CLI::App& app, std::string& path) {
  const CLI::App* at = &app;
  path = app.get_name();
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += " " + at->get_name();
  }
  return at;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

/// Wrong usage: one line that says what was wrong and where to look.
int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string path;
  const CLI::App* const at = deepest(app, path);
  std::string what = error.what();
  const std::vector<std::string> names = commands_of(*at);
  if (!names.empty()) {
    const std::vector<std::string> left = app.remaining(true);
    what = left.empty() ? fmt::format("{} needs a command", path)
                        : fmt::format("there is no command '{} {}'", path, left.front());
    what += fmt::format("; there are {}", fmt::join(names, ", "));
  }
  while (what.ends_with('\n') || what.ends_with('.')) {
    what.pop_back();
  }
  what = preloop::core::printable(fmt::format("{}; see: {} --help", what, path), 2000);
  std::fprintf(stderr, "preloop: %s\n", what.c_str());
  return k_usage;
}

/// Options that every command takes are listed once.
void add_footers(CLI::App& app) {
  for (CLI::App* const command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->footer("Everywhere: --url, --token, --output; see: preloop --help");
    add_footers(*command);
  }
}

int run(int argc, char** argv) {
  Context context;
  if (argc > 0) {
    context.program = argv[0];
  }
  CLI::App app(
      "Preloop stands between AI agents and everything they reach: rules, people who decide, "
      "and a record that can be verified.",
      "preloop");
  app.require_subcommand(1);
  app.set_version_flag("--version", "preloop " PRELOOP_VERSION);
  app.fallthrough();
  app.get_formatter()->column_width(32);
  app.add_option("--url", context.url, "The server (PRELOOP_URL)");
  app.add_option("--token", context.token, "A key (PRELOOP_TOKEN)");
  app.add_option_function<std::string>(
         "--output",
         [&context](const std::string& given) {
           context.output = given == "json"   ? Output::json
                            : given == "yaml" ? Output::yaml
                                              : Output::table;
         },
         "How to print lists and objects")
      ->check([](const std::string& given) {
        return given == "table" || given == "json" || given == "yaml"
                   ? std::string()
                   : "must be table, json or yaml";
      })
      ->option_text("table|json|yaml");
  add_serve(app, context);
  add_login(app, context);
  add_tools(app, context);
  add_servers(app, context);
  add_approvals(app, context);
  add_halt(app, context);
  add_policy(app, context);
  add_secrets(app, context);
  add_audit(app, context);
  add_admin(app, context);
  add_doctor(app, context);
  app.add_subcommand("example-server", "The bundled MCP server, on standard input and output")
      ->callback([&context] { context.exit_code = preloop::mcp::run_example_server(); });
  add_footers(app);
  // Options are complete, and no command has run yet.
  app.parse_complete_callback([&context] { fill_endpoint(context); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help and --version
    }
    return error.get_name() == "RuntimeError" ? error.get_exit_code() : usage_error(app, error);
  }
  return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  // The guard of a child process: before everything else, and with nothing else in it.
  if (argc > 1 && std::string_view(argv[1]) == "__child") {
    return preloop::net::run_child_guard(argc - 1, argv + 1);
  }
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "preloop: this is a bug: %s\n", error.what());
    return k_refused;
  }
}
