#include "api/routes/routes.h"
#include "api/views_json.h"

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

/// Both halves of a new session: one in the cookie, one in the body.
Response respond_session(const Call& call, const identity::StartedSession& started) {
  // The person may have been made a moment ago: the newest directory, not this loop's.
  const auto directory = call.services.registry.snapshot().latest();
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object()
      .field("session_token", started.header.reveal())
      .field("expires_at", core::to_rfc3339(started.session.expires_at))
      .key("person");
  if (const auto* person = directory->find_person(started.session.person)) {
    write_view(writer, *person);
  } else {
    writer.null();
  }
  writer.end_object();
  Response response = reply(200, std::move(out));
  response.headers.add("Set-Cookie", identity::set_cookie(call.transport(), started.cookie));
  return response;
}

Response respond_me(const Call& call, const identity::Principal& principal) {
  const auto directory = call.services.registry.snapshot().latest();
  const auto* person = directory->find_person(*identity::person_of(principal));
  std::string out;
  core::JsonWriter writer(out);
  const auto* session = std::get_if<identity::PersonPrincipal>(&principal);
  const auto* key = std::get_if<identity::OperatorPrincipal>(&principal);
  writer.begin_object().field("class", session != nullptr ? "session" : "operator_key");
  writer.key("person");
  if (person != nullptr) {
    write_view(writer, *person);
  } else {
    writer.null();
  }
  writer.field("role", identity::to_string(session != nullptr ? session->role : key->role))
      .key("permissions")
      .begin_array();
  for (const identity::PermissionRow& row : identity::permission_table()) {
    if (identity::may(principal, row.permission)) {
      writer.string(row.name);
    }
  }
  writer.end_array();
  if (session != nullptr) {
    writer.field("session_id", session->session.to_string())
        .field("authenticated_at", core::to_rfc3339(session->authenticated_at));
  } else if (const auto* info = directory->find_key(key->key)) {
    writer.key("key");
    write_view(writer, *info);
  }
  writer.end_object();
  return reply(200, std::move(out));
}

Task<Result<Response>> sign_in(Call& call) {
  PRELOOP_CO_TRY(
      const auto started,
      co_await call.services.sign_in.with_password(
          call.services.account, call.text("email"), call.secret("password"), call.visitor()));
  co_return respond_session(call, started);
}

Task<Result<Response>> sign_out(Call& call) {
  PRELOOP_CO_CHECK(co_await call.services.sign_in.sign_out(call.person()));
  Response response = done();
  response.headers.add("Set-Cookie", identity::clear_cookie(call.transport()));
  co_return response;
}

Task<Result<Response>> reauthenticate(Call& call) {
  PRELOOP_CO_TRY(const auto person,
                 co_await call.services.sign_in.reauthenticate(
                     call.person(), call.secret("password"), call.visitor()));
  co_return respond_me(call, person);
}

Task<Result<Response>> change_password(Call& call) {
  PRELOOP_CO_CHECK(co_await call.services.sign_in.change_password(
      call.person(), call.secret("current_password"), call.secret("new_password"), call.visitor()));
  co_return done();
}

Task<Result<Response>> elevate(Call& call) {
  identity::ScopeSet scopes;
  for (const core::JsonNode& node : call.body()["scopes"].elements()) {
    if (const auto scope = identity::parse_scope(core::Json(&node).as_string().value_or(""))) {
      scopes.add(*scope);
    }
  }
  PRELOOP_CO_TRY(
      const auto key,
      co_await call.services.sign_in.elevate(std::get<identity::OperatorPrincipal>(*call.principal),
                                             call.secret("password"),
                                             scopes,
                                             call.visitor()));
  co_return reply(201, view(key));
}

Task<Result<Response>> me(Call& call) {
  co_return respond_me(call, *call.principal);
}

Task<Result<Response>> sessions(Call& call) {
  PRELOOP_CO_TRY(const auto found, co_await call.services.sign_in.sessions(call.person()));
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (const identity::LoginSession& session : found) {
    write_login_session(writer, session, call.person().session);
  }
  writer.end_array().key("next_cursor").null().end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> end_session(Call& call) {
  PRELOOP_CO_TRY(const auto id, call.id<core::LoginSessionId>());
  PRELOOP_CO_CHECK(co_await call.services.sign_in.end_session(call.person(), id));
  co_return done();
}

Task<Result<Response>> show_link(Call& call) {
  PRELOOP_CO_TRY(const auto shown,
                 co_await call.services.links.show(call.secret("token"), call.visitor()));
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("purpose", identity::to_string(shown.purpose))
      .field("email", shown.email)
      .field("expires_at", core::to_rfc3339(shown.expires_at))
      .end_object();
  co_return reply(200, std::move(out));
}

/// A link says itself what it is for; the two addresses are for the reader of a log.
Task<Result<Response>> redeem(Call& call) {
  PRELOOP_CO_TRY(const auto started,
                 co_await call.services.links.redeem(call.secret("token"),
                                                     {.email = call.text("email"),
                                                      .display_name = call.text("display_name"),
                                                      .password = call.secret("password")},
                                                     call.visitor()));
  co_return respond_session(call, started);
}

constexpr Route k_routes[] = {
    {"sign_in", sign_in},
    {"sign_out", sign_out},
    {"reauthenticate", reauthenticate},
    {"change_password", change_password},
    {"elevate", elevate},
    {"get_me", me},
    {"list_login_sessions", sessions},
    {"end_login_session", end_session},
    {"show_link", show_link},
    {"set_up", redeem},
    {"reset_password", redeem},
};

}  // namespace

std::span<const Route> auth_routes() {
  return k_routes;
}

}  // namespace preloop::api
