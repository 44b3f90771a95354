#include "app/first_start.h"

#include "app/admin.h"
#include "app/example_policy.h"
#include "audit/types.h"

#include <cstdlib>

namespace preloop::app {
namespace {

using core::Task;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Task<core::Status> make_example(Wiring& wiring) {
  const audit::Actor actor{audit::ActorClass::system, {}, "first start"};
  catalogue::ServerConfig server;
  server.name = "example";
  server.transport = catalogue::Transport::stdio;
  // Not our path: who we run as may be unable to walk there (root's home), and it may move.
  server.command = "/proc/self/exe";
  server.args = {"example-server"};
  PRELOOP_CO_TRY(const policy::Applied applied,
                 co_await wiring.policy().apply(
                     actor,
                     std::string(example_policy().front().content),
                     {.comment = "first start", .expected_version = {}, .permit = {}}));
  (void)applied;
  PRELOOP_CO_CHECK(co_await wiring.catalogue().add(actor, std::move(server)));
  co_return core::Status();
}

Task<core::Status> make_example_agent(Wiring& wiring,
                                      const Config& config,
                                      std::optional<PendingClientFile> client_file,
                                      FirstStart& out) {
  Foundation& foundation = wiring.foundation();
  PRELOOP_CO_TRY(
      const identity::IssuedKey key,
      co_await create_agent_key(
          foundation, identity::Actor::server(foundation.account), "example", "local CLI"));
  ClientFile file;
  file.url = config.public_url;
  file.agent_token = key.secret;
  file.agents.emplace("example", key.secret);
  if (client_file && client_file->fill(file)) {
    out.client_file = client_file->path();
  } else {
    out.agent_key_shown = key.secret.reveal();
  }
  co_return core::Status();
}

}  // namespace

Task<core::Result<FirstStart>> first_start(Wiring& wiring,
                                           const Config& config,
                                           std::optional<PendingClientFile> client_file) {
  Foundation& foundation = wiring.foundation();
  FirstStart out;
  out.is_first = foundation.is_new;
  if (const std::string email = environment("PRELOOP_ADMIN_EMAIL"); !email.empty()) {
    PRELOOP_CO_CHECK(
        co_await identity::ensure_owner(*foundation.registry,
                                        *foundation.management,
                                        foundation.account,
                                        email,
                                        core::Secret(environment("PRELOOP_ADMIN_PASSWORD"))));
  }
  if (foundation.is_new && config.example) {
    PRELOOP_CO_CHECK(co_await make_example(wiring));
    PRELOOP_CO_CHECK(co_await make_example_agent(wiring, config, std::move(client_file), out));
  }
  if (!identity::has_owner(*foundation.registry->snapshot().latest(), foundation.account)) {
    PRELOOP_CO_TRY(const identity::Links::Made link,
                   co_await foundation.links->create(identity::Actor::server(foundation.account),
                                                     identity::LinkPurpose::setup,
                                                     std::nullopt));
    out.sign_in_url =
        identity::link_url(config.public_url, identity::LinkPurpose::setup, link.token).reveal();
  }
  co_return out;
}

}  // namespace preloop::app
