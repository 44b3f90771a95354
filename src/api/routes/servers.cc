#include "api/routes/routes.h"
#include "api/views_json.h"
#include "catalogue/config_json.h"

namespace preloop::api {
namespace {

using core::Code;
using core::fail;
using core::Result;
using core::Task;
using net::Response;

Response respond(const Call& call, int status, const catalogue::Server& server) {
  std::string out;
  core::JsonWriter writer(out);
  write_server(writer, server, *call.services.catalogue.snapshot().read());
  return reply_revision(status, server.revision, std::move(out));
}

/// The server of the path as the loop's snapshot has it.
Result<catalogue::Server> find(const Call& call) {
  PRELOOP_TRY(const auto id, call.id<core::ServerId>());
  const catalogue::Server* const server =
      call.services.catalogue.snapshot().read()->find_server(id);
  if (server == nullptr) {
    return fail(Code::not_found, "there is no such server");
  }
  return *server;
}

/// A stdio server runs a command on this machine (decision 36).
core::Status check_command(const Call& call, catalogue::Transport transport) {
  if (transport != catalogue::Transport::stdio) {
    return {};
  }
  PRELOOP_CHECK(call.authorize(identity::Permission::register_command));
  if (!call.services.allow_stdio) {
    return fail(Code::permission_denied,
                "commands cannot be registered over REST on this server: it listens beyond "
                "loopback (--allow-stdio permits it)");
  }
  return {};
}

Task<Result<Response>> list(Call& call) {
  const auto catalogue = call.services.catalogue.snapshot().read();
  std::string out;
  core::JsonWriter writer(out);
  writer.begin_object().key("items").begin_array();
  for (const auto& server : catalogue->servers()) {
    write_server(writer, *server, *catalogue);
  }
  writer.end_array().key("next_cursor").null().end_object();
  co_return reply(200, std::move(out));
}

Task<Result<Response>> get(Call& call) {
  PRELOOP_CO_TRY(const catalogue::Server server, find(call));
  co_return respond(call, 200, server);
}

Task<Result<Response>> create(Call& call) {
  PRELOOP_CO_TRY(catalogue::ServerConfig config, catalogue::read_config(call.body()));
  PRELOOP_CO_CHECK(check_command(call, config.transport));
  PRELOOP_CO_TRY(const catalogue::Server server,
                 co_await call.services.catalogue.add(call.audit_actor(), std::move(config)));
  co_return respond(call, 201, server);
}

Task<Result<Response>> update(Call& call) {
  PRELOOP_CO_TRY(const catalogue::Server before, find(call));
  PRELOOP_CO_TRY(catalogue::ServerConfig config, catalogue::read_config(call.body()));
  PRELOOP_CO_CHECK(check_command(call, before.config.transport));
  PRELOOP_CO_CHECK(check_command(call, config.transport));
  PRELOOP_CO_TRY(const catalogue::Server server,
                 co_await call.services.catalogue.update(call.audit_actor(),
                                                         before.id,
                                                         std::move(config),
                                                         call.revision.value_or(before.revision)));
  co_return respond(call, 200, server);
}

Task<Result<Response>> remove(Call& call) {
  PRELOOP_CO_TRY(const catalogue::Server server, find(call));
  if (call.revision.value_or(server.revision) != server.revision) {
    co_return fail(Code::aborted, "the server was changed meanwhile; read it again");
  }
  PRELOOP_CO_CHECK(co_await call.services.catalogue.remove(call.audit_actor(), server.id));
  co_return done();
}

Task<Result<Response>> scan(Call& call) {
  PRELOOP_CO_TRY(const catalogue::Server before, find(call));
  if (!call.services.scan) {
    co_return fail(Code::unavailable, "servers cannot be reached from here");
  }
  PRELOOP_CO_CHECK(co_await call.services.scan(before.id));
  PRELOOP_CO_TRY(const catalogue::Server after, find(call));
  co_return respond(call, 200, after);
}

Task<Result<Response>> accept(Call& call) {
  PRELOOP_CO_TRY(const catalogue::Server before, find(call));
  PRELOOP_CO_CHECK(
      co_await call.services.catalogue.accept(call.audit_actor(), before.id, std::nullopt));
  PRELOOP_CO_TRY(const catalogue::Server after, find(call));
  co_return respond(call, 200, after);
}

constexpr Route k_routes[] = {
    {"list_servers", list},
    {"get_server", get},
    {"create_server", create},
    {"update_server", update},
    {"remove_server", remove},
    {"scan_server", scan},
    {"accept_server", accept},
};

}  // namespace

std::span<const Route> server_routes() {
  return k_routes;
}

}  // namespace preloop::api
