#include "approvals/halt.h"

#include "api/routes/routes.h"
#include "core/json_writer.h"

#include <algorithm>

namespace preloop::api {
namespace {

using core::Result;
using core::Task;
using net::Response;

Task<Result<Response>> list(Call& call) {
  PRELOOP_CO_TRY(const auto halts, co_await call.services.approvals.halts(call.services.account));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (const approvals::HaltScopeRow& row : approvals::k_halt_scopes) {
    const auto found = std::ranges::find(halts, row.scope, &approvals::Halt::scope);
    const bool halted = found != halts.end();
    writer.begin_object()
        .field("scope", row.name)
        .field("title", row.title)
        .field("halted", halted)
        .field("reason", halted ? std::string_view(found->reason) : std::string_view())
        .field("by", halted ? std::string_view(found->person_name) : std::string_view())
        .optional_field("since",
                        halted ? std::optional(core::to_rfc3339(found->since)) : std::nullopt)
        .end_object();
  }
  writer.end_array().optional_field("next_cursor", std::optional<std::string>()).end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> set(Call& call) {
  const bool halted = call.body()["halted"].as_bool().value_or(true);
  for (const core::JsonNode& node : call.body()["scopes"].elements()) {
    const auto scope = approvals::parse_halt_scope(core::Json(&node).as_string().value_or(""));
    if (!scope) {
      co_return core::fail(
          core::Code::invalid_argument, "unknown scope", {{"scopes", "unknown scope"}});
    }
    if (halted) {
      PRELOOP_CO_CHECK(
          co_await call.services.approvals.halt(*call.principal, *scope, call.text("reason")));
    } else {
      PRELOOP_CO_CHECK(co_await call.services.approvals.resume(*call.principal, *scope));
    }
  }
  co_return co_await list(call);
}

constexpr Route k_routes[] = {
    {"get_halts", list},
    {"set_halts", set},
};

}  // namespace

std::span<const Route> halt_routes() {
  return k_routes;
}

}  // namespace preloop::api
