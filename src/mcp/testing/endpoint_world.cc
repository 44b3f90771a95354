#include "mcp/testing/endpoint_world.h"

#include "audit/payload_cipher.h"
#include "audit/sealer.h"
#include "catalogue/definition.h"
#include "catalogue/names.h"
#include "core/crypto.h"
#include "core/json_writer.h"
#include "core/wakeup.h"
#include "mcp/rpc_codec.h"
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
    std::function<void(firewall::ServerRequest)> on_request,
    const firewall::ClientSide&,
    const core::CallContext& context) {
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(params);
  }
  if (tool.name == "fails") {
    co_return firewall::UpstreamAnswer{
        {}, R"({"code":-32042,"message":"upstream says no","data":{"a":1.0}})"};
  }
  if (tool.name == "asks") {
    core::Loop* const loop = core::Loop::current();
    const auto answered = std::make_shared<core::Wakeup>(loop->executor());
    const auto answer = std::make_shared<firewall::UpstreamAnswer>();
    const auto gone = context.cancelled.subscribe([answered] { answered->set(); });
    on_request({"elicitation/create",
                R"({"message":"Sure?","requestedSchema":{"type":"object","properties":{}}})",
                [answered, answer](firewall::UpstreamAnswer given) {
                  *answer = std::move(given);
                  answered->set();
                }});
    (void)co_await answered->wait();
    if (context.cancelled.requested()) {
      co_return core::fail(core::Code::cancelled, "the caller asked to stop");
    }
    co_return firewall::UpstreamAnswer{
        answer->error.empty() ? R"({"content":[],"answer":)" + answer->result + "}"
                              : R"({"content":[],"isError":true,"answer":)" + answer->error + "}",
        {}};
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

struct EndpointWorld::Record {
  explicit Record(const core::Clock& clock) : sealer(clock, cipher, core::Uuid::v7(clock.wall())) {}
  audit::PayloadCipher cipher{core::Secret(core::random_bytes(32))};
  audit::ChainSealer sealer;
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
      record_(std::make_unique<Record>(clock)),
      server_(core::ServerId::make(clock.wall())) {
  loops_.start();
  auto opened = run(store::open_database({.data_dir = folder_.path()}));
  REQUIRE_MESSAGE(opened, opened.error().message);
  database_ = std::move(*opened);
  database_->set_sealer(&record_->sealer);
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
  audit_ = std::make_unique<audit::AuditRepo>(*database_, cipher_);
  counter_ = std::make_unique<firewall::CallCounter>(
      firewall::CallCounter::Dependencies{.owner = loops_.at(0),
                                          .record = *audit_,
                                          .approvals = *approvals_,
                                          .clock = clock,
                                          .account = account});
  approvals_->set_observer(counter_.get());
  REQUIRE(run(approvals_->start()));
  firewall_ = std::make_unique<firewall::Firewall>(
      firewall::Firewall::Dependencies{.database = *database_,
                                       .catalogue = *catalogue_,
                                       .policy = *policy_,
                                       .identity = *identity_,
                                       .approvals = *approvals_,
                                       .counter = *counter_,
                                       .upstream = upstream,
                                       .clock = clock,
                                       .offload = offload_,
                                       .loops = loops_,
                                       .record = record_->sealer,
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
                       const std::string&) -> Task<core::Result<core::RuntimeSessionId>> {
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
    const std::vector<std::string>& names) {
  catalogue::Server server;
  server.id = server_;
  server.config.name = "bank";
  auto lists = std::make_shared<catalogue::ServerLists>();
  lists->resources = {{"test://a", R"({"uri":"test://a","name":"a"})"}};
  lists->prompts = {{"greet", R"({"name":"greet"})"}};
  server.lists = std::move(lists);
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

void EndpointWorld::publish_tools(const std::vector<std::string>& names) {
  run(catalogue_->publish(catalogue_of(names)));
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

}  // namespace preloop::mcp::testing
