#include "api/routes/routes.h"
#include "api/views_json.h"
#include "core/text.h"

#include <algorithm>

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

Result<catalogue::ToolPtr> find(const Call& call) {
  PRELOOP_TRY(const auto id, call.id<core::ToolId>());
  const auto catalogue = call.services.catalogue.snapshot().read();
  const auto found = std::ranges::find_if(
      catalogue->tools(), [&](const catalogue::ToolPtr& tool) { return tool->id == id; });
  if (found == catalogue->tools().end()) {
    return fail(Code::not_found, "there is no such tool");
  }
  return *found;
}

Result<Response> respond(const Call& call) {
  PRELOOP_TRY(const catalogue::ToolPtr tool, find(call));
  std::string out;
  core::JsonWriter writer(out);
  write_tool(writer, *tool, *call.services.policy.in_force()->compiled, Detail::full);
  return reply(200, std::move(out));
}

bool contains(std::string_view text, const std::string& lower) {
  return core::ascii_lower(text).find(lower) != std::string::npos;
}

Task<Result<Response>> list(Call& call) {
  PRELOOP_CO_TRY(const std::size_t limit, call.limit());
  PRELOOP_CO_TRY(const auto place, read_cursor(call));
  const auto server = call.query_parameter("server");
  const std::string wanted = core::ascii_lower(call.query_parameter("q").value_or(""));
  const auto catalogue = call.services.catalogue.snapshot().read();
  const auto policy = call.services.policy.in_force()->compiled;
  auto at = catalogue->tools().begin();
  if (place) {
    const auto last = core::ToolId::from_bytes(*place);
    at = std::ranges::find_if(catalogue->tools(),
                              [&](const catalogue::ToolPtr& tool) { return tool->id == last; });
    if (at == catalogue->tools().end()) {
      co_return fail(Code::invalid_argument,
                     "the list changed meanwhile; start without a cursor",
                     {{"cursor", "outdated"}});
    }
    ++at;
  }
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  std::size_t count = 0;
  std::optional<std::string> next;
  const catalogue::Tool* last = nullptr;
  for (; at != catalogue->tools().end(); ++at) {
    const catalogue::Tool& tool = **at;
    if (server && *server != tool.server_name && *server != tool.server.to_string()) {
      continue;
    }
    if (!wanted.empty() && !contains(tool.exposed_name, wanted) && !contains(tool.name, wanted) &&
        !contains(tool.description, wanted)) {
      continue;
    }
    if (count == limit) {
      next = make_cursor(call, last->id.as_bytes());
      break;
    }
    write_tool(writer, tool, *policy, Detail::brief);
    last = &tool;
    ++count;
  }
  writer.end_array().optional_field("next_cursor", next).end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> get(Call& call) {
  co_return respond(call);
}

Task<Result<Response>> set_enabled(Call& call, bool enabled) {
  PRELOOP_CO_TRY(const catalogue::ToolPtr tool, find(call));
  PRELOOP_CO_CHECK(
      co_await call.services.catalogue.set_enabled(call.audit_actor(), tool->id, enabled));
  co_return respond(call);
}
Task<Result<Response>> enable(Call& call) {
  return set_enabled(call, true);
}
Task<Result<Response>> disable(Call& call) {
  return set_enabled(call, false);
}

Task<Result<Response>> accept(Call& call) {
  PRELOOP_CO_TRY(const catalogue::ToolPtr tool, find(call));
  PRELOOP_CO_CHECK(
      co_await call.services.catalogue.accept(call.audit_actor(), tool->server, tool->id));
  co_return respond(call);
}

constexpr Route k_routes[] = {
    {"list_tools", list},
    {"get_tool", get},
    {"enable_tool", enable},
    {"disable_tool", disable},
    {"accept_tool", accept},
};

}  // namespace

std::span<const Route> tool_routes() {
  return k_routes;
}

}  // namespace preloop::api
