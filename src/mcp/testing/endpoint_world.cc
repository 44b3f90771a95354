#include "mcp/testing/endpoint_world.h"

#include "catalogue/definition.h"
#include "catalogue/names.h"
#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/loop_call.h"
#include "core/wakeup.h"
#include "mcp/http_rules.h"
#include "mcp/rpc_codec.h"
#include "net/testing/memory_stream.h"
#include "policy/compiled.h"
#include "store/factory.h"
#include "store/testing/databases.h"

#include <doctest/doctest.h>

namespace preloop::mcp::testing {

using core::Task;

Task<core::Result<firewall::UpstreamAnswer>> EchoUpstream::call_tool(
    const firewall::Permit&,
    const catalogue::Tool& tool,
    std::string params,
    std::function<void(std::string_view)> on_notification,
    const core::CallContext& context) {
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(params);
  }
  if (tool.name == "fails") {
    co_return firewall::UpstreamAnswer{
        {}, R"({"code":-32042,"message":"upstream says no","data":{"a":1.0}})"};
  }
  if (tool.name == "slow") {
    const auto token =
        core::raw_member(core::raw_member(params, "_meta").value_or("{}"), "progressToken");
    if (token) {
      on_notification(make_notification(
          "notifications/progress",
          R"({"progressToken":)" + std::string(*token) + R"(,"progress":1,"total":2})"));
    }
    core::Loop* const loop = core::Loop::current();
    const auto go_on = std::make_shared<core::Wakeup>(loop->executor());
    const auto gone = context.cancelled.subscribe([go_on] { go_on->set(); });
    {
      const std::lock_guard lock(mutex_);
      if (is_released_) {
        go_on->set();
      }
      waiting_.emplace_back([loop, go_on] { loop->post([go_on] { go_on->set(); }); });
    }
    (void)co_await go_on->wait();
    if (context.cancelled.requested()) {
      co_return core::fail(core::Code::cancelled, "the caller asked to stop");
    }
  }
  co_return firewall::UpstreamAnswer{R"({"content":[], "echo": )" + params + "}", {}};
}

void EchoUpstream::release() {
  const std::lock_guard lock(mutex_);
  is_released_ = true;
  for (const auto& go_on : waiting_) {
    go_on();
  }
}

std::vector<std::string> EchoUpstream::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

struct EndpointWorld::NoSealer final : store::Sealer {
  void begin() override {}
  core::Result<std::vector<store::Statement>> seal(const store::Draft&) override {
    return std::vector<store::Statement>();
  }
  void committed() override {}
  void rolled_back() override {}
};

namespace {

constexpr std::string_view k_policy = R"(version: 2
rules:
  - {tool: pay, when: "args.amount <= 100", action: allow}
  - {tool: pay, when: "args.amount <= 1000", action: require_approval}
  - {tool: pay, action: deny, message: "Payments over 1000 are not possible here."}
)";

std::string definition_of(std::string_view name) {
  return R"({"name":")" + std::string(name) + R"(","inputSchema":{"type":"object"}})";
}

std::string add_key(identity::Directory::Contents& contents, identity::KeyInfo info) {
  const identity::NewKey made = identity::make_key(info.key_class, core::KeyId::make({}));
  info.id = made.stored.id;
  info.hash = made.stored.hash;
  contents.keys.push_back(info);
  return made.text.reveal();
}

Task<void> sweep_here(McpEndpoint& endpoint) {
  endpoint.sweep_now();
  co_return;
}

Task<void> nothing() {
  co_return;
}

}  // namespace

EndpointWorld::EndpointWorld(McpEndpoint::Options options)
    : agent(core::AgentId::make(clock.wall())),
      ana(core::PersonId::make(clock.wall())),
      sealer_(std::make_unique<NoSealer>()),
      server_(core::ServerId::make(clock.wall())) {
  loops_.start();
  auto opened = run(store::open_database({.data_dir = folder_.path()}));
  REQUIRE_MESSAGE(opened, opened.error().message);
  database_ = std::move(*opened);
  database_->set_sealer(sealer_.get());
  account = store::testing::TestDatabase{*database_, loops_}.make_account();

  identity::Person person;
  person.id = ana;
  person.account = account;
  person.email = "ana@example.com";
  person.role = identity::Role::approver;
  contents_.people.push_back(person);
  contents_.agents.push_back({.id = agent, .account = account, .name = "bot"});
  agent_key = add_key(contents_, {.account = account, .name = "laptop", .agent = agent});
  second_key = add_key(contents_, {.account = account, .name = "server", .agent = agent});
  operator_key = add_key(contents_,
                         {.account = account,
                          .key_class = identity::KeyClass::operator_key,
                          .name = "ops",
                          .person = ana});
  identity_ = std::make_unique<identity::IdentitySnapshot>(
      loops_, std::make_shared<const identity::Directory>(contents_));
  catalogue_ = std::make_unique<catalogue::CatalogueSnapshot>(
      loops_, catalogue_of({"pay", "get_balance", "slow", "fails"}));
  auto document = policy::parse_document(k_policy);
  REQUIRE_MESSAGE(document, document.error().message);
  policy_ = std::make_unique<policy::PolicySnapshot>(
      loops_, *policy::CompiledPolicy::compile(std::move(*document)));
  approvals_ =
      approvals::ApprovalService::create({.owner = loops_.at(0),
                                          .loops = loops_,
                                          .database = *database_,
                                          .identity = *identity_,
                                          .clock = clock,
                                          .result_key = core::Secret(core::random_bytes(32))});
  REQUIRE(run(approvals_->start()));
  firewall_ = std::make_unique<firewall::Firewall>(
      firewall::Firewall::Dependencies{.database = *database_,
                                       .catalogue = *catalogue_,
                                       .policy = *policy_,
                                       .identity = *identity_,
                                       .approvals = *approvals_,
                                       .upstream = upstream,
                                       .clock = clock,
                                       .offload = offload_,
                                       .may_record = [] { return true; }});
  options.sweep_every = std::chrono::milliseconds(20);
  endpoint = McpEndpoint::create(
      {.loops = loops_,
       .clock = clock,
       .offload = offload_,
       .identity = *identity_,
       .catalogue = *catalogue_,
       .policy = *policy_,
       .firewall = *firewall_,
       .touch = [this](identity::AgentPrincipal,
                       std::string) -> Task<core::Result<core::RuntimeSessionId>> {
         ++touches;
         return [](core::WallTime now) -> Task<core::Result<core::RuntimeSessionId>> {
           co_return core::RuntimeSessionId::make(now);
         }(clock.wall());
       }},
      std::move(options));
}

EndpointWorld::~EndpointWorld() {
  run(endpoint->stop());
  run(approvals_->stop());
  run(database_->stop());
}

std::shared_ptr<const catalogue::Catalogue> EndpointWorld::catalogue_of(
    std::vector<std::string> names) {
  catalogue::Server server;
  server.id = server_;
  server.config.name = "bank";
  std::vector<catalogue::ToolPtr> tools;
  for (const std::string& name : names) {
    const std::string text = definition_of(name);
    const auto document = core::JsonDocument::parse(text);
    catalogue::Tool tool = *catalogue::read_definition(document->root(), text);
    tool.id = core::ToolId::make(clock.wall());
    tool.server = server_;
    tool.server_name = "bank";
    tool.exposed_name = catalogue::exposed_name("bank", name);
    tools.push_back(std::make_shared<const catalogue::Tool>(std::move(tool)));
  }
  return std::make_shared<const catalogue::Catalogue>(
      std::vector{std::make_shared<const catalogue::Server>(std::move(server))}, std::move(tools));
}

void EndpointWorld::publish_tools(std::vector<std::string> names) {
  run(catalogue_->publish(catalogue_of(std::move(names))));
}

void EndpointWorld::sweep() {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    run(sweep_here(*endpoint), i);
  }
}

void EndpointWorld::settle() {
  for (std::size_t i = 0; i < 3 * loops_.size(); ++i) {
    run(nothing(), i);
  }
}

core::ApprovalId EndpointWorld::pending() {
  const auto found = run(approvals_->list(account, {.state = approvals::State::pending}));
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  return found->front().id;
}

void EndpointWorld::decide(core::ApprovalId id, approvals::Decision decision) {
  identity::PersonPrincipal principal;
  principal.account = account;
  principal.person = ana;
  principal.role = identity::Role::approver;
  principal.authenticated_at = clock.wall();
  const auto voted =
      run(approvals_->decide(principal, id, decision, "looks fine", approvals::Channel::console));
  REQUIRE_MESSAGE(voted, voted.error().message);
}

approvals::State EndpointWorld::state(core::ApprovalId id) {
  return run(approvals_->find(account, id))->state;
}

void EndpointWorld::revoke_agent_key() {
  identity::Revocation what;
  what.account = account;
  what.key = contents_.keys.front().id;
  what.reason = "revoked";
  contents_.keys.erase(contents_.keys.begin());
  run(identity_->publish(std::make_shared<const identity::Directory>(contents_)));
  endpoint->revoked(what);
}

namespace {

struct Handler final : net::HttpHandler {
  explicit Handler(McpEndpoint& to) : endpoint(to) {}
  Task<void> handle(net::Request& request,
                    net::Responder& responder,
                    const core::CallContext& context) override {
    return endpoint.handle(request, responder, context);
  }
  std::size_t max_body(std::string_view path) const override {
    return is_mcp_path(path) ? k_max_post_body : 0;
  }
  McpEndpoint& endpoint;
};

Task<void> wait_idle(core::TaskScope& scope) {
  co_await scope.idle();
}

Task<void> close_stream(net::ByteStream& stream) {
  stream.close();
  co_return;
}

}  // namespace

struct Client::Server {
  Server(core::Loop& loop, McpEndpoint& endpoint)
      : handler(endpoint),
        shared{.loop = loop,
               .handler = handler,
               .limits = limits,
               .trusted_proxies = trusted,
               .requests_total = requests,
               .id_state = 1} {
    auto [ours, theirs] = net::testing::make_memory_pair(loop.executor(), 1024 * 1024);
    connection = net::Http1Connection::create(std::move(theirs), shared);
    client = std::make_unique<net::testing::RawClient>(std::move(ours));
  }
  Handler handler;
  net::ServerLimits limits;
  net::AddressBlocks trusted = *net::AddressBlocks::parse({"127.0.0.0/8"});
  std::atomic<std::uint64_t> requests{0};
  net::Http1Shared shared;
  std::shared_ptr<net::Http1Connection> connection;
  std::unique_ptr<net::testing::RawClient> client;
};

namespace {

template <class Server>
Task<std::unique_ptr<Server>> connect(core::Loop& loop, McpEndpoint& endpoint) {
  auto server = std::make_unique<Server>(loop, endpoint);
  server->shared.scope.spawn("test", server->connection->serve());
  co_return server;
}

template <class Server>
Task<void> disconnect(std::unique_ptr<Server>& server) {
  server->client->stream().close();
  co_await wait_idle(server->shared.scope);
  server.reset();
}

Task<void> read_until(net::ByteStream& stream, std::string& buffer, std::string text, bool& found) {
  found = buffer.contains(text);
  while (!found) {
    char chunk[16 * 1024];
    const auto size = co_await stream.read_some(chunk);
    if (!size || *size == 0) {
      co_return;
    }
    buffer.append(chunk, *size);
    found = buffer.contains(text);
  }
}

}  // namespace

Client::Client(EndpointWorld& world, std::size_t loop)
    : key(world.agent_key), world_(world), loop_(loop) {
  server_ = world_.run(connect<Server>(world_.loop(loop), *world_.endpoint), loop_);
}

Client::~Client() {
  world_.run(disconnect(server_), loop_);
}

void Client::send(std::string_view method, std::string_view body, std::string_view more) {
  std::string request = std::string(method) + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  const auto add = [&request](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      request += std::string(name) + ": " + std::string(value) + "\r\n";
    }
  };
  add("Authorization", key.empty() ? "" : "Bearer " + key);
  add("Mcp-Session-Id", session);
  add("MCP-Protocol-Version", version);
  add("Accept", accept);
  if (method == "POST") {
    if (!more.contains("Content-Type")) {
      add("Content-Type", "application/json");
    }
    add("Content-Length", std::to_string(body.size()));
  }
  request += more;
  request += "\r\n";
  request += body;
  buffer_.clear();
  world_.run(server_->client->send(request), loop_);
}

net::testing::RawAnswer Client::receive() {
  return world_.run(server_->client->receive(), loop_);
}

net::testing::RawAnswer Client::post(std::string_view body, std::string_view more) {
  send("POST", body, more);
  return receive();
}

bool Client::until(std::string_view text) {
  bool found = false;
  world_.run(read_until(server_->client->stream(), buffer_, std::string(text), found), loop_);
  return found;
}

std::string Client::received() {
  return buffer_;
}

void Client::close() {
  world_.run(close_stream(server_->client->stream()), loop_);
}

void Client::initialize(std::string_view revision) {
  session.clear();
  const auto answer =
      post(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
           std::string(revision) +
           R"(","capabilities":{},"clientInfo":{"name":"test","version":"1"}}})");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  session = std::string(answer.headers.get("mcp-session-id").value_or(""));
  REQUIRE(post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status == 202);
}

std::int64_t error_code(std::string_view body) {
  const auto document = core::JsonDocument::parse(std::string(body));
  return document ? document->root()["error"]["code"].as_int().value_or(0) : 0;
}

}  // namespace preloop::mcp::testing
