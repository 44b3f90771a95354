// Against a server nobody here wrote: the MCP project's own server-everything, when it is
// installed.
#include "core/loop.h"
#include "core/offload.h"
#include "core/testing/run.h"
#include "mcp/http_upstream.h"
#include "mcp/stdio_upstream.h"
#include "net/http_server.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <string>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using core::Task;
using Clock = std::chrono::steady_clock;

constexpr const char* k_script = PRELOOP_SOURCE_DIR
    "/tests/e2e/node_modules/@modelcontextprotocol/server-everything/dist/index.js";

bool installed() {
  if (access(k_script, R_OK) == 0 && access("/usr/bin/node", X_OK) == 0) {
    return true;
  }
  MESSAGE("server-everything or node is not installed: skipped");
  return false;
}

class Nobody final : public SessionEvents, public net::HttpHandler {
 public:
  void list_changed() override {}
  void resource_updated(std::string) override {}
  void ended(std::string) override {}
  Task<void> handle(net::Request&, net::Responder&, const core::CallContext&) override {
    co_return;
  }
};

net::ChildOptions node(std::string transport, std::uint16_t port = 0) {
  return {.command = "node",
          .arguments = {k_script, std::move(transport)},
          .environment = {{"PATH", "/usr/bin:/bin"}, {"PORT", std::to_string(port)}},
          .directory = "",
          .guard_binary = PRELOOP_ROGUE_SERVER};
}

Task<std::string> ask(UpstreamSession& session, std::string params) {
  UpstreamCall call;
  call.params = std::move(params);
  const auto answer = co_await session.call(std::move(call));
  co_return answer ? answer->result + answer->error : answer.error().message;
}

Task<void> use(UpstreamSession& session) {
  const auto opened = co_await session.open(Clock::now() + 30s);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  const auto listing = co_await list_tools(session, Clock::now() + 30s);
  REQUIRE(listing);
  CHECK(listing->tools.size() >= 10);
  CHECK(listing->problems.empty());
  for (const catalogue::Tool& tool : listing->tools) {
    CHECK_MESSAGE(tool.input_schema != nullptr, tool.name, ": ", tool.schema_problem);
  }
  CHECK(co_await ask(session, R"({"name":"echo","arguments":{"message":"hé"}})") ==
        R"({"content":[{"type":"text","text":"Echo: hé"}]})");
  CHECK((co_await ask(session, R"({"name":"get-tiny-image"})")).find(R"("type":"image")") !=
        std::string::npos);
  int progress = 0;
  UpstreamCall call;
  call.params =
      R"({"name":"trigger-long-running-operation","arguments":{"duration":0.2,"steps":4},"_meta":{"progressToken":"p"}})";
  call.on_notification = [&progress](std::string_view text) {
    progress += text.find(R"("progressToken":"p")") != std::string_view::npos ? 1 : 0;
  };
  const auto answer = co_await session.call(std::move(call));
  REQUIRE(answer);
  CHECK(progress == 4);
}

Task<void> over_stdio(core::Loop& loop, core::Offload& offload) {
  Nobody nobody;
  const auto session = make_stdio_upstream(loop, offload, "everything", node("stdio"), nobody);
  co_await use(*session);
  co_await session->stop(2s);
}

TEST_CASE("server-everything over stdio") {
  if (!installed()) {
    return;
  }
  core::LoopPool loops(1);
  core::Offload offload(1);
  loops.start();
  core::testing::run_on(loops.at(0), over_stdio(loops.at(0), offload));
}

Task<std::unique_ptr<net::ChildProcess>> serve(core::Loop& loop, std::uint16_t port) {
  auto child = co_await net::ChildProcess::start(loop, node("streamableHttp", port));
  REQUIRE(child);
  std::string said;
  std::array<char, 4096> buffer{};
  while (said.find("listening on port") == std::string::npos) {
    const auto size = co_await (*child)->read_stderr(buffer);
    REQUIRE_MESSAGE((size && *size > 0), said);
    said.append(buffer.data(), *size);
  }
  co_return std::move(*child);
}

std::uint16_t free_port(core::LoopPool& loops, net::HttpHandler& handler) {
  const auto server = net::HttpServer::create({.address = {"127.0.0.1", 0}}, loops, handler);
  REQUIRE(server);
  return (*server)->port();
}

Task<void> over_http(core::Loop& loop, core::Offload& offload, std::uint16_t port) {
  Nobody nobody;
  const auto client = net::HttpClient::create(loop, {});
  auto child = co_await serve(loop, port);
  HttpTarget target;
  target.url = *net::Url::parse(fmt::format("http://127.0.0.1:{}/mcp", port));
  const auto session = make_http_upstream(
      loop, *client, offload, "everything", std::move(target), Listening::no, nobody);
  co_await use(*session);
  // It restarts and knows nothing of our session; the next call does not show it.
  co_await child->stop(2s);
  child = co_await serve(loop, port);
  CHECK(co_await ask(*session, R"({"name":"echo","arguments":{"message":"again"}})") ==
        R"({"content":[{"type":"text","text":"Echo: again"}]})");
  co_await session->stop(2s);
  co_await client->stop();
  co_await child->stop(2s);
}

TEST_CASE("server-everything over streamable HTTP, also after it restarted") {
  if (!installed()) {
    return;
  }
  core::LoopPool loops(1);
  core::Offload offload(1);
  loops.start();
  Nobody nobody;
  const std::uint16_t port = free_port(loops, nobody);
  core::testing::run_on(loops.at(0), over_http(loops.at(0), offload, port));
}

}  // namespace
}  // namespace preloop::mcp
