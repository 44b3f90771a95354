#include "api/auth.h"
#include "api/routes/routes.h"
#include "api/views_json.h"

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

/// For anybody; with an operator key, an elevation of that key.
Task<Result<Response>> start(Call& call) {
  identity::ScopeSet scopes;
  for (const core::JsonNode& node : call.body()["scopes"].elements()) {
    if (const auto scope = identity::parse_scope(core::Json(&node).as_string().value_or(""))) {
      scopes.add(*scope);
    }
  }
  PRELOOP_CO_TRY(const auto principal, co_await authenticate(call.services, call.request));
  const auto* key = principal ? std::get_if<identity::OperatorPrincipal>(&*principal) : nullptr;
  const bool elevates =
      scopes.has(identity::Scope::decide) || scopes.has(identity::Scope::configure);
  if (elevates && key == nullptr) {
    co_return fail(Code::invalid_argument,
                   "a terminal signs in with the scope read; more is asked for with its key",
                   {{"/scopes", "needs an operator key"}});
  }
  auto started =
      elevates ? co_await call.services.cli_login.start_elevation(*key, scopes, call.visitor())
               : co_await call.services.cli_login.start(call.services.account, call.visitor());
  if (!started) {
    co_return std::unexpected(std::move(started).error());
  }
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("device", started->device.reveal())
      .field("code", started->code)
      .field("verification_url", call.services.public_url + "/login")
      .field("expires_at", core::to_rfc3339(started->expires_at))
      .field("interval", identity::CliLogin::k_poll_every.count())
      .end_object();
  co_return reply(201, std::move(out));
}

std::string_view name_of(identity::CliLogin::Polled::State state) {
  using State = identity::CliLogin::Polled::State;
  switch (state) {
    case State::pending:
      return "pending";
    case State::denied:
      return "denied";
    case State::done:
      return "done";
  }
  return "denied";
}

Task<Result<Response>> poll(Call& call) {
  PRELOOP_CO_TRY(const auto polled, co_await call.services.cli_login.poll(call.secret("device")));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().field("state", name_of(polled.state));
  if (polled.key) {
    writer.field("key", polled.key->secret.reveal()).key("api_key");
    write_view(writer, polled.key->info);
  }
  writer.end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> lookup(Call& call) {
  PRELOOP_CO_TRY(const auto waiting,
                 co_await call.services.cli_login.show(call.person(), call.text("code")));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("scopes");
  write_scopes(writer, waiting.scopes);
  writer.field("elevation", waiting.is_elevation)
      .field("client", waiting.client)
      .field("address", waiting.address)
      .field("created_at", core::to_rfc3339(waiting.created_at))
      .field("expires_at", core::to_rfc3339(waiting.expires_at))
      .end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> confirm(Call& call) {
  PRELOOP_CO_CHECK(co_await call.services.cli_login.decide(call.person(),
                                                           call.text("code"),
                                                           call.text("decision") == "confirmed"
                                                               ? identity::LoginDecision::confirmed
                                                               : identity::LoginDecision::denied));
  co_return done();
}

constexpr Route k_routes[] = {
    {"start_login", start},
    {"poll_login", poll},
    {"show_login", lookup},
    {"confirm_login", confirm},
};

}  // namespace

std::span<const Route> login_routes() {
  return k_routes;
}

}  // namespace preloop::api
