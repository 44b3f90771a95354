#include "cli/context.h"
#include "cli/output.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace preloop::cli {
namespace {

constexpr const char* k_path = "/account/kill-switch";

void print(Context& context, const core::Result<core::JsonDocument>& answer) {
  if (!answer) {
    return failed(context, answer.error());
  }
  print_list(context,
             answer->root(),
             {{"SCOPE", "scope"},
              {"HALTED", "halted"},
              {"SINCE", "since"},
              {"BY", "by"},
              {"REASON", "reason"}});
}

void set(Context& context,
         bool halted,
         const std::vector<std::string>& scopes,
         const std::string& reason) {
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("halted", halted).key("scopes").begin_array();
  for (const std::string& scope : scopes) {
    writer.string(scope);
  }
  writer.end_array();
  if (halted) {
    writer.field("reason", reason);
  }
  writer.end_object();
  RestClient client(context);
  print(context, client.send("PUT", k_path, body));
}

}  // namespace

void add_halt(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("halt", "Stop every agent's calls, and let them go on");
  noun->require_subcommand(1);
  const auto scopes = std::make_shared<std::vector<std::string>>(1, "tools");
  const auto reason = std::make_shared<std::string>();
  CLI::App* const on = noun->add_subcommand("on", "Nothing goes any more, at once");
  on->add_option("--scope", *scopes, "What to stop: tools")->delimiter(',');
  on->add_option("--reason", *reason, "Why; everybody reads it")->required();
  on->callback([&context, scopes, reason] { set(context, true, *scopes, *reason); });
  CLI::App* const off = noun->add_subcommand("off", "Calls go again; deadlines get the time back");
  off->add_option("--scope", *scopes, "What to let go: tools")->delimiter(',');
  off->callback([&context, scopes] { set(context, false, *scopes, {}); });
  noun->add_subcommand("status", "What is halted")->callback([&context] {
    RestClient client(context);
    print(context, client.get(k_path));
  });
}

}  // namespace preloop::cli
