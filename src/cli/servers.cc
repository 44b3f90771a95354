#include "cli/context.h"
#include "cli/output.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace preloop::cli {
namespace {

struct AddOptions {
  std::string name, url, bearer;
  std::vector<std::string> command, env, headers;
  int call_timeout = 0;
};

/// The id of the server of that name.
core::Result<std::string> find_server(RestClient& client, const std::string& name) {
  PRELOOP_TRY(const core::JsonDocument list, client.get("/mcp-servers"));
  for (const core::JsonNode& node : list.root()["items"].elements()) {
    const core::Json item(&node);
    if (item["name"].as_string() == name || item["id"].as_string() == name) {
      return std::string(*item["id"].as_string());
    }
  }
  return core::fail(core::Code::not_found,
                    fmt::format("there is no server '{}'; see: preloop servers list", name));
}

bool write_pairs(core::JsonWriter& out,
                 std::string_view key,
                 const std::vector<std::string>& pairs) {
  if (pairs.empty()) {
    return true;
  }
  out.key(key).begin_object();
  for (const std::string& pair : pairs) {
    const auto at = pair.find('=');
    if (at == std::string::npos) {
      return false;
    }
    out.field(pair.substr(0, at), pair.substr(at + 1));
  }
  out.end_object();
  return true;
}

void add(Context& context, const AddOptions& options) {
  if (options.url.empty() == options.command.empty()) {
    return failed(context,
                  "give either --url URL or a command: preloop servers add NAME -- COMMAND ARG…",
                  k_usage);
  }
  std::string body;
  core::JsonWriter writer(body);
  writer.begin_object().field("name", options.name);
  bool good = true;
  if (!options.url.empty()) {
    writer.field("transport", "streamable_http").field("url", options.url);
    good = write_pairs(writer, "headers", options.headers);
    if (!options.bearer.empty()) {
      writer.key("auth").begin_object().field("type", "bearer").field("token", options.bearer);
      writer.end_object();
    }
  } else {
    writer.field("transport", "stdio").field("command", options.command.front());
    writer.key("args").begin_array();
    for (std::size_t i = 1; i < options.command.size(); ++i) {
      writer.string(options.command[i]);
    }
    writer.end_array();
    good = write_pairs(writer, "env", options.env);
  }
  if (options.call_timeout > 0) {
    writer.field("call_timeout", options.call_timeout);
  }
  writer.end_object();
  if (!good) {
    return failed(context, "--env and --header take NAME=VALUE", k_usage);
  }
  RestClient client(context);
  auto answer = client.send("POST", "/mcp-servers", body);
  if (!answer) {
    const auto done = ask_data_dir(
        context, answer.error(), fmt::format(R"({{"command":"server.add","config":{}}})", body));
    if (!done) {
      return failed(context, done.error());
    }
    answer = core::JsonDocument::parse(*done);
  }
  print_object(context, answer->root());
}

void list(Context& context) {
  RestClient client(context);
  const auto answer = client.get("/mcp-servers");
  if (!answer) {
    return failed(context, answer.error());
  }
  print_list(context,
             answer->root(),
             {{"NAME", "name"},
              {"TRANSPORT", "transport"},
              {"STATUS", "status"},
              {"TOOLS", "tools"},
              {"PROBLEM", "last_error"}});
}

void act(Context& context, const std::string& name, std::string_view action) {
  RestClient client(context);
  const auto id = find_server(client, name);
  if (!id) {
    return failed(context, id.error());
  }
  if (action == "remove") {
    if (const auto current = client.get("/mcp-servers/" + *id); !current) {
      return failed(context, current.error());
    }
    client.match_last();
    const auto gone = client.send("DELETE", "/mcp-servers/" + *id, {});
    if (!gone) {
      return failed(context, gone.error());
    }
    print_line("removed " + name);
    return;
  }
  const auto answer = client.send("POST", fmt::format("/mcp-servers/{}/{}", *id, action), {});
  if (!answer) {
    return failed(context, answer.error());
  }
  print_object(context, answer->root());
}

}  // namespace

void add_servers(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("servers", "MCP servers behind the firewall");
  noun->require_subcommand(1);
  noun->add_subcommand("list", "List them")->callback([&context] { list(context); });

  const auto options = std::make_shared<AddOptions>();
  CLI::App* const verb = noun->add_subcommand("add", "Add one; its tools are accepted with it");
  verb->add_option("NAME", options->name, "a-z, 0-9 and -; prefixes its tools")->required();
  verb->add_option("COMMAND", options->command, "stdio: the command and its arguments, after --");
  verb->add_option("--url", options->url, "streamable HTTP: its address");
  verb->add_option("--bearer", options->bearer, "secret:NAME (see: preloop secrets set)");
  verb->add_option("--header", options->headers, "NAME=VALUE (repeatable)")
      ->allow_extra_args(false);
  verb->add_option("--env", options->env, "NAME=VALUE for the command (repeatable)")
      ->allow_extra_args(false);
  verb->add_option("--call-timeout", options->call_timeout, "Seconds without a sign of life");
  verb->callback([&context, options] { add(context, *options); });

  const auto name = std::make_shared<std::string>();
  for (const auto& [action, help] : {std::pair("scan", "Ask it for its tools again"),
                                     std::pair("accept", "Accept its new and changed tools"),
                                     std::pair("remove", "Remove it; held calls to it end")}) {
    CLI::App* const command = noun->add_subcommand(action, help);
    command->add_option("NAME", *name, "The server")->required();
    command->callback(
        [&context, name, which = std::string(action)] { act(context, *name, which); });
  }
}

}  // namespace preloop::cli
