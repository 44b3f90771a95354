#include "mcp/testing/endpoint_client.h"

#include "mcp/rpc_codec.h"
#include "net/http1_server.h"
#include "net/testing/memory_stream.h"

#include <doctest/doctest.h>

namespace preloop::mcp::testing {

using core::Task;

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

void Client::initialize(std::string_view revision, std::string_view capabilities) {
  session.clear();
  const auto answer =
      post(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
           std::string(revision) + R"(","capabilities":)" + std::string(capabilities) +
           R"(,"clientInfo":{"name":"test","version":"1"}}})");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  session = std::string(answer.headers.get("mcp-session-id").value_or(""));
  REQUIRE(post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status == 202);
}

std::string tool_call(std::string_view tool,
                      std::string_view arguments,
                      std::string_view id,
                      std::string_view token) {
  std::string params =
      R"({"name":")" + std::string(tool) + R"(","arguments":)" + std::string(arguments);
  if (!token.empty()) {
    params += R"(,"_meta":{"progressToken":)" + std::string(token) + "}";
  }
  return make_request(id, "tools/call", params + "}");
}

core::JsonDocument json(const std::string& text) {
  auto document = core::JsonDocument::parse(text);
  REQUIRE_MESSAGE(document, text);
  return std::move(*document);
}

std::int64_t error_code(const std::string& body) {
  return json(body).root()["error"]["code"].as_int().value_or(0);
}

}  // namespace preloop::mcp::testing
