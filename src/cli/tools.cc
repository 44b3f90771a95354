#include "cli/context.h"
#include "cli/mcp_client.h"
#include "cli/output.h"
#include "core/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace preloop::cli {
namespace {

/// The full name, or the only tool whose own name it is.
core::Result<std::string> resolve_name(core::Json tools, const std::string& name) {
  std::vector<std::string> found;
  for (const core::JsonNode& node : tools["items"].elements()) {
    std::string exposed(core::Json(&node)["name"].as_string().value_or(""));
    if (exposed == name) {
      return exposed;
    }
    if (exposed.ends_with("__" + name)) {
      found.push_back(exposed);
    }
  }
  if (found.size() == 1) {
    return found.front();
  }
  return core::fail(
      core::Code::not_found,
      found.empty()
          ? fmt::format("there is no tool '{}'; see: preloop tools list", name)
          : fmt::format("several tools are called '{}': {}", name, fmt::join(found, ", ")));
}

/// One line on standard error that is replaced as time goes on; plain lines when it is no terminal.
class LiveLine {
 public:
  void show(std::string_view text) {
    if (text.empty() || text == last_) {
      return;
    }
    last_ = text;
    const std::string line = core::printable(text, 200);
    std::fprintf(stderr, live_ ? "\r\x1b[K%s" : "%s\n", line.c_str());
    std::fflush(stderr);
  }
  ~LiveLine() {
    if (live_ && !last_.empty()) {
      std::fputs("\r\x1b[K", stderr);
    }
  }

 private:
  bool live_ = is_terminal(2);
  std::string last_;
};

void print_result(const Context& context, core::Json result) {
  if (context.output != Output::table) {
    print_object(context, result);
    return;
  }
  for (const core::JsonNode& node : result["content"].elements()) {
    const core::Json item(&node);
    if (const auto text = item["text"].as_string(); text && item["type"].as_string() == "text") {
      // Line breaks stay; everything else that could move the cursor becomes visible.
      for (const std::string_view line : core::split(*text, '\n')) {
        print_line(core::printable(line, 1'000'000));
      }
    } else {
      print_line(item.dump());
    }
  }
}

void call(Context& context, const std::string& name, const std::string& arguments) {
  const auto parsed = core::JsonDocument::parse(arguments);
  if (!parsed || !parsed->root().is_object()) {
    failed(context,
           fmt::format("--args must be a JSON object, for example '{{\"amount\":50}}'{}",
                       parsed ? "" : ": " + parsed.error().message),
           k_usage);
    return;
  }
  McpClient client(context);
  if (const auto connected = client.connect(); !connected) {
    return failed(context, connected.error());
  }
  const auto tools = client.tools();
  if (!tools) {
    return failed(context, tools.error());
  }
  const auto full = resolve_name(tools->root(), name);
  if (!full) {
    return failed(context, full.error());
  }
  core::Result<core::JsonDocument> result = core::fail(core::Code::internal, "not called");
  {
    LiveLine line;
    result = client.call(*full, arguments, [&](std::string_view text) { line.show(text); });
  }
  if (!result) {
    return failed(context, result.error());
  }
  print_result(context, result->root());
  if (result->root()["isError"].as_bool() == true) {
    context.exit_code = k_refused;
  }
}

void list(Context& context) {
  McpClient client(context);
  if (const auto connected = client.connect(); !connected) {
    return failed(context, connected.error());
  }
  const auto tools = client.tools();
  if (!tools) {
    return failed(context, tools.error());
  }
  print_list(context, tools->root(), {{"NAME", "name"}, {"DESCRIPTION", "description"}});
}

void describe(Context& context, const std::string& name) {
  McpClient client(context);
  if (const auto connected = client.connect(); !connected) {
    return failed(context, connected.error());
  }
  const auto tools = client.tools();
  if (!tools) {
    return failed(context, tools.error());
  }
  const auto full = resolve_name(tools->root(), name);
  if (!full) {
    return failed(context, full.error());
  }
  for (const core::JsonNode& node : tools->root()["items"].elements()) {
    if (core::Json(&node)["name"].as_string() == *full) {
      print_object(context, core::Json(&node));
    }
  }
}

}  // namespace

void add_tools(CLI::App& app, Context& context) {
  CLI::App* const noun = app.add_subcommand("tools", "The tools this key may use");
  noun->require_subcommand(1);
  noun->add_subcommand("list", "List them")->callback([&context] { list(context); });

  auto name = std::make_shared<std::string>();
  CLI::App* const show = noun->add_subcommand("describe", "One tool's definition");
  show->add_option("NAME", *name, "Full name, or the tool's own when unique")->required();
  show->callback([&context, name] { describe(context, *name); });

  auto arguments = std::make_shared<std::string>("{}");
  CLI::App* const verb = noun->add_subcommand("call", "Call a tool through the firewall");
  verb->add_option("NAME", *name, "Full name, or the tool's own when unique")->required();
  verb->add_option("--args", *arguments, "Arguments as a JSON object")->capture_default_str();
  verb->callback([&context, name, arguments] { call(context, *name, *arguments); });
  for (CLI::App* const command : noun->get_subcommands({})) {
    command->add_option("--agent", context.agent, "As which of the agents kept on this terminal");
  }
}

}  // namespace preloop::cli
