#include "mcp/stdio_upstream.h"

#include "core/json.h"
#include "core/task_scope.h"
#include "core/testing/run.h"
#include "core/wakeup.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>

namespace preloop::mcp {
namespace {

using namespace std::chrono_literals;
using core::Code;
using core::Task;
using Clock = std::chrono::steady_clock;

class Events final : public SessionEvents {
 public:
  explicit Events(core::Loop& loop) : over(loop.executor()) {}
  void list_changed() override { ++changes; }
  void resource_updated(std::string) override {}
  void ended(std::string reason) override {
    why = std::move(reason);
    over.set();
  }
  int changes = 0;
  std::string why;
  core::Wakeup over;
};

/// A rogue server and a connection to it.
struct Peer {
  explicit Peer(core::Loop& its_loop, core::Offload& offload, std::vector<std::string> options)
      : loop(its_loop),
        events(loop),
        session(make_stdio_upstream(loop,
                                    offload,
                                    "rogue",
                                    {.command = PRELOOP_ROGUE_SERVER,
                                     .arguments = std::move(options),
                                     .environment = {{"PATH", "/usr/bin:/bin"}, {"TOKEN", "t"}},
                                     .directory = "",
                                     .guard_binary = PRELOOP_ROGUE_SERVER},
                                    events,
                                    {},
                                    Opening::initialize)) {}
  core::Loop& loop;
  Events events;
  std::unique_ptr<UpstreamSession> session;
};

UpstreamCall tool_call(std::string_view tool, std::string_view arguments = "{}") {
  UpstreamCall call;
  call.params = fmt::format(R"({{"name":"{}","arguments":{}}})", tool, arguments);
  return call;
}

/// The text of the result, or "code: message".
std::string text_of(const core::Result<firewall::UpstreamAnswer>& answer) {
  if (!answer) {
    return fmt::format("{}: {}", core::to_string(answer.error().code), answer.error().message);
  }
  if (!answer->error.empty()) {
    return "error " + answer->error;
  }
  const auto document = core::JsonDocument::parse(answer->result);
  REQUIRE(document);
  return std::string(document->root()["content"].at(0)["text"].as_string().value_or("?"));
}

Task<std::string> ask(Peer& peer, std::string tool, std::string arguments = "{}") {
  const auto answer = co_await peer.session->call(tool_call(tool, arguments));
  co_return text_of(answer);
}

Task<void> ask_into(Peer& peer, std::string tool, std::string* out) {
  *out = co_await ask(peer, std::move(tool));
}

Task<void> call_into(Peer& peer, UpstreamCall call, std::string* out) {
  *out = text_of(co_await peer.session->call(std::move(call)));
}

Task<void> open_and(Peer& peer, Task<void> (*body)(Peer&)) {
  const auto opened = co_await peer.session->open(Clock::now() + 30s);
  CHECK_MESSAGE(opened, (opened ? "" : opened.error().message));
  if (opened) {
    co_await body(peer);
  }
  co_await peer.session->stop(1s);
}

/// Runs `body` with a server that has been opened.
void with_server(Task<void> (*body)(Peer&), std::vector<std::string> options = {}) {
  core::LoopPool loops(1);
  core::Offload offload(1);
  loops.start();
  Peer peer(loops.at(0), offload, std::move(options));
  core::testing::run_on(loops.at(0), open_and(peer, body));
}

Task<core::Status> open_only(Peer& peer, core::milliseconds patience) {
  auto opened = co_await peer.session->open(Clock::now() + patience);
  co_await peer.session->stop(1s);
  co_return opened;
}

core::Status open_fails(std::vector<std::string> options, core::milliseconds patience = 30s) {
  core::LoopPool loops(1);
  core::Offload offload(1);
  loops.start();
  Peer peer(loops.at(0), offload, std::move(options));
  return core::testing::run_on(loops.at(0), open_only(peer, patience));
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

TEST_CASE("a call to a child and its answer, byte for byte") {
  with_server([](Peer& peer) -> Task<void> {
    CHECK(peer.session->hello().revision == "2025-11-25");
    const auto listing = co_await list_tools(*peer.session, Clock::now() + 20s);
    REQUIRE(listing);
    CHECK(listing->tools.size() == 21);
    CHECK(listing->problems.empty());
    // Line breaks between tokens would be two messages; those within strings stay.
    CHECK(co_await ask(peer, "echo", "{\n\"a\":\r\n1.50,\"b\":\"x\\ny\"}") ==
          R"({"_meta":{"progressToken":3},"name":"echo","arguments":{ "a":  1.50,"b":"x\ny"}})");
    CHECK(co_await ask(peer, "fail") == R"(error {"code":-32000,"message":"as you wish"})");
  });
}

TEST_CASE("the child's environment is what was given and nothing else") {
  with_server([](Peer& peer) -> Task<void> {
    const std::string environment = co_await ask(peer, "environment");
    CHECK(environment.find("TOKEN=t\n") != std::string::npos);
    CHECK(environment.find("PATH=/usr/bin:/bin\n") != std::string::npos);
    CHECK(environment.find("HOME=") == std::string::npos);
  });
}

TEST_CASE("answers may overtake each other") {
  with_server([](Peer& peer) -> Task<void> {
    core::TaskScope scope(peer.loop.executor());
    std::string texts[3];
    for (std::string& text : texts) {
      scope.spawn("call", ask_into(peer, "hold", &text));
    }
    // The order of sending is the order of calling, so the three are held when this arrives.
    co_await core::sleep_until(Clock::now());
    CHECK(co_await ask(peer, "release") == "0");
    co_await scope.idle();
    CHECK(texts[0] == "released 2");
    CHECK(texts[1] == "released 3");
    CHECK(texts[2] == "released 4");
  });
}

TEST_CASE("what is no message, or no answer of ours, is passed over") {
  with_server(
      [](Peer& peer) -> Task<void> {
        CHECK(co_await ask(peer, "garbage") == "after the garbage");
        CHECK(co_await ask(peer, "wrong_id") == "right");
        CHECK(co_await ask(peer, "twice") == "first");
        CHECK(co_await ask(peer, "batch") == "in a batch");
        CHECK(co_await ask(peer, "log", R"({"n":500})") == "logged");
        CHECK(co_await ask(peer, "echo") != "");
      },
      {"--garbage-first"});
}

TEST_CASE("an answer that cannot be read ends its call at once, and only its call") {
  with_server([](Peer& peer) -> Task<void> {
    CHECK((co_await ask(peer, "broken_utf8")).starts_with("internal: the server's answer cannot"));
    CHECK(co_await ask(peer, "huge", R"({"n":100})") ==
          "internal: the server's answer cannot be read: a message is larger than 16 MiB");
    CHECK((co_await ask(peer, "huge", R"({"n":4})")).size() == 4 * 1024 * 1024);
  });
}

TEST_CASE("a child that crashes ends what it was sent as unknown, then nothing is sent") {
  with_server([](Peer& peer) -> Task<void> {
    CHECK(co_await ask(peer, "crash") == "internal: the server ended before it answered");
    CHECK((co_await ask(peer, "echo")).starts_with("unavailable: "));
    CHECK(co_await peer.events.over.wait_until(Clock::now() + 20s) == core::Outcome::in_time);
    CHECK(peer.events.why == "the server ended (signal 9): giving up");
  });
}

TEST_CASE("a call without a sign of life is given up, and the server is told") {
  with_server([](Peer& peer) -> Task<void> {
    UpstreamCall call = tool_call("never");
    call.idle_limit = 50ms;
    CHECK(text_of(co_await peer.session->call(std::move(call))) ==
          "deadline_exceeded: the server gave no sign of life in time");
    CHECK(co_await ask(peer, "cancelled") == "2,");
    call = tool_call("never");
    call.deadline = Clock::now() + 50ms;
    CHECK(text_of(co_await peer.session->call(std::move(call))).starts_with("deadline_exceeded"));
    CHECK(co_await ask(peer, "cancelled") == "2,4,");
  });
}

TEST_CASE("progress keeps a call alive and reaches only who asked for it") {
  with_server([](Peer& peer) -> Task<void> {
    std::vector<std::string> seen;
    UpstreamCall call;
    call.params =
        R"({"name":"progress","arguments":{"n":6,"every_ms":100},"_meta":{"progressToken":"mine"}})";
    call.on_notification = [&seen](std::string_view text) { seen.emplace_back(text); };
    call.idle_limit = 400ms;
    CHECK(text_of(co_await peer.session->call(std::move(call))) == "done");
    REQUIRE(seen.size() == 6);
    CHECK(
        seen[5] ==
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"mine","progress":6}})");
    seen.clear();
    call = tool_call("progress", R"({"n":3})");
    call.on_notification = [&seen](std::string_view text) { seen.emplace_back(text); };
    CHECK(text_of(co_await peer.session->call(std::move(call))) == "done");
    CHECK(seen.empty());
  });
}

TEST_CASE("a caller that goes away cancels its call upstream") {
  with_server([](Peer& peer) -> Task<void> {
    core::TaskScope scope(peer.loop.executor());
    std::string held;
    UpstreamCall call = tool_call("hold");
    core::CancelToken token = call.cancelled;
    scope.spawn("call", call_into(peer, std::move(call), &held));
    co_await ask(peer, "pid");  // answered after the call before it was read
    token.request();
    co_await scope.idle();
    CHECK(held == "cancelled: the caller went away");
    CHECK(co_await ask(peer, "cancelled") == "2,");
    // The late answer is nobody's.
    CHECK(co_await ask(peer, "release") == "0");
    // Gone before anything was sent: nothing is.
    call = tool_call("hold");
    call.cancelled.request();
    CHECK(text_of(co_await peer.session->call(std::move(call))).starts_with("cancelled"));
    CHECK(co_await ask(peer, "cancelled") == "2,");
    // A task that is cancelled does the same as its token.
    std::string text;
    core::TaskScope other(peer.loop.executor());
    other.spawn("call", ask_into(peer, "hold", &text));
    co_await ask(peer, "pid");
    co_await other.stop();
    CHECK(text == "cancelled: the caller went away");
  });
}

TEST_CASE("ping is answered, and a question that nobody takes is refused") {
  with_server([](Peer& peer) -> Task<void> {
    const std::string answers = co_await ask(peer, "ask");
    CHECK(answers.find(R"({"jsonrpc":"2.0","id":"1","result":{}})") == std::string::npos);
    CHECK(answers.find(R"({"jsonrpc":"2.0","id":1,"result":{}})") != std::string::npos);
    CHECK(answers.find(R"("id":"s","error":{"code":-32603)") != std::string::npos);
    CHECK(answers.find(R"("id":3,"error":{"code":-32603)") != std::string::npos);
  });
}

TEST_CASE("changed tools are reported") {
  with_server([](Peer& peer) -> Task<void> {
    co_await ask(peer, "storm", R"({"n":1000})");
    CHECK(peer.events.changes == 1'000);
  });
}

TEST_CASE("a server that does not read is unavailable to what could not be sent") {
  with_server([](Peer& peer) -> Task<void> {
    CHECK(co_await ask(peer, "stop_reading") == "good night");
    // Fills the pipe, then more than it holds; the next cannot begin to be written.
    core::TaskScope scope(peer.loop.executor());
    UpstreamCall large = tool_call("echo", "\"" + std::string(1024 * 1024, 'x') + "\"");
    large.idle_limit = 300ms;
    UpstreamCall small = tool_call("echo");
    small.idle_limit = 100ms;
    std::string first_text;
    scope.spawn("large", call_into(peer, std::move(large), &first_text));
    CHECK(text_of(co_await peer.session->call(std::move(small))) ==
          "unavailable: the server does not read what it is sent");
    co_await scope.idle();
    CHECK(first_text == "deadline_exceeded: the server gave no sign of life in time");
  });
}

TEST_CASE("stopping ends the child and everything it left behind") {
  static pid_t server = 0;
  static pid_t grandchild = 0;
  with_server([](Peer& peer) -> Task<void> {
    const auto number = [](const std::string& text) {
      pid_t pid = 0;
      std::from_chars(text.data(), text.data() + text.size(), pid);
      return pid;
    };
    server = number(co_await ask(peer, "pid"));
    grandchild = number(co_await ask(peer, "fork"));
    REQUIRE(server > 0);
    REQUIRE(grandchild > 0);
    // A call in flight ends, as unknown.
    core::TaskScope scope(peer.loop.executor());
    std::string text;
    scope.spawn("call", ask_into(peer, "hold", &text));
    co_await ask(peer, "pid");
    co_await peer.session->stop(100ms);
    co_await scope.idle();
    CHECK(text == "internal: the server is being stopped before it answered");
  });
  CHECK(is_gone(server));
  CHECK(is_gone(grandchild));
}

TEST_CASE("servers that cannot be opened say why") {
  CHECK(open_fails({"--no-initialize"}, 100ms).error().code == Code::deadline_exceeded);
  CHECK(open_fails({"--crash-at-start"}).error().message ==
        "the server ended (exit code 3): cannot find my configuration");
  CHECK(open_fails({"--future"}).error().message ==
        "the server speaks MCP revision '2099-01-01', which we do not");
}

TEST_CASE("a list without end is refused, and calls go on") {
  with_server(
      [](Peer& peer) -> Task<void> {
        const auto listing = co_await list_tools(*peer.session, Clock::now() + 20s);
        REQUIRE_FALSE(listing);
        CHECK(listing.error().code == Code::resource_exhausted);
        CHECK(co_await ask(peer, "twice") == "first");
      },
      {"--endless-list"});
}

Task<void> use_example(Peer& peer) {
  const auto listing = co_await list_tools(*peer.session, Clock::now() + 20s);
  REQUIRE(listing);
  REQUIRE(listing->tools.size() == 4);
  for (const catalogue::Tool& tool : listing->tools) {
    CHECK_MESSAGE(tool.input_schema != nullptr, tool.name, ": ", tool.schema_problem);
    CHECK(tool.annotations.read_only_hint ==
          (tool.name == "get_balance" || tool.name == "slow_count"));
  }
  CHECK(co_await ask(peer, "pay", R"({"recipient":"Ana","amount":50.5,"memo":"lunch"})") ==
        "Paid 50.50 EUR to Ana (lunch). The balance is 9949.50 EUR.");
  CHECK(co_await ask(peer, "pay", R"({"recipient":"Ana","amount":20000})") ==
        "The balance of 9949.50 EUR is too low.");
  CHECK((co_await ask(peer, "pay", R"({"recipient":"Ana","amount":-1})")).starts_with("pay needs"));
  CHECK((co_await ask(peer, "pay", R"({"recipient":"Ana","amount":1e300})"))
            .starts_with("pay needs"));
  CHECK(co_await ask(peer, "get_balance") == "The balance is 9949.50 EUR.");
  CHECK(co_await ask(peer, "rollback_deployment", R"({"service":"web","version":"1.2"})") ==
        "Rolled web back to 1.2.");
  CHECK((co_await ask(peer, "nothing")).starts_with("error {\"code\":-32602"));
  int progress = 0;
  UpstreamCall call;
  call.params = R"({"name":"slow_count","arguments":{"n":3},"_meta":{"progressToken":1}})";
  call.on_notification = [&progress](std::string_view) { ++progress; };
  CHECK(text_of(co_await peer.session->call(std::move(call))) == "Counted to 3.");
  CHECK(progress == 2);
  call = tool_call("slow_count", R"({"n":1000})");
  call.idle_limit = 600ms;  // only progress can keep it alive; the deadline ends it
  call.deadline = Clock::now() + 900ms;
  CHECK(text_of(co_await peer.session->call(std::move(call))).starts_with("deadline_exceeded"));
  CHECK(co_await ask(peer, "get_balance") == "The balance is 9949.50 EUR.");
}

TEST_CASE("the example server") {
  with_server(use_example, {"example"});
}

}  // namespace
}  // namespace preloop::mcp
