#include "catalogue/requests.h"

#include "catalogue/definition.h"
#include "core/json.h"
#include "core/json_writer.h"

#include <algorithm>

namespace preloop::catalogue {
namespace {

std::string_view describe(Method method) {
  switch (method) {
    case Method::tools_call:
      break;
    case Method::resources_read:
      return "Reads a resource of the server.";
    case Method::resources_subscribe:
      return "Asks to be told when a resource of the server changes.";
    case Method::prompts_get:
      return "Gets a prompt of the server.";
    case Method::completion_complete:
      return "Asks the server to complete an argument.";
  }
  return "Calls a tool.";
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::tools_call:
      break;
    case Method::resources_read:
      return "resources/read";
    case Method::resources_subscribe:
      return "resources/subscribe";
    case Method::prompts_get:
      return "prompts/get";
    case Method::completion_complete:
      return "completion/complete";
  }
  return "tools/call";
}

std::string_view request_name(Method method) {
  switch (method) {
    case Method::tools_call:
      break;
    case Method::resources_read:
      return "resources:read";
    case Method::resources_subscribe:
      return "resources:subscribe";
    case Method::prompts_get:
      return "prompts:get";
    case Method::completion_complete:
      return "completion:complete";
  }
  return "tools:call";
}

std::optional<Method> parse_request_name(std::string_view name) {
  const auto found = std::ranges::find(k_request_methods, name, request_name);
  return found == k_request_methods.end() ? std::nullopt : std::optional(*found);
}

ToolPtr make_request_tool(const Server& server, Method method) {
  std::string text;
  core::JsonWriter(text)
      .begin_object()
      .field("name", request_name(method))
      .field("description", describe(method))
      .key("inputSchema")
      .raw(R"({"type":"object"})")
      .key("annotations")
      .raw(R"({"readOnlyHint":true,"destructiveHint":false})")
      .end_object();
  const auto document = core::JsonDocument::parse(text);
  auto tool = std::make_shared<Tool>(
      read_definition(document->root(), text).value());  // our own text: always one
  tool->method = method;
  tool->server = server.id;
  tool->server_name = server.config.name;
  tool->exposed_name = tool->name;
  return tool;
}

}  // namespace preloop::catalogue
