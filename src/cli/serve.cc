#include "app/config.h"
#include "app/server.h"
#include "cli/context.h"
#include "cli/output.h"
#include "core/log.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>

namespace preloop::cli {
namespace {

using Flags = std::map<std::string, std::vector<std::string>>;

void serve(Context& context, const Flags& flags, bool print_config, const std::string& program) {
  app::ConfigSources sources;
  sources.flags = flags;
  sources.environment = [](std::string_view name) -> std::optional<std::string> {
    std::string value = environment(std::string(name).c_str());
    return value.empty() ? std::nullopt : std::optional(std::move(value));
  };
  sources.read_file = [](const std::string& path) { return read_file(path); };
  sources.terminal = is_terminal(2);
  sources.root = ::geteuid() == 0;
  sources.cores = std::max(1U, std::thread::hardware_concurrency());
  auto loaded = app::load_config(sources);
  if (!loaded) {
    failed(context, loaded.error());
    context.exit_code = k_usage;
    return;
  }
  if (print_config) {
    for (const auto& [name, value, origin] : loaded->values) {
      print_line(fmt::format("{:20} {:12} {}", name, app::to_string(origin), value));
    }
    return;
  }
  core::log::configure(loaded->config.log_format, loaded->config.log_level);
  if (const core::Status served = app::run_server(std::move(loaded->config), program); !served) {
    failed(context, served.error());
  }
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
  CLI::App* const verb = app.add_subcommand("serve", "Run the server");
  const auto flags = std::make_shared<Flags>();
  const auto print_config = std::make_shared<bool>(false);
  for (const app::SettingInfo& info : app::settings()) {
    std::vector<std::string>& values = (*flags)[std::string(info.name)];
    const std::string name = fmt::format("--{}", info.name);
    std::string help = fmt::format("{} ({})", info.help, info.environment);
    if (!info.fallback.empty()) {
      help += fmt::format(" [{}]", info.fallback);
    }
    if (info.kind == app::SettingInfo::Kind::flag) {
      verb->add_flag_callback(name, [&values] { values = {"true"}; }, help);
    } else {
      CLI::Option* const option =
          verb->add_option(name, values, help)->option_text(std::string(info.metavar));
      if (info.kind != app::SettingInfo::Kind::list) {
        option->expected(1);
      } else {
        option->allow_extra_args(false);
      }
    }
  }
  verb->add_flag("--print-config", *print_config, "Show the values and where each comes from");
  const std::string program = app.get_name().empty() ? "preloop" : app.get_name();
  verb->callback(
      [&context, flags, print_config, program] { serve(context, *flags, *print_config, program); });
}

}  // namespace preloop::cli
