#include "app/client_file.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/rest_client.h"
#include "core/json_writer.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

namespace preloop::cli {
namespace {

void keep(Context& context, const std::string& token) {
  const std::string path = app::client_file_path(environment("HOME"));
  app::ClientFile file;
  if (const auto before = app::read_client_file(path);
      before && *before && (*before)->url == context.url) {
    file = **before;
  }
  file.url = context.url;
  file.token = core::Secret(token);
  if (const core::Status written = app::write_client_file(path, file); !written) {
    return failed(context, written.error());
  }
  print_line(
      fmt::format("signed in to {}; the key is in {} and can only read: deciding and changing "
                  "rules ask for your password",
                  context.url,
                  path));
}

void login(Context& context, const std::string& token) {
  context.token = token;
  RestClient client(context);
  if (!token.empty()) {
    const auto me = client.get("/auth/me");
    return me ? keep(context, token) : failed(context, me.error());
  }
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
      return keep(context, std::string(polled->root()["key"].as_string().value_or("")));
    }
  }
  failed(context, "nobody confirmed the code in time; run preloop login again");
}

}  // namespace

void add_login(CLI::App& app, Context& context) {
  CLI::App* const verb = app.add_subcommand("login", "Sign this terminal in, through the browser");
  const auto token = std::make_shared<std::string>();
  verb->add_option("--token", *token, "Keep this key instead of asking in the browser");
  verb->callback([&context, token] { login(context, *token); });
}

}  // namespace preloop::cli
