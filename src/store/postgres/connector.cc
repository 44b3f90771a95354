#include "store/postgres/connector.h"

#include <array>
#include <string_view>
#include <utility>

namespace preloop::store::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto k_connect_patience = 10s;

/// Used where the URL says nothing. A dead peer is noticed within a minute.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> k_defaults = {{
    {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
    {"gssencmode", "disable"},  // libpq would block the loop for a ticket
    {"target_session_attrs", "primary"},
    {"application_name", "preloop"},
    {"client_encoding", "UTF8"},
}};

const char* settings_of(Role role) {
  // The server's side of a vanished node: its locks go with the keepalive or the idle timeout.
  // A strict unit means the disk: an operator's stronger setting stays, `off` does not.
  switch (role) {
    case Role::writer:
      return "SELECT set_config('default_transaction_isolation', 'read committed', false), "
             "set_config('default_transaction_read_only', 'off', false), "
             "set_config('statement_timeout', '30s', false), "
             "set_config('lock_timeout', '10s', false), "
             "set_config('idle_in_transaction_session_timeout', '30s', false), "
             "set_config('tcp_keepalives_idle', '30', false), "
             "set_config('tcp_keepalives_interval', '10', false), "
             "set_config('tcp_keepalives_count', '3', false), "
             "set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
             "WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)";
    case Role::reader:
      return "SELECT set_config('default_transaction_isolation', 'read committed', false), "
             "set_config('default_transaction_read_only', 'on', false), "
             "set_config('statement_timeout', '30s', false)";
    case Role::listener:
      return "LISTEN preloop_event";
    case Role::migrator:
      return "SELECT set_config('default_transaction_isolation', 'read committed', false), "
             "set_config('default_transaction_read_only', 'off', false), "
             "set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)";
  }
  return "";
}

core::Result<std::vector<Parameter>> complete(const Endpoint& endpoint) {
  PRELOOP_TRY(std::vector<Parameter> parameters, endpoint.resolve());
  for (const auto& [keyword, value] : k_defaults) {
    const bool given = std::ranges::any_of(
        parameters, [&](const Parameter& parameter) { return parameter.keyword == keyword; });
    if (!given) {
      parameters.push_back({std::string(keyword), core::Secret(std::string(value))});
    }
  }
  return parameters;
}

}  // namespace

core::Task<core::Result<std::unique_ptr<Connection>>> Connector::connect(Role role) {
  PRELOOP_CO_TRY(const std::vector<Parameter> parameters,
                 co_await resolver_.run([copy = endpoint_] { return complete(copy); }));
  const core::MonoTime deadline = within(k_connect_patience);
  PRELOOP_CO_TRY(std::unique_ptr<Connection> connection,
                 co_await Connection::open(endpoint_, parameters, deadline));
  const Command settings{settings_of(role), {}, Command::Kind::direct};
  PRELOOP_CO_CHECK(co_await connection->run_one(settings, deadline));
  co_return connection;
}

}  // namespace preloop::store::postgres
