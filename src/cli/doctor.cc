#include "app/admin_socket.h"
#include "app/blocking.h"
#include "app/client_file.h"
#include "cli/context.h"
#include "cli/output.h"
#include "core/clock.h"
#include "core/json_writer.h"
#include "net/http_client.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace preloop::cli {
namespace {

using core::Task;

struct Check {
  std::string name;
  enum class Result : std::uint8_t { ok, warning, problem } result;
  std::string text;
};
constexpr std::string_view k_marks[] = {"ok", "warning", "problem"};

/// Status and Date of GET path.
Task<core::Result<std::pair<int, std::string>>> probe(net::HttpClient& http, std::string url) {
  net::ClientRequest request;
  PRELOOP_CO_TRY(request.url, net::Url::parse(url));
  PRELOOP_CO_TRY(
      const auto response,
      co_await http.send(std::move(request), std::chrono::steady_clock::now() + core::seconds(5)));
  const std::string date(response->headers().get("Date").value_or(""));
  PRELOOP_CO_CHECK(co_await response->read_all(64 * 1024));
  co_return std::pair(response->status(), date);
}

Check check_server(core::LoopPool& loops, net::HttpClient& http, const Context& context) {
  const auto ready = app::run_blocking(loops.at(0), probe(http, context.url + "/readyz"));
  if (!ready) {
    return {"server",
            Check::Result::problem,
            fmt::format("nobody answers at {} ({}); start one with: preloop serve",
                        context.url,
                        ready.error().message)};
  }
  return ready->first == 200
             ? Check{"server", Check::Result::ok, "ready at " + context.url}
             : Check{"server", Check::Result::problem, fmt::format("not ready ({})", ready->first)};
}

Check check_clock(core::LoopPool& loops, net::HttpClient& http, const Context& context) {
  const auto answer = app::run_blocking(loops.at(0), probe(http, context.url + "/healthz"));
  tm parsed{};
  if (!answer ||
      ::strptime(answer->second.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parsed) == nullptr) {
    return {"clock", Check::Result::warning, "cannot be compared without a server"};
  }
  const auto difference = std::abs(std::difftime(::timegm(&parsed), std::time(nullptr)));
  return difference <= 2
             ? Check{"clock", Check::Result::ok, "agrees with the server's"}
             : Check{"clock",
                     Check::Result::problem,
                     fmt::format("{} s away from the server's; set it (NTP)", difference)};
}

Check check_data_dir(const std::string& dir) {
  struct stat info{};
  if (::stat(dir.c_str(), &info) != 0) {
    return {"data dir", Check::Result::warning, dir + " does not exist; preloop serve makes it"};
  }
  if ((info.st_mode & 077) != 0) {
    return {"data dir", Check::Result::problem, "others may enter it; run: chmod 700 " + dir};
  }
  struct statvfs disk{};
  if (::statvfs(dir.c_str(), &disk) == 0) {
    const auto free_mib = disk.f_bavail * disk.f_frsize / (1024 * 1024);
    if (free_mib < 256) {
      return {
          "data dir", Check::Result::problem, fmt::format("only {} MiB free at {}", free_mib, dir)};
    }
    return {"data dir", Check::Result::ok, fmt::format("{} ({} MiB free)", dir, free_mib)};
  }
  return {"data dir", Check::Result::ok, dir};
}

Check check_version(core::LoopPool& loops, const std::string& dir) {
  const auto status =
      app::run_blocking(loops.at(0), app::ask_admin(dir, R"({"command":"status"})"));
  if (!status) {
    return {"version",
            Check::Result::ok,
            "preloop " PRELOOP_VERSION " (no local server to compare with)"};
  }
  const auto document = core::JsonDocument::parse(*status);
  const std::string server(document ? document->root()["version"].as_string().value_or("") : "");
  return server == PRELOOP_VERSION
             ? Check{"version", Check::Result::ok, "client and server are " PRELOOP_VERSION}
             : Check{"version",
                     Check::Result::warning,
                     fmt::format("the client is {}, the server {}", PRELOOP_VERSION, server)};
}

Check check_client_file() {
  const std::string path = app::client_file_path(environment("HOME"));
  const auto file = app::read_client_file(path);
  if (!file) {
    return {"sign-in", Check::Result::problem, file.error().message};
  }
  if (!*file || (*file)->token.empty()) {
    return {"sign-in", Check::Result::warning, "not signed in; run: preloop login"};
  }
  return {"sign-in", Check::Result::ok, "signed in to " + (*file)->url};
}

void run(Context& context) {
  core::LoopPool loops(1);
  loops.start();
  const auto http = net::HttpClient::create(loops.at(0), {});
  const std::vector<Check> checks = {check_server(loops, *http, context),
                                     check_clock(loops, *http, context),
                                     check_data_dir(context.data_dir),
                                     check_version(loops, context.data_dir),
                                     check_client_file()};
  app::run_blocking(loops.at(0), http->stop());
  loops.stop();
  std::string out = R"({"items":)";
  core::JsonWriter writer(out);
  writer.begin_array();
  for (const Check& check : checks) {
    writer.begin_object()
        .field("check", check.name)
        .field("result", k_marks[static_cast<std::size_t>(check.result)])
        .field("text", check.text)
        .end_object();
    if (check.result == Check::Result::problem) {
      context.exit_code = k_refused;
    }
  }
  writer.end_array();
  const auto document = core::JsonDocument::parse(out + "}");
  if (context.output != Output::table) {
    print_list(context, document->root(), {});
    return;
  }
  for (const Check& check : checks) {
    print_line(fmt::format(
        "{:9}{:9} {}", k_marks[static_cast<std::size_t>(check.result)], check.name, check.text));
  }
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  CLI::App* const verb =
      app.add_subcommand("doctor", "What is wrong here, and what to do about it");
  verb->add_option("--data-dir", context.data_dir, "The server's data dir");
  verb->callback([&context] { run(context); });
}

}  // namespace preloop::cli
