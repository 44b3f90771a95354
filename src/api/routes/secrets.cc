#include "api/routes/routes.h"
#include "api/views_json.h"
#include "audit/record.h"
#include "events/events.h"

namespace preloop::api {
namespace {

using core::Result;
using core::Task;
using net::Response;

/// Who did it and that it happened; never the value.
secrets::Annotate annotate(const Call& call) {
  return [actor = call.audit_actor()](store::Unit& unit, const secrets::SecretChange& change) {
    audit::Record record;
    record.kind = change.kind == secrets::SecretChange::Kind::removed
                      ? audit::Kind::config_secret_removed
                      : audit::Kind::config_secret_set;
    record.actor = actor;
    record.subject = {"secret", change.name};
    core::JsonWriter(record.details).begin_object().field("version", change.version).end_object();
    unit.drafts.push_back(audit::make_draft(change.account, record));
    events::announce(
        unit, change.account, events::Kind::settings_updated, "secret:" + change.name, change.at);
  };
}

Task<Result<Response>> list(Call& call) {
  PRELOOP_CO_TRY(const auto found, co_await call.services.secrets.list(call.services.account));
  co_return reply(200, list_view(found));
}

Task<Result<Response>> set(Call& call) {
  PRELOOP_CO_TRY(const auto info,
                 co_await call.services.secrets.set(call.services.account,
                                                    std::string(call.path_parameter("name")),
                                                    call.secret("value"),
                                                    annotate(call)));
  co_return reply(200, view(info));
}

Task<Result<Response>> remove(Call& call) {
  PRELOOP_CO_CHECK(co_await call.services.secrets.remove(
      call.services.account, std::string(call.path_parameter("name")), annotate(call)));
  co_return done();
}

constexpr Route k_routes[] = {
    {"list_secrets", list},
    {"set_secret", set},
    {"remove_secret", remove},
};

}  // namespace

std::span<const Route> secret_routes() {
  return k_routes;
}

}  // namespace preloop::api
