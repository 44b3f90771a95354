#include "api/testing/world.h"

#include "catalogue/definition.h"
#include "core/crypto.h"
#include "identity/bootstrap.h"
#include "policy/compiled.h"
#include "secrets/keyring.h"
#include "store/factory.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

namespace preloop::api::testing {
namespace {

using core::Task;
using identity::Role;

constexpr Role k_roles[] = {Role::viewer, Role::member, Role::approver, Role::admin, Role::owner};
constexpr std::string_view k_host = "127.0.0.1:8000";
constexpr auto k_patience = std::chrono::seconds(30);

catalogue::Tool tool_of(const std::string& text) {
  const auto parsed = core::JsonDocument::parse(text);
  return *catalogue::read_definition(parsed->root(), text);
}

Task<core::Status> note_scan(std::vector<core::ServerId>& scanned, core::ServerId id) {
  scanned.push_back(id);
  co_return core::Status();
}

Task<void> answer(Api& api,
                  std::shared_ptr<net::Request> request,
                  std::shared_ptr<Recorder> recorder,
                  std::shared_ptr<core::CallContext> context) {
  co_await api.handle(*request, *recorder, *context);
}

}  // namespace

struct Recorder::State {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  net::Response response;
  std::string streamed;
  bool started = false;
  bool ended = false;
};

std::shared_ptr<Recorder::State> Recorder::make_state() {
  return std::make_shared<State>();
}

Task<core::Status> Recorder::send(net::Response response) {
  const std::lock_guard lock(state_->mutex);
  state_->response = std::move(response);
  state_->started = state_->ended = true;
  state_->changed.notify_all();
  co_return core::Status();
}

Task<core::Status> Recorder::start_stream(net::Response head) {
  const std::lock_guard lock(state_->mutex);
  state_->response = std::move(head);
  state_->started = true;
  co_return core::Status();
}

Task<core::Status> Recorder::write(std::string_view bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->streamed += bytes;
  state_->changed.notify_all();
  co_return core::Status();
}

Task<core::Status> Recorder::finish() {
  const std::lock_guard lock(state_->mutex);
  state_->ended = true;
  state_->changed.notify_all();
  co_return core::Status();
}

bool Recorder::started() const {
  const std::lock_guard lock(state_->mutex);
  return state_->started;
}
net::Response Recorder::response() const {
  const std::lock_guard lock(state_->mutex);
  return state_->response;
}
std::string Recorder::streamed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->streamed;
}

bool Recorder::wait_for(std::string_view text) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(
      lock, k_patience, [&] { return state_->streamed.find(text) != std::string::npos; });
}
bool Recorder::wait_for_end() const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, k_patience, [&] { return state_->ended; });
}

World::World() : parts(std::make_unique<Parts>()) {
  loops.start();
  auto loaded = Contract::load();
  REQUIRE_MESSAGE(loaded, loaded.error().message);
  contract = std::move(*loaded);
  for (std::size_t i = 0; i < contract.operations.size(); ++i) {
    REQUIRE(router_.add(contract.operations[i].method, contract.operations[i].path, i));
  }
  const core::Status built = run(build());
  REQUIRE_MESSAGE(built, built.error().message);
}

namespace {
Task<void> stop_all(World::Parts& parts) {
  co_await parts.feed->stop();
  co_await parts.http->stop();
  co_await parts.approvals->stop();
  co_await parts.database->stop();
  parts.database->set_sealer(nullptr);
}
}  // namespace

World::~World() {
  run(stop_all(*parts));
  loops.stop();
}

Task<core::Status> World::build() {
  core::Loop& owner = loops.at(0);
  Parts& p = *parts;
  PRELOOP_CO_TRY(p.database,
                 co_await store::open_database(
                     {.data_dir = folder.path(), .database_url = {}, .holder = "test"}));
  PRELOOP_CO_TRY(const auto found, co_await identity::ensure_account(*p.database, clock.wall()));
  account = found.id;
  PRELOOP_CO_TRY(
      const auto keyring,
      co_await secrets::open_keyring(
          *p.database, offload, secrets::OwnKeyFile{folder / "keys/master.key"}, clock.wall()));
  p.cipher = std::make_unique<audit::PayloadCipher>(core::Secret(core::random_bytes(32)));
  p.audit = std::make_unique<audit::AuditRepo>(*p.database, *p.cipher);
  p.signing_key = std::make_unique<audit::SigningKey>(core::Secret(core::random_bytes(32)));
  PRELOOP_CO_TRY(p.sealer, co_await audit::ChainSealer::open(*p.audit, clock, *p.cipher));
  p.database->set_sealer(p.sealer.get());
  p.secrets = std::make_unique<secrets::SecretStore>(*p.database, offload, clock, keyring);
  p.registry = std::make_unique<identity::Registry>(owner, loops, *p.database, clock);
  PRELOOP_CO_CHECK(co_await p.registry->load());
  p.hasher = std::make_unique<identity::PasswordHasher>(owner, offload);
  p.management = std::make_unique<identity::Management>(*p.registry, *p.hasher);
  p.sign_in = std::make_unique<identity::SignIn>(*p.registry, *p.hasher);
  p.links = std::make_unique<identity::Links>(*p.registry, *p.hasher, *p.sign_in);
  p.cli_login = std::make_unique<identity::CliLogin>(*p.registry);
  p.key_usage = std::make_unique<identity::KeyUsage>(*p.registry);
  p.runtime_sessions =
      std::make_unique<identity::RuntimeSessions>(loops, *p.registry, *p.key_usage);
  p.registry->add_listener(*p.runtime_sessions);
  p.feed = std::make_unique<events::Feed>(*p.database, loops, clock);
  p.catalogue = catalogue::CatalogueService::create({owner, loops, *p.database, clock, account});
  p.policy = policy::PolicyService::create(
      {owner, loops, *p.database, *p.catalogue, p.registry->snapshot(), clock, offload, account});
  p.approvals =
      approvals::ApprovalService::create({.owner = owner,
                                          .loops = loops,
                                          .database = *p.database,
                                          .identity = p.registry->snapshot(),
                                          .clock = clock,
                                          .result_key = core::Secret(core::random_bytes(32))});
  p.http = net::HttpClient::create(owner, {});
  p.notices = std::make_unique<approvals::Notices>(*p.approvals, p.registry->snapshot(), clock);
  p.notifier = std::make_unique<notify::Notifier>(
      notify::Notifier::Dependencies{.owner = owner,
                                     .database = *p.database,
                                     .feed = *p.feed,
                                     .identity = p.registry->snapshot(),
                                     .subjects = *p.notices,
                                     .http = *p.http,
                                     .offload = offload,
                                     .clock = clock,
                                     .account = account,
                                     .key = core::Secret(core::random_bytes(32)),
                                     .public_url = "http://127.0.0.1:8000"});
  p.api = Api::create(
      {.loops = loops,
       .clock = clock,
       .offload = offload,
       .database = *p.database,
       .account = account,
       .registry = *p.registry,
       .management = *p.management,
       .sign_in = *p.sign_in,
       .links = *p.links,
       .cli_login = *p.cli_login,
       .key_usage = *p.key_usage,
       .runtime_sessions = *p.runtime_sessions,
       .catalogue = *p.catalogue,
       .policy = *p.policy,
       .approvals = *p.approvals,
       .notifier = *p.notifier,
       .secrets = *p.secrets,
       .audit = *p.audit,
       .sealer = *p.sealer,
       .signing_key = *p.signing_key,
       .feed = *p.feed,
       .scan = [this](core::ServerId id) { return note_scan(scanned, id); },
       .cursor_key = keyring->derive(secrets::Purpose::cursor),
       .public_url = "http://127.0.0.1:8000",
       .version = "test",
       .allow_stdio = allow_stdio,
       .facts = {
           .started_at = clock.wall(), .listen = {"127.0.0.1:8000"}, .data_dir = folder.path()}});
  PRELOOP_CO_CHECK(co_await p.approvals->start());
  PRELOOP_CO_CHECK(co_await p.policy->start());
  PRELOOP_CO_CHECK(co_await p.catalogue->start());
  p.feed->start();
  for (const Role role : k_roles) {
    const std::string name(identity::to_string(role));
    PRELOOP_CO_TRY(people_[role],
                   co_await p.management->create_person(identity::Actor::server(account),
                                                        {name + "@example.com", name, role}));
  }
  PRELOOP_CO_TRY(
      agent_,
      co_await p.management->create_agent(identity::Actor::server(account),
                                          {"coder", "test", {}, people_.at(Role::member).id}));
  co_return core::Status();
}

Credential World::session(Role role) {
  const auto started =
      run(parts->sign_in->start_session(account, people_.at(role).id, {"192.0.2.7", "test"}));
  REQUIRE_MESSAGE(started, started.error().message);
  return {.cookie = started->cookie.reveal(), .half = started->header.reveal(), .key = {}};
}

Credential World::operator_key(Role role, identity::ScopeSet scopes) {
  const auto made =
      run(parts->management->create_key(identity::Actor::admin(account),
                                        {.key_class = identity::KeyClass::operator_key,
                                         .name = "terminal",
                                         .agent = {},
                                         .person = people_.at(role).id,
                                         .scopes = scopes,
                                         .expires_at = {}}));
  REQUIRE_MESSAGE(made, made.error().message);
  return {.cookie = {}, .half = {}, .key = made->secret.reveal()};
}

Credential World::agent_key() {
  const auto made = run(parts->management->create_key(identity::Actor::server(account),
                                                      {.key_class = identity::KeyClass::agent_key,
                                                       .name = "laptop",
                                                       .agent = agent_->id,
                                                       .person = {},
                                                       .scopes = {},
                                                       .expires_at = {}}));
  REQUIRE_MESSAGE(made, made.error().message);
  return {.cookie = {}, .half = {}, .key = made->secret.reveal()};
}

core::ServerId World::add_bank() {
  catalogue::ServerConfig config;
  config.name = "bank";
  config.transport = catalogue::Transport::streamable_http;
  config.url = "https://bank.example/mcp";
  const audit::Actor actor{.type = audit::ActorClass::system, .id = {}, .name = "test"};
  const auto added = run(parts->catalogue->add(actor, config));
  REQUIRE_MESSAGE(added, added.error().message);
  REQUIRE(run(parts->catalogue->listed(
      added->id,
      {tool_of(
           R"({"name":"pay","description":"Pays","inputSchema":{"type":"object","properties":{"amount":{"type":"number"}}}})"),
       tool_of(R"({"name":"get_balance","inputSchema":{"type":"object"}})")})));
  return added->id;
}

core::ApprovalId World::add_request(std::string arguments) {
  const auto policy = policy::CompiledPolicy::compile(policy::Document{});
  approvals::Request request;
  request.account = account;
  request.call = core::CallId::make(clock.wall());
  request.agent = agent_->id;
  request.agent_name = agent_->name;
  request.key = core::KeyId::make(clock.wall());
  request.session = core::RuntimeSessionId::make(clock.wall());
  request.server = core::ServerId::make(clock.wall());
  request.server_name = "bank";
  request.tool = "pay";
  request.call_key = core::sha256(arguments);
  request.arguments = std::move(arguments);
  request.tool_definition = R"({"name":"pay"})";
  request.accepted_definition = R"({"name":"pay","description":"Pays"})";
  request.verdict.action = policy::Action::require_approval;
  request.verdict.workflows = {(*policy)->find_workflow("default")};
  const auto ticket = run(parts->approvals->admit(std::move(request), store::Unit{}));
  REQUIRE_MESSAGE(ticket, ticket.error().message);
  return ticket->id;
}

net::Request World::request_of(const Credential& who, const Ask& ask) const {
  net::Request request;
  request.method = ask.method;
  request.target = "/api/v1" + ask.target;
  const auto question = ask.target.find('?');
  request.path = "/api/v1" + ask.target.substr(0, question);
  if (question != std::string::npos) {
    request.query = ask.target.substr(question + 1);
  }
  request.headers.set("Host", k_host);
  request.headers.set("User-Agent", "test");
  if (!ask.body.empty()) {
    request.headers.set("Content-Type", ask.type);
    request.body = ask.body;
  }
  if (!who.key.empty()) {
    request.headers.set("Authorization", "Bearer " + who.key);
  }
  if (!who.cookie.empty()) {
    request.headers.set("Cookie", "other=1; preloop=" + who.cookie);
  }
  if (!who.half.empty()) {
    request.headers.set("X-Preloop-Session", who.half);
  }
  for (const auto& [name, value] : ask.headers) {
    request.headers.set(name, value);
  }
  return request;
}

Answer World::ask(const Credential& who, const Ask& ask) {
  auto request = std::make_shared<net::Request>(request_of(who, ask));
  auto recorder = std::make_shared<Recorder>();
  auto context = std::make_shared<core::CallContext>();
  context->peer = "192.0.2.7";
  if (ask.client == Ask::Client::is_gone) {
    context->cancelled.request();
  }
  run(answer(*parts->api, request, recorder, context));
  Answer out;
  const net::Response response = recorder->response();
  out.status = response.status;
  out.headers = response.headers;
  out.body = response.body + recorder->streamed();
  if (response.headers.get("Content-Type").value_or("").find("json") != std::string_view::npos &&
      response.headers.get("Content-Type") != "application/x-ndjson") {
    auto parsed = core::JsonDocument::parse(out.body);
    REQUIRE_MESSAGE(parsed, out.body);
    out.document = std::move(*parsed);
  }
  const auto found = router_.find(request->method, std::string_view(request->path).substr(7));
  if (found.match) {
    check_contract(contract.operations[found.match->operation], out);
  }
  return out;
}

World::Open World::open(const Credential& who, const Ask& ask) {
  auto request = std::make_shared<net::Request>(request_of(who, ask));
  Open open{std::make_shared<Recorder>(), {}};
  auto context = std::make_shared<core::CallContext>();
  open.client = std::make_shared<core::CancelToken>(context->cancelled);
  core::testing::detail::start(
      loops.at(1), answer(*parts->api, request, open.recorder, context), [](std::exception_ptr) {});
  return open;
}

/// The answer's status, content type and body are what the contract says of the operation.
void World::check_contract(const Operation& operation, const Answer& answer) {
  std::string media(answer.headers.get("Content-Type").value_or(""));
  media = media.substr(0, media.find(';'));
  const std::string cache = fmt::format("{} {} {}", operation.id, answer.status, media);
  if (!schemas_.contains(cache)) {
    std::string method = operation.method;
    for (char& c : method) {
      c = static_cast<char>(c - 'A' + 'a');
    }
    const auto document = core::JsonDocument::parse(contract.json);
    const core::Json root = document->root();
    const core::Json responses = root["paths"][operation.path][method]["responses"];
    core::Json described = responses[std::to_string(answer.status)];
    if (!described.exists()) {
      CHECK_MESSAGE(answer.status >= 400, cache);
      described = root["components"]["responses"]["Problem"];
    }
    const core::Json content = described["content"];
    if (media.empty()) {
      CHECK_MESSAGE(!content.exists(), cache);
      schemas_[cache] = std::nullopt;
    } else {
      const core::Json schema = content[media]["schema"];
      REQUIRE_MESSAGE(schema.exists(), cache);
      const std::string text =
          fmt::format(R"({{"$defs":{{"x":{}}},"$ref":"#/$defs/x","components":{}}})",
                      schema.dump(),
                      root["components"].dump());
      const auto wrapped = core::JsonDocument::parse(text);
      auto compiled = schema::Schema::compile(wrapped->root());
      REQUIRE_MESSAGE(compiled, compiled.error().message);
      schemas_.emplace(cache, std::move(*compiled));
    }
  }
  if (const auto& schema = schemas_.at(cache); schema && answer.document.root().exists()) {
    const schema::Validation checked = schema->validate(answer.json());
    CHECK_MESSAGE(checked.valid(),
                  cache << ": "
                        << (checked.problems.empty() ? ""
                                                     : checked.problems[0].instance_path + " " +
                                                           checked.problems[0].message)
                        << "\n"
                        << answer.body);
  }
}

}  // namespace preloop::api::testing
