#include "api/routes/routes.h"
#include "core/json_writer.h"

#include <algorithm>

namespace preloop::api {
namespace {

using core::Result;
using core::Task;
using net::Response;

Task<Result<Response>> contract(Call& call) {
  Response response = reply(200, call.contract.json);
  response.headers.set("Cache-Control", "public, max-age=300");
  co_return response;
}

Task<Result<Response>> status(Call& call) {
  const auto catalogue = call.services.catalogue.snapshot().read();
  const auto count = [&](catalogue::ServerStatus wanted) {
    return std::ranges::count_if(catalogue->servers(),
                                 [&](const auto& server) { return server->status == wanted; });
  };
  const store::Health health = call.services.database.health();
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("version", call.services.version)
      .field("account", call.services.account.to_string())
      .field("time", core::to_rfc3339(call.now()))
      .field("policy_version", call.services.policy.in_force()->version.number)
      .field("pending_approvals", call.services.approvals.pending_count())
      .field("tools", catalogue->tools().size())
      .key("servers")
      .begin_object()
      .field("total", catalogue->servers().size())
      .field("ready", count(catalogue::ServerStatus::ready))
      .field("failed", count(catalogue::ServerStatus::failed))
      .end_object()
      .key("database")
      .begin_object()
      .field("dialect", call.services.database.dialect())
      .field("writable", health.writable);
  if (!health.writable) {
    writer.field("problem", health.problem);
  }
  writer.end_object().end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> account(Call& call) {
  const auto directory = call.directory();
  const auto count = [&](const auto& list) {
    return std::ranges::count_if(
        list, [&](const auto& item) { return item.account == call.services.account; });
  };
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("id", call.services.account.to_string())
      .field("has_owner", identity::has_owner(*directory, call.services.account))
      .field("people", count(directory->people()))
      .field("agents", count(directory->agents()))
      .end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> system(Call& call) {
  const ServerFacts& facts = call.services.facts;
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("started_at", core::to_rfc3339(facts.started_at))
      .key("listen")
      .begin_array();
  for (const std::string& address : facts.listen) {
    writer.string(address);
  }
  writer.end_array()
      .field("public_url", call.services.public_url)
      .field("data_dir", facts.data_dir)
      .field("io_threads", facts.io_threads)
      .field("tls", facts.tls)
      .field("allow_stdio", call.services.allow_stdio)
      .field("retention_days", facts.retention_days)
      .field("disk_quota_bytes", facts.disk_quota_bytes)
      .end_object();
  co_return reply(200, std::move(out));
}

constexpr Route k_routes[] = {
    {"get_contract", contract},
    {"get_status", status},
    {"get_system", system},
    {"get_account", account},
};

}  // namespace

std::span<const Route> system_routes() {
  return k_routes;
}

}  // namespace preloop::api
