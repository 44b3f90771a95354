#include "app/wiring.h"

#include "app/admin_socket.h"
#include "app/metrics.h"
#include "catalogue/config_json.h"
#include "core/log.h"
#include "net/url.h"

#include <fmt/format.h>

#include <cstdlib>

namespace preloop::app {
namespace {

using core::Task;

const audit::Actor k_admin{audit::ActorClass::admin, {}, "preloop admin"};
constexpr core::milliseconds k_in_flight_checkpoint{250};
constexpr core::seconds k_minute{60};
constexpr core::seconds k_hour{3600};

net::HostPolicy host_policy(const Config& config) {
  net::HostPolicy policy;
  policy.allowed_hosts = {"127.0.0.1", "localhost", "::1"};
  if (const auto url = net::Url::parse(config.public_url)) {
    policy.allowed_hosts.push_back(url->host);
  }
  for (const std::string& host : config.allowed_hosts) {
    policy.allowed_hosts.push_back(host);
  }
  return policy;
}

/// What a stdio server finds in its environment besides its own settings.
mcp::ChildDefaults child_defaults() {
  mcp::ChildDefaults defaults;
  for (const char* const name : {"PATH", "HOME", "LANG", "TZ"}) {
    if (const char* const value = std::getenv(name)) {
      defaults.environment.emplace(name, value);
    }
  }
  defaults.environment.try_emplace("PATH", "/usr/local/bin:/usr/bin:/bin");
  defaults.guard_binary = "/proc/self/exe";
  return defaults;
}

api::ServerFacts facts_of(const Foundation& f, const Config& config) {
  std::vector<std::string> listen;
  for (const net::ListenAddress& address : config.listen) {
    const bool is_v6 = address.host.contains(':');
    listen.push_back(is_v6 ? fmt::format("[{}]:{}", address.host, address.port)
                           : fmt::format("{}:{}", address.host, address.port));
  }
  return {.started_at = f.clock.wall(),
          .listen = std::move(listen),
          .data_dir = f.options.data_dir,
          .io_threads = f.loops.size(),
          .tls = config.tls.has_value(),
          .retention_days = config.retention_days,
          .disk_quota_bytes = config.disk_quota_bytes};
}

void warn_unless(const core::Status& status, std::string_view what) {
  if (!status) {
    core::log::warn(what, {{"error", status.error().message}});
  }
}

}  // namespace

/// Carries news upwards that lower layers only announce: a revoked key ends its requests, a removed
/// server too.
class Wiring::Observers final : public identity::RevocationListener,
                                public catalogue::ServerObserver {
 public:
  explicit Observers(Wiring& wiring)
      : w_(wiring), scope_(wiring.foundation_.loops.at(0).executor()) {}

  void revoked(const identity::Revocation& what) override {
    using Kind = identity::Revocation::Kind;
    if (what.kind == Kind::key && what.key) {
      scope_.spawn("cancel of key",
                   cancel(w_.approvals_->cancel_of_key(*what.key, "its key was " + what.reason)));
    }
    // A revoked key names its agent too, whose other keys go on.
    if (what.kind == Kind::agent && what.agent) {
      scope_.spawn(
          "cancel of agent",
          cancel(w_.approvals_->cancel_of_agent(*what.agent, "its agent was " + what.reason)));
    }
  }
  void server_started(const catalogue::Server& server) override {
    w_.upstreams_->server_started(server);
  }
  void server_removed(core::ServerId id) override {
    w_.upstreams_->server_removed(id);
    scope_.spawn("cancel of server",
                 cancel(w_.approvals_->cancel_of_server(id, "its server was removed")));
  }
  Task<void> stop() { co_await scope_.stop(); }

 private:
  static Task<void> cancel(Task<core::Status> work) {
    warn_unless(co_await std::move(work),
                "requests could not be cancelled; the firewall refuses them");
  }
  Wiring& w_;
  core::TaskScope scope_;  ///< of loop 0, where both kinds of news arrive
};

Wiring::Wiring(Foundation& foundation, const Config& config)
    : foundation_(foundation), config_(config) {
  Foundation& f = foundation_;
  core::Loop& owner = f.loops.at(0);

  keeper_ = std::make_unique<audit::Keeper>(
      audit::Keeper::Dependencies{.database = *f.database,
                                  .repo = *f.audit_repo,
                                  .sealer = *f.sealer,
                                  .key = *f.signing_key,
                                  .clock = f.clock,
                                  .offload = f.offload,
                                  .data_dir = f.options.data_dir,
                                  .origin = config.public_url,
                                  .retention = {.record_days = config.retention_days},
                                  .quota = {.max_bytes = config.disk_quota_bytes}});
  feed_ = std::make_unique<events::Feed>(*f.database, f.loops, f.clock);
  catalogue_ = catalogue::CatalogueService::create({.owner = owner,
                                                    .loops = f.loops,
                                                    .database = *f.database,
                                                    .clock = f.clock,
                                                    .account = f.account});
  policy_ = policy::PolicyService::create({.owner = owner,
                                           .loops = f.loops,
                                           .database = *f.database,
                                           .catalogue = *catalogue_,
                                           .identity = f.registry->snapshot(),
                                           .clock = f.clock,
                                           .offload = f.offload,
                                           .account = f.account});
  // From the oldest master key, as the record's payloads: a rotation keeps kept results readable.
  approvals_ = approvals::ApprovalService::create(
      {.owner = owner,
       .loops = f.loops,
       .database = *f.database,
       .identity = f.registry->snapshot(),
       .clock = f.clock,
       .result_key = f.keyring->keys().begin()->second.derive(secrets::Purpose::kept_result)});

  counter_ = std::make_unique<firewall::CallCounter>(
      firewall::CallCounter::Dependencies{.owner = owner,
                                          .record = *f.audit_repo,
                                          .approvals = *approvals_,
                                          .clock = f.clock,
                                          .account = f.account});
  approvals_->set_observer(counter_.get());

  notify_http_ = net::HttpClient::create(owner, {});
  notices_ = std::make_unique<approvals::Notices>(*approvals_, f.registry->snapshot(), f.clock);
  // From the oldest master key, as above: a rotation keeps channels' secrets and links.
  notifier_ = std::make_unique<notify::Notifier>(notify::Notifier::Dependencies{
      .owner = owner,
      .database = *f.database,
      .feed = *feed_,
      .identity = f.registry->snapshot(),
      .subjects = *notices_,
      .http = *notify_http_,
      .offload = mail_,
      .clock = f.clock,
      .account = f.account,
      .key = f.keyring->keys().begin()->second.derive(secrets::Purpose::notification),
      .public_url = config.public_url});

  std::vector<net::HttpClient*> clients;
  net::ClientOptions client_options;
  client_options.limits.max_connections_per_origin = 128;
  client_options.limits.max_idle_per_origin = 64;
  for (std::size_t i = 0; i < f.loops.size(); ++i) {
    http_.push_back(net::HttpClient::create(f.loops.at(i), client_options));
    clients.push_back(http_.back().get());
  }
  upstreams_ = mcp::UpstreamPool::create(
      {.loops = f.loops,
       .http = std::move(clients),
       .keeper = {.owner = owner,
                  .offload = f.offload,
                  .catalogue = *catalogue_,
                  .resolve =
                      [&f](std::string name) {
                        return f.secrets->resolve(f.account, std::move(name));
                      },
                  .child = child_defaults(),
                  .backoff = {}},
       .limits = {},
       .on_resource_updated = [this](core::ServerId server, std::string uri) {
         if (endpoint_) {
           endpoint_->resource_updated(server, std::move(uri));
         }
       }});
  firewall_ = std::make_unique<firewall::Firewall>(
      firewall::Firewall::Dependencies{.database = *f.database,
                                       .catalogue = catalogue_->snapshot(),
                                       .policy = policy_->snapshot(),
                                       .identity = f.registry->snapshot(),
                                       .approvals = *approvals_,
                                       .counter = *counter_,
                                       .upstream = *upstreams_,
                                       .clock = f.clock,
                                       .offload = f.offload,
                                       .loops = f.loops,
                                       .record = *f.sealer,
                                       .may_record = [this] { return keeper_->may_record(); }});
  mcp::McpEndpoint::Options endpoint_options;
  endpoint_options.version = PRELOOP_VERSION;
  endpoint_ =
      mcp::McpEndpoint::create({.loops = f.loops,
                                .clock = f.clock,
                                .offload = f.offload,
                                .identity = f.registry->snapshot(),
                                .catalogue = catalogue_->snapshot(),
                                .policy = policy_->snapshot(),
                                .firewall = *firewall_,
                                .touch =
                                    [&f](identity::AgentPrincipal who, std::string client) {
                                      return f.runtime_sessions->touch(who, std::move(client));
                                    }},
                               endpoint_options);
  observers_ = std::make_unique<Observers>(*this);
  catalogue_->set_observer(observers_.get());
  f.registry->add_listener(*observers_);
  f.registry->add_listener(*endpoint_);

  admin_ = std::make_unique<Admin>(
      f,
      config.public_url,
      Admin::Hooks{.add_server = [this](core::Json json) { return admin_add_server(json); },
                   .apply_policy =
                       [this](std::string yaml, bool prune) {
                         return admin_apply_policy(std::move(yaml), prune);
                       }});
  housekeeping_ = std::make_unique<Housekeeping>(owner);
  housekeeping_->every(
      k_in_flight_checkpoint, "note calls in flight", [this] { return firewall_->checkpoint(); });
  housekeeping_->every(k_minute, "expire keys", [&f] { return f.registry->expire(); });
  housekeeping_->every(k_minute, "note key use", [&f] { return f.key_usage->flush(); });
  housekeeping_->every(k_minute, "end idle sessions", [&f] { return f.runtime_sessions->sweep(); });
  housekeeping_->every(k_hour, "purge sign-ins", [&f] { return f.sign_in->purge(); });
  housekeeping_->every(k_hour, "purge links", [&f] { return f.links->purge(); });
  housekeeping_->every(k_hour, "purge terminal logins", [&f] { return f.cli_login->purge(); });
  housekeeping_->every(k_hour, "forget repeats", [this] { return api_->purge(); });
  housekeeping_->every(k_hour, "forget old messages", [this] { return notifier_->outbox.purge(); });
  housekeeping_->every(k_hour, "trim events", [this] { return feed_->apply_retention(); });

  api_ = api::Api::create({.loops = f.loops,
                           .clock = f.clock,
                           .offload = f.offload,
                           .database = *f.database,
                           .account = f.account,
                           .registry = *f.registry,
                           .management = *f.management,
                           .sign_in = *f.sign_in,
                           .links = *f.links,
                           .cli_login = *f.cli_login,
                           .key_usage = *f.key_usage,
                           .runtime_sessions = *f.runtime_sessions,
                           .catalogue = *catalogue_,
                           .policy = *policy_,
                           .approvals = *approvals_,
                           .notifier = *notifier_,
                           .secrets = *f.secrets,
                           .audit = *f.audit_repo,
                           .sealer = *f.sealer,
                           .signing_key = *f.signing_key,
                           .feed = *feed_,
                           .past_of =
                               [this](core::AgentId agent) {
                                 return counter_->past_of(policy_->snapshot().latest(), agent);
                               },
                           .scan = [this](core::ServerId id) { return upstreams_->scan(id); },
                           .cursor_key = f.keyring->derive(secrets::Purpose::cursor),
                           .public_url = config.public_url,
                           .version = PRELOOP_VERSION,
                           .allow_stdio = config.allow_stdio,
                           .facts = facts_of(f, config)});
  front_ = std::make_unique<Front>(Front::Dependencies{
      .hosts = host_policy(config),
      .api =
          [this](
              net::Request& request, net::Responder& responder, const core::CallContext& context) {
            return api_->handle(request, responder, context);
          },
      .mcp =
          [this](
              net::Request& request, net::Responder& responder, const core::CallContext& context) {
            return endpoint_->handle(request, responder, context);
          },
      .max_mcp_body = mcp::k_max_post_body,
      .not_ready = [this] { return not_ready(); },
      .metrics = [this] { return metrics(); },
      .identity = &f.registry->snapshot(),
      .clock = &f.clock});
}

Wiring::~Wiring() = default;

Task<core::Result<std::string>> Wiring::admin_add_server(core::Json json) {
  PRELOOP_CO_TRY(catalogue::ServerConfig wanted, catalogue::read_config(json));
  PRELOOP_CO_TRY(const catalogue::Server server,
                 co_await catalogue_->add(k_admin, std::move(wanted)));
  std::string out;
  core::JsonWriter(out)
      .begin_object()
      .field("id", server.id.to_string())
      .field("name", server.config.name)
      .end_object();
  co_return out;
}

Task<core::Result<std::string>> Wiring::admin_apply_policy(std::string yaml, bool prune) {
  PRELOOP_CO_TRY(
      const policy::Applied applied,
      co_await policy_->apply(k_admin,
                              std::move(yaml),
                              {.comment = "preloop admin",
                               .expected_version = {},
                               .permit = {},
                               .prune = prune ? policy::Prune::yes : policy::Prune::no}));
  std::string out;
  core::JsonWriter(out).begin_object().field("version", applied.version).end_object();
  co_return out;
}

Task<core::Status> Wiring::start() {
  started_ = true;
  // What a crash left behind, before anybody can ask.
  PRELOOP_CO_CHECK(co_await keeper_->prepare());
  PRELOOP_CO_CHECK(co_await firewall_->start());
  PRELOOP_CO_CHECK(co_await approvals_->start());
  // Rules before servers: no upstream is ever reached under rules that are not loaded.
  PRELOOP_CO_CHECK(co_await policy_->start());
  PRELOOP_CO_CHECK(co_await catalogue_->start());
  feed_->start();
  keeper_->start(foundation_.loops.at(0));
  PRELOOP_CO_CHECK(co_await notifier_->outbox.start());
  co_await endpoint_->start();
  PRELOOP_CO_TRY(admin_socket_,
                 make_admin_socket(foundation_.loops.at(0), foundation_.options.data_dir, *admin_));
  admin_socket_->start();
  housekeeping_->start();
  co_return core::Status();
}

Task<void> Wiring::drain() {
  draining_ = true;
  if (started_) {
    endpoint_->drain();
    // Ends the live streams, which would otherwise hold the listeners open.
    co_await feed_->stop();
  }
}

Task<void> Wiring::stop() {
  if (!started_) {
    co_return;
  }
  co_await housekeeping_->stop();
  if (admin_socket_) {
    co_await admin_socket_->stop();
  }
  co_await endpoint_->stop();
  warn_unless(co_await firewall_->checkpoint(), "the next start reads more of the record");
  co_await notifier_->outbox.stop();
  co_await approvals_->stop();
  co_await core::on_loop(foundation_.loops.at(0), notify_http_->stop());
  co_await upstreams_->stop();
  for (std::size_t i = 0; i < http_.size(); ++i) {
    co_await core::on_loop(foundation_.loops.at(i), http_[i]->stop());
  }
  co_await observers_->stop();
  co_await keeper_->stop();
}

std::optional<std::string> Wiring::not_ready() const {
  if (draining_) {
    return "draining";
  }
  const store::Health health = foundation_.database->health();
  if (!health.writable) {
    return health.problem;
  }
  return std::nullopt;
}

std::string Wiring::metrics() const {
  MetricsPage page;
  if (stats_) {
    const net::ServerStats stats = stats_();
    page.gauge("preloop_http_connections",
               "Open connections.",
               static_cast<double>(stats.connections_open));
    page.counter("preloop_http_connections_total", "Connections taken.", stats.connections_total);
    page.counter("preloop_http_connections_refused_total",
                 "Connections turned away.",
                 stats.connections_refused);
    page.counter("preloop_http_requests_total", "Requests read.", stats.requests_total);
  }
  const mcp::EndpointCounters& calls = endpoint_->counters();
  page.counters("preloop_calls_total",
                "Tool calls by how they ended.",
                {{R"(outcome="answered")", calls.calls_answered},
                 {R"(outcome="upstream_error")", calls.calls_upstream_error},
                 {R"(outcome="refused")", calls.calls_refused},
                 {R"(outcome="pending")", calls.calls_pending},
                 {R"(outcome="unknown_tool")", calls.calls_unknown_tool},
                 {R"(outcome="over_limit")", calls.calls_over_limit}});
  page.gauge("preloop_calls_in_flight",
             "Tool calls being governed.",
             static_cast<double>(calls.calls_in_flight));
  page.gauge("preloop_mcp_sessions",
             "Protocol sessions.",
             static_cast<double>(endpoint_->session_count()));
  page.gauge("preloop_mcp_streams", "Open GET streams.", static_cast<double>(calls.listeners));
  page.gauge("preloop_halted",
             "1 when all tool calls are halted.",
             approvals_->switches().is_on(approvals::HaltScope::tools) ? 1 : 0);
  page.gauge("preloop_approvals_pending",
             "Requests that wait.",
             static_cast<double>(approvals_->pending_count()));
  const store::Health health = foundation_.database->health();
  page.gauge("preloop_store_writable", "1 when the store takes writes.", health.writable ? 1 : 0);
  page.gauge("preloop_store_queued_units",
             "Units waiting for the writer.",
             static_cast<double>(health.queued_units));
  page.gauge(
      "preloop_store_wal_bytes", "Size of SQLite's log.", static_cast<double>(health.wal_bytes));
  page.counter("preloop_store_units_total", "Units committed.", health.units_committed);
  page.counter("preloop_store_batches_total", "Batches committed.", health.batches_committed);
  page.gauge("preloop_storage_level",
             "0 ok, 1 warn, 2 critical, 3 full.",
             static_cast<double>(keeper_->level()));
  add_process_metrics(page);
  return page.take();
}

}  // namespace preloop::app
