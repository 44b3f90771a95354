#include "mcp/upstream_pool.h"

#include "core/json.h"
#include "core/task_scope.h"
#include "core/testing/run.h"
#include "core/wakeup.h"
#include "firewall/testing/permit_for_test.h"
#include "net/http_server.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <map>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using catalogue::ServerStatus;
using core::Code;
using core::Task;
using Clock = std::chrono::steady_clock;

/// What the pool tells the catalogue; of the owner loop. The rest of the service is not its
/// business.
class Told final : public catalogue::CatalogueService {
 public:
  explicit Told(core::LoopPool& loops)
      : changed(loops.at(0).executor()),
        snapshot_(loops, std::make_shared<const catalogue::Catalogue>()) {}

  Task<core::Status> start() override { co_return core::Status(); }
  void set_observer(catalogue::ServerObserver*) override {}
  catalogue::CatalogueSnapshot& snapshot() override { return snapshot_; }
  Task<core::Result<catalogue::Server>> add(const audit::Actor&, catalogue::ServerConfig) override {
    co_return core::fail(Code::unimplemented, "");
  }
  Task<core::Result<catalogue::Server>> update(const audit::Actor&,
                                               core::ServerId,
                                               catalogue::ServerConfig,
                                               std::int64_t) override {
    co_return core::fail(Code::unimplemented, "");
  }
  Task<core::Status> remove(const audit::Actor&, core::ServerId) override {
    co_return core::fail(Code::unimplemented, "");
  }
  Task<core::Status> accept(const audit::Actor&,
                            core::ServerId,
                            std::optional<core::ToolId>) override {
    co_return core::fail(Code::unimplemented, "");
  }
  Task<core::Status> set_enabled(const audit::Actor&, core::ToolId, bool) override {
    co_return core::fail(Code::unimplemented, "");
  }
  Task<void> report_lists(core::ServerId id,
                          std::shared_ptr<const catalogue::ServerLists> lists) override {
    servers[id].lists = std::move(lists);
    co_return;
  }
  Task<core::Status> listed(core::ServerId id, std::vector<catalogue::Tool> tools) override {
    Seen& seen = servers[id];
    seen.tools.clear();
    for (const catalogue::Tool& tool : tools) {
      seen.tools.push_back(tool.name);
    }
    ++seen.listings;
    changed.set();
    co_return core::Status();
  }
  Task<void> report_status(core::ServerId id, ServerStatus status, std::string error) override {
    servers[id].status = status;
    servers[id].error = std::move(error);
    if (status == ServerStatus::failed) {
      ++servers[id].failures;
    }
    changed.set();
    co_return;
  }

  struct Seen {
    std::vector<std::string> tools;
    int listings = 0;
    int failures = 0;
    ServerStatus status = ServerStatus::connecting;
    std::string error;
    std::shared_ptr<const catalogue::ServerLists> lists;
  };
  std::map<core::ServerId, Seen> servers;
  core::Wakeup changed;

 private:
  catalogue::CatalogueSnapshot snapshot_;
};

/// An HTTP server with one tool; any loop.
class Echo final : public net::HttpHandler {
 public:
  Task<void> handle(net::Request& request,
                    net::Responder& responder,
                    const core::CallContext&) override {
    if (request.method != "POST") {
      co_return (void) co_await responder.send(net::Response::text(405, ""));
    }
    const auto message = Message::parse(request.body);
    std::string answer;
    if (message->method() == "initialize") {
      answer = R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}}})";
    } else if (message->method() == "tools/list") {
      answer = R"({"tools":[{"name":"echo","inputSchema":{}}]})";
    } else if (message->kind() == Message::Kind::request) {
      answer = make_tool_error(request.headers.get("X-Key").value_or("none"));
    } else {
      co_return (void) co_await responder.send(net::Response::text(202, ""));
    }
    net::Response response = net::Response::json(200, make_result(message->id(), answer));
    if (message->method() == "initialize") {
      response.headers.add("Mcp-Session-Id", fmt::format("s{}", ++sessions));
    }
    (void)co_await responder.send(std::move(response));
  }
  std::atomic<int> sessions = 0;
};

Task<core::Result<core::Secret>> secret(std::string name) {
  co_return name == "token" ? core::Result<core::Secret>(core::Secret("from the store"))
                            : core::fail(Code::not_found, "no such secret");
}

/// A pool on two loops; the first is the owner.
struct World {
  explicit World(UpstreamLimits limits = {}) : loops(2), offload(1), told(loops) {
    loops.start();
    for (std::size_t i = 0; i < loops.size(); ++i) {
      clients.push_back(net::HttpClient::create(loops.at(i), {}));
    }
    pool = UpstreamPool::create(
        {.loops = loops,
         .http = {clients[0].get(), clients[1].get()},
         .keeper = {.owner = loops.at(0),
                    .offload = offload,
                    .catalogue = told,
                    .resolve = secret,
                    .child = {{{"PATH", "/usr/bin:/bin"}, {"HOME", "/tmp"}}, PRELOOP_ROGUE_SERVER},
                    .backoff = {.first = 20ms, .longest = 50ms},
                    .open_limit = 30'000ms,
                    .list_limit = 30'000ms,
                    .list_delay = 10ms,
                    .list_spacing = 50ms},
         .limits = limits});
  }
  ~World() {
    run(pool->stop());
    for (std::size_t i = 0; i < loops.size(); ++i) {
      core::testing::run_on(loops.at(i), clients[i]->stop());
    }
  }
  template <class T>
  T run(Task<T> task, std::size_t on = 0) {
    return core::testing::run_on(loops.at(on), std::move(task));
  }

  catalogue::Server stdio(std::vector<std::string> options = {}) {
    catalogue::Server server{.id = core::ServerId::make(core::SystemClock().wall())};
    server.config.name = "rogue";
    server.config.command = PRELOOP_ROGUE_SERVER;
    server.config.args = std::move(options);
    server.config.env = {{"TOKEN", "secret:token"}, {"HOME", "/nowhere"}};
    return server;
  }

  core::LoopPool loops;
  core::Offload offload;
  Told told;
  std::vector<std::unique_ptr<net::HttpClient>> clients;
  std::unique_ptr<UpstreamPool> pool;
};

Task<void> until(Told& told, core::ServerId id, bool (*done)(const Told::Seen&)) {
  const auto deadline = Clock::now() + 30s;
  while (!done(told.servers[id])) {
    told.changed.reset();
    REQUIRE(co_await told.changed.wait_until(deadline) == core::Outcome::in_time);
  }
}
bool is_ready(const Told::Seen& seen) {
  return seen.status == ServerStatus::ready;
}
bool has_failed(const Told::Seen& seen) {
  return seen.status == ServerStatus::failed;
}

Task<Told::Seen> read(Told& told, core::ServerId id) {
  co_return told.servers[id];
}
Told::Seen seen(World& world, core::ServerId id) {
  return world.run(read(world.told, id));
}

core::ServerId start(World& world, const catalogue::Server& server) {
  world.pool->server_started(server);
  world.run(until(world.told, server.id, is_ready));
  return server.id;
}

Task<std::string> ask(World& world,
                      core::ServerId id,
                      std::string tool,
                      std::string arguments = "{}",
                      core::CallContext context = {},
                      std::function<void(std::string_view)> notify = {},
                      std::function<void(firewall::ServerRequest)> on_request = {}) {
  const firewall::PermitForTest permit;
  catalogue::Tool called;
  called.server = id;
  const auto answer = co_await world.pool->call_tool(
      permit.permit(),
      called,
      fmt::format(
          R"({{"name":"{}","arguments":{},"_meta":{{"progressToken":7}}}})", tool, arguments),
      std::move(notify),
      std::move(on_request),
      {},
      context);
  if (!answer) {
    co_return fmt::format("{}: {}", core::to_string(answer.error().code), answer.error().message);
  }
  const auto document = core::JsonDocument::parse(answer->result);
  co_return document
      ? std::string(document->root()["content"].at(0)["text"].as_string().value_or("?"))
      : answer->error;
}
Task<void> ask_into(World& world, core::ServerId id, std::string tool, std::string* out) {
  *out = co_await ask(world, id, std::move(tool));
}

pid_t number(const std::string& text) {
  pid_t pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  return pid;
}
bool is_gone(pid_t pid) {
  const int file = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (file < 0) {
    return true;
  }
  pollfd entry{file, POLLIN, 0};
  const bool gone = poll(&entry, 1, 20'000) == 1;
  close(file);
  return gone;
}

TEST_CASE("a stdio server is started, listed and called from every loop") {
  World world;
  const core::ServerId id = start(world, world.stdio());
  CHECK(seen(world, id).tools.size() == 21);
  for (const std::size_t loop : {0, 1}) {
    const std::string environment = world.run(ask(world, id, "environment"), loop);
    CHECK(environment.find("TOKEN=from the store\n") != std::string::npos);
    CHECK(environment.find("PATH=/usr/bin:/bin\n") != std::string::npos);
    CHECK(environment.find("HOME=/nowhere\n") != std::string::npos);
  }
  CHECK(world.run(ask(world, core::ServerId{}, "echo")) ==
        "unavailable: the server is not connected");
}

TEST_CASE("progress of a call that hops arrives on its own loop, before its answer") {
  World world;
  const core::ServerId id = start(world, world.stdio());
  int here = 0, elsewhere = 0;
  const auto notify = [&](std::string_view) {
    ++(core::Loop::current() == &world.loops.at(1) ? here : elsewhere);
  };
  CHECK(world.run(ask(world, id, "progress", R"({"n":50})", {}, notify), 1) == "done");
  CHECK(here == 50);
  CHECK(elsewhere == 0);
}

Task<void> cancel_from_afar(World& world, core::ServerId id) {
  core::TaskScope scope(core::Loop::current()->executor());
  core::CallContext context;
  core::CancelToken token = context.cancelled;
  std::string text;
  struct Run {
    static Task<void> held(World& w, core::ServerId server, core::CallContext c, std::string* out) {
      *out = co_await ask(w, server, "hold", "{}", std::move(c));
    }
  };
  scope.spawn("call", Run::held(world, id, context, &text));
  co_await ask(world, id, "pid");
  token.request();
  co_await scope.idle();
  CHECK(text == "cancelled: the caller went away");
  CHECK((co_await ask(world, id, "cancelled")).ends_with(","));
}

TEST_CASE("a caller on another loop cancels its call upstream") {
  World world;
  const core::ServerId id = start(world, world.stdio());
  world.run(cancel_from_afar(world, id), 1);
}

TEST_CASE("a server that crashes is started again, and the others do not notice") {
  World world;
  const core::ServerId other = start(world, world.stdio());
  const core::ServerId id = start(world, world.stdio());
  const std::string before = world.run(ask(world, id, "pid"));
  const std::string others = world.run(ask(world, other, "pid"));
  CHECK(world.run(ask(world, id, "crash"), 1) == "internal: the server ended before it answered");
  world.run(until(world.told, id, [](const Told::Seen& it) { return it.listings == 2; }));
  CHECK(seen(world, id).failures == 1);
  world.run(until(world.told, id, is_ready));
  const std::string after = world.run(ask(world, id, "pid"), 1);
  CHECK(number(after) > 0);
  CHECK(after != before);
  CHECK(world.run(ask(world, other, "pid")) == others);
}

TEST_CASE("servers that cannot start say why and are tried again; a person can ask") {
  World world;
  const catalogue::Server crashing = world.stdio({"--crash-at-start"});
  catalogue::Server keyless = world.stdio();
  keyless.config.env = {{"TOKEN", "secret:missing"}};
  catalogue::Server nowhere = world.stdio();
  nowhere.config.command = "no-such-program-anywhere";
  for (const auto& server : {crashing, keyless, nowhere}) {
    world.pool->server_started(server);
  }
  const core::ServerId good = start(world, world.stdio());
  CHECK(world.run(ask(world, good, "twice")) == "first");
  world.run(until(world.told, crashing.id, [](const Told::Seen& s) { return s.failures >= 3; }));
  world.run(until(world.told, crashing.id, has_failed));
  CHECK(seen(world, crashing.id)
            .error.find("the server ended (exit code 3): cannot find my configuration") !=
        std::string::npos);
  world.run(until(world.told, keyless.id, has_failed));
  CHECK(seen(world, keyless.id).error.find("there is no secret 'missing'") != std::string::npos);
  world.run(until(world.told, nowhere.id, has_failed));
  CHECK_FALSE(seen(world, nowhere.id).error.empty());
  CHECK(world.run(ask(world, crashing.id, "echo"), 1) ==
        "unavailable: the server is not connected");
  CHECK_FALSE(world.run(world.pool->scan(crashing.id), 1));
  CHECK(world.run(world.pool->scan(good), 1));
  CHECK(world.run(world.pool->scan(core::ServerId{}), 1).error().code == Code::not_found);
}

TEST_CASE("a storm of changes is listed a few times, and the last state is known") {
  World world;
  const core::ServerId id = start(world, world.stdio());
  CHECK(world.run(ask(world, id, "storm", R"({"n":2000})")) == "1");
  world.run(until(world.told, id, [](const Told::Seen& it) {
    return !it.tools.empty() && it.tools.back() == "late-1";
  }));
  CHECK(seen(world, id).listings < 10);
}

Task<void> fill(World& world, core::ServerId id) {
  core::TaskScope scope(core::Loop::current()->executor());
  std::string texts[3];
  for (std::string& text : texts) {
    scope.spawn("call", ask_into(world, id, "hold", &text));
  }
  co_await core::sleep_until(Clock::now());
  CHECK(co_await ask(world, id, "pid") == "unavailable: too many calls wait for the server");
  co_await world.pool->stop();
  co_await scope.idle();
  CHECK(texts[0] == "internal: the server is being stopped before it answered");
  CHECK(texts[1] == texts[0]);
  CHECK(texts[2].starts_with("unavailable: "));
}

TEST_CASE("calls beyond the limits are turned away, and stopping ends the rest") {
  World world({.in_flight = 2, .queued = 1});
  const core::ServerId id = start(world, world.stdio());
  world.run(fill(world, id));
}

TEST_CASE("a removed or changed server ends its child and what that left behind") {
  World world;
  catalogue::Server server = world.stdio();
  const core::ServerId id = start(world, server);
  const pid_t child = number(world.run(ask(world, id, "pid")));
  const pid_t grandchild = number(world.run(ask(world, id, "fork")));
  REQUIRE(child > 0);
  // The same again changes nothing.
  world.pool->server_started(server);
  CHECK(number(world.run(ask(world, id, "pid"))) == child);

  server.config.env = {{"TOKEN", "other"}};
  world.pool->server_started(server);
  world.run(until(world.told, id, [](const Told::Seen& it) { return it.listings == 2; }));
  CHECK(is_gone(child));
  CHECK(is_gone(grandchild));
  CHECK(world.run(world.pool->scan(id)));
  CHECK(world.run(ask(world, id, "environment"), 1).find("TOKEN=other\n") != std::string::npos);
  const pid_t next = number(world.run(ask(world, id, "pid"), 1));
  REQUIRE(next > 0);
  world.pool->server_removed(id);
  CHECK(is_gone(next));
  CHECK(world.run(ask(world, id, "pid"), 1) == "unavailable: the server is not connected");
}

TEST_CASE("an HTTP server has a session on each loop") {
  World world;
  Echo echo;
  auto made = net::HttpServer::create({.address = {"127.0.0.1", 0}}, world.loops, echo);
  REQUIRE(made);
  (*made)->start();
  catalogue::Server server{.id = core::ServerId::make(core::SystemClock().wall())};
  server.config.name = "echo";
  server.config.transport = catalogue::Transport::streamable_http;
  server.config.url = fmt::format("http://127.0.0.1:{}/mcp", (*made)->port());
  server.config.headers = {{"X-Key", "secret:token"}};
  const core::ServerId id = start(world, server);
  CHECK(seen(world, id).tools == std::vector<std::string>{"echo"});
  for (const std::size_t loop : {0, 1, 0, 1}) {
    CHECK(world.run(ask(world, id, "echo"), loop) == "from the store");
  }
  CHECK(echo.sessions == 2);
  // Gone: said to be failed after a call found out, back when it is back.
  world.run((*made)->stop(Clock::now()));
  CHECK(world.run(ask(world, id, "echo"), 1).starts_with("unavailable: "));
  world.run(until(world.told, id, has_failed));
  world.pool->server_removed(id);
  world.run(world.pool->stop());
}

}  // namespace
}  // namespace preloop::mcp
