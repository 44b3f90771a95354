#include "app/client_file.h"
#include "cli/context.h"
#include "cli/mcp_client.h"
#include "cli/output.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace preloop::cli {
namespace {

/// Changes the client file, which is about one server, and says `done`.
void keep(Context& context,
          const std::function<void(app::ClientFile&)>& change,
          std::string_view done) {
  const std::string path = app::client_file_path(environment("HOME"));
  app::ClientFile file;
  if (const auto before = app::read_client_file(path);
      before && *before && (*before)->url == context.url) {
    file = **before;
  }
  file.url = context.url;
  change(file);
  if (const core::Status written = app::write_client_file(path, file); !written) {
    return failed(context, written.error());
  }
  print_line(fmt::format("signed in to {}; the key is in {}{}", context.url, path, done));
}

/// A key that somebody made: it must work, and goes where its class belongs.
void keep_given(Context& context, const std::string& token, const std::string& agent) {
  if (token.starts_with("pla_") || token.starts_with("plx_")) {
    context.agent_token = token;
    McpClient client(context);
    if (const auto connected = client.connect(); !connected) {
      return failed(context, connected.error());
    }
    return keep(
        context,
        [&](app::ClientFile& file) {
          if (!agent.empty()) {
            file.agents[agent] = core::Secret(token);
          }
          if (agent.empty() || file.agent_token.empty()) {
            file.agent_token = core::Secret(token);
          }
        },
        agent.empty() ? ", for: preloop tools"
                      : fmt::format(", for: preloop tools … --agent {}", agent));
  }
  if (!agent.empty()) {
    return failed(context, "--agent is for an agent's key (pla_…), given with --token", k_usage);
  }
  context.token = token;
  RestClient client(context);
  if (const auto me = client.get("/auth/me"); !me) {
    return failed(context, me.error());
  }
  keep(
      context,
      [&](app::ClientFile& file) { file.token = core::Secret(token); },
      "; whatever runs as you can use it, too");
}

void login(Context& context) {
  context.token.clear();
  RestClient client(context);
  const auto started = client.send("POST", "/auth/login/start", "{}");
  if (!started) {
    return failed(context, started.error());
  }
  const core::Json root = started->root();
  const std::string device(root["device"].as_string().value_or(""));
  std::fprintf(stderr,
               "Open %s and confirm the code %s\n",
               std::string(root["verification_url"].as_string().value_or("")).c_str(),
               std::string(root["code"].as_string().value_or("")).c_str());
  std::string body;
  core::JsonWriter(body).begin_object().field("device", device).end_object();
  const auto interval = std::chrono::seconds(root["interval"].as_int().value_or(2));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(10);
  while (std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(interval);
    const auto polled = client.send("POST", "/auth/login/poll", body);
    if (!polled) {
      return failed(context, polled.error());
    }
    const auto state = polled->root()["state"].as_string();
    if (state == "denied") {
      return failed(context, "the sign-in was denied in the browser");
    }
    if (state == "done") {
      const core::Secret key(std::string(polled->root()["key"].as_string().value_or("")));
      return keep(
          context,
          [&](app::ClientFile& file) { file.token = key; },
          " and can only read: deciding and changing rules ask for your password");
    }
  }
  failed(context, "nobody confirmed the code in time; run preloop login again");
}

}  // namespace

void add_login(CLI::App& app, Context& context) {
  CLI::App* const verb = app.add_subcommand("login", "Sign this terminal in, through the browser");
  const auto token = std::make_shared<std::string>();
  verb->add_option("--token", *token, "Keep this key instead of asking in the browser");
  const auto agent = std::make_shared<std::string>();
  verb->add_option("--agent", *agent, "With an agent's key: the name to keep it under");
  verb->callback([&context, token, agent] {
    if (token->empty() && agent->empty()) {
      login(context);
    } else {
      keep_given(context, *token, *agent);
    }
  });
}

}  // namespace preloop::cli
