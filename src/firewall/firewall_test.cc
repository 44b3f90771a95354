#include "firewall/firewall.h"

#include "core/loop_call.h"
#include "core/task_scope.h"
#include "firewall/testing/firewall_world.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace preloop::firewall {
namespace {

using core::Task;
using namespace testing;

Task<bool> may_request(World& world, core::ServerId server, catalogue::Method method) {
  co_return world.firewall->may_request(world.agent, server, method);
}

TEST_CASE("reading a resource is decided on its URI, recorded, and sent as it was asked for") {
  on_both([](World& world) {
    world.test.run(world.policy->publish(World::compile(R"yaml(version: 2
rules:
  - {tool: "bank/resources:read", when: "args.uri.startsWith('secret:')", action: deny, message: "not this"}
  - {tool: "prompts:get", action: deny}
)yaml")));
    const CallResult read =
        request(world, catalogue::Method::resources_read, R"({"uri": "open:1"})");
    CHECK(read.kind == Kind::answered);
    CHECK(world.upstream.last_tool == "resources:read");
    CHECK(world.upstream.last_params == R"({"uri": "open:1","_meta":{"x": null}})");
    CHECK(world.recorded("call.decided") == 1);
    CHECK(world.recorded("call.completed") == 1);
    const CallResult refused =
        request(world, catalogue::Method::resources_read, R"({"uri":"secret:1"})");
    CHECK(refused.kind == Kind::refused);
    CHECK(refused.text.contains("not this"));
    CHECK(request(world, catalogue::Method::prompts_get, R"({"name":"x"})").kind == Kind::refused);
    CHECK(world.upstream.calls == 1);
    const auto may = [&](core::ServerId server, catalogue::Method method) {
      return world.test.run(may_request(world, server, method));
    };
    CHECK(may(world.server_id, catalogue::Method::resources_read));
    CHECK_FALSE(may(world.server_id, catalogue::Method::prompts_get));
    CHECK_FALSE(may(core::ServerId::make({}), catalogue::Method::resources_read));
  });
}

TEST_CASE("a tool call cannot name a request, nor a request a server that is not there") {
  on_both([](World& world) {
    const auto params = core::JsonDocument::parse(R"({"name":"resources:read","arguments":{}})");
    SilentObserver observer;
    ToolCall call;
    call.name = "resources:read";
    call.server = world.server_id;
    call.params = params->root();
    call.params_text = params->text();
    CHECK(world.test.run(world.firewall->call(world.agent, call, observer, {})).kind ==
          Kind::unknown_tool);
    call.method = catalogue::Method::resources_read;
    call.server = core::ServerId::make({});
    CHECK(world.test.run(world.firewall->call(world.agent, call, observer, {})).kind ==
          Kind::unknown_tool);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("an allowed call is recorded, sent with the server's own name, recorded again") {
  on_both([](World& world) {
    const CallResult result = world.call("50");
    CHECK(result.kind == Kind::answered);
    CHECK(result.json == R"({"content":[]})");
    CHECK(world.upstream.last_tool == "pay");
    CHECK(world.upstream.last_params ==
          R"({"_meta":{"x":null},"name":"pay","arguments":{"amount": 50}})");
    CHECK(world.recorded("call.decided") == 1);
    CHECK(world.recorded("call.completed") == 1);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("what is denied, invalid or unknown never reaches the upstream") {
  on_both([](World& world) {
    CHECK(world.call("5000").text.find("too much") != std::string::npos);
    CHECK(world.call("\"50\"").kind == Kind::refused);
    SilentObserver observer;
    const auto params = core::JsonDocument::parse(R"({"name":"nothing"})");
    ToolCall call;
    call.name = "nothing";
    call.params = params->root();
    call.params_text = params->text();
    CHECK(world.test.run(world.firewall->call(world.agent, call, observer, {})).kind ==
          Kind::unknown_tool);
    CHECK(world.upstream.calls == 0);
    CHECK(world.recorded("call.decided") == 2);
  });
}

TEST_CASE("when the decision cannot be recorded nothing is sent") {
  on_both([](World& world) {
    world.database.fail_after = 0;
    CHECK(world.call("50").kind == Kind::refused);
    CHECK(world.upstream.calls == 0);
    world.may_record = false;
    CHECK(world.call("50").text.find("disk full") != std::string::npos);
    CHECK(world.upstream.calls == 0);
  });
}

TEST_CASE("when the outcome cannot be recorded the answer is withheld and becomes unknown") {
  on_both([](World& world) {
    world.database.fail_after = 1;
    const CallResult result = world.call("50");
    CHECK(result.kind == Kind::refused);
    CHECK(result.json.empty());
    CHECK(result.text.find("may have been executed") != std::string::npos);
    CHECK(world.recorded("call.unknown") == 0);
    // As soon as something can be recorded again.
    CHECK(world.in_flight() == 0);
    CHECK(world.recorded("call.unknown") == 1);
    CHECK(*world.test.run(mark_lost_calls(world.test.database, "test")) == 0);
  });
}

TEST_CASE("a start after a crash finds the call that was sent, once") {
  on_both([](World& world) {
    world.database.alive_for = 1;
    CHECK(world.call("50").kind == Kind::refused);
    CHECK(*world.test.run(mark_lost_calls(world.test.database, "test")) == 1);
    CHECK(world.recorded("call.unknown") == 1);
    CHECK(*world.test.run(mark_lost_calls(world.test.database, "test")) == 0);
  });
}

/// Calls on every loop and checkpoints between them, until the store takes nothing more.
Task<void> calls_until_the_end(World& world) {
  std::vector<std::unique_ptr<core::TaskScope>> scopes;
  const auto caller = [](World& in) -> Task<void> {
    SilentObserver observer;
    for (int i = 0; i < 8; ++i) {
      co_await in.call_task("50", observer, {});
    }
  };
  const auto start = [](core::TaskScope& scope, Task<void> task) -> Task<void> {
    scope.spawn("caller", std::move(task));
    co_return;
  };
  const auto idle = [](core::TaskScope& scope) -> Task<void> { co_await scope.idle(); };
  for (std::size_t i = 0; i < 6; ++i) {
    core::Loop& loop = world.test.loops.at(i);
    scopes.push_back(std::make_unique<core::TaskScope>(loop.executor()));
    co_await core::on_loop(loop, start(*scopes.back(), caller(world)));
  }
  const auto nothing = []() -> Task<void> { co_return; };
  while (world.upstream.calls != 6 * 8 && co_await world.firewall->checkpoint()) {
    // Lets the callers of this loop go on, also when there was nothing to write.
    co_await core::on_loop(world.test.loops.at(1), nothing());
  }
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    co_await core::on_loop(world.test.loops.at(i), idle(*scopes[i]));
  }
}

/// Out of the whole record.
std::size_t without_outcome(World& world) {
  const auto rows = world.test.run(world.test.database.query(
      store::statement("SELECT kind, call FROM audit_record WHERE call IS NOT NULL ORDER BY "
                       "position")));
  REQUIRE(rows);
  std::set<std::string> open;
  for (const store::Row& row : *rows) {
    store::RowReader reader(row);
    if (reader.text() == "call.decided") {
      open.insert(reader.blob());
    } else {
      open.erase(reader.blob());
    }
  }
  return open.size();
}

TEST_CASE("wherever the end comes, the next start knows exactly the calls without an outcome") {
  on_both([](World& world) {
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
      world.upstream.calls = 0;
      world.database.alive_for = std::uniform_int_distribution(1, 110)(random);
      world.test.run(calls_until_the_end(world));
      world.database.alive_for = std::numeric_limits<int>::max();
      const std::size_t open = without_outcome(world);
      const std::size_t before = world.recorded("call.unknown");
      CAPTURE(round);
      REQUIRE(*world.test.run(mark_lost_calls(world.test.database, "test")) == open);
      CHECK(world.recorded("call.unknown") == before + open);
      // A new process has a new list.
      world.new_firewall();
    }
  });
}

TEST_CASE("an upstream that was not reached and one that lost the call are told apart") {
  on_both([](World& world) {
    world.upstream.answer = core::fail(core::Code::unavailable, "no child");
    CHECK(world.call("50").text.find("Nothing was executed") != std::string::npos);
    world.upstream.answer = core::fail(core::Code::deadline_exceeded, "silence");
    CHECK(world.call("50").text.find("may have been executed") != std::string::npos);
    world.upstream.answer = UpstreamAnswer{{}, R"({"code":-1,"message":"x"})"};
    CHECK(world.call("50").kind == Kind::upstream_error);
    CHECK(world.in_flight() == 0);
  });
}

TEST_CASE("a revoked key is refused although its call was admitted") {
  on_both([](World& world) {
    world.test.run(world.identity->publish(std::make_shared<const identity::Directory>()));
    CHECK(world.call("50").kind == Kind::refused);
    CHECK(world.upstream.calls == 0);
  });
}

constexpr std::string_view k_one_an_hour = R"(version: 2
rules:
  - {tool: pay, when: "calls('pay', duration('1h')) < 1", action: allow}
  - {tool: pay, action: deny, message: "one an hour"}
)";

TEST_CASE("a place in a count is given back only when the call provably never left") {
  on_both([](World& world) {
    world.test.run(world.policy->publish(World::compile(k_one_an_hour)));
    world.database.fail_after = 0;  // the decision cannot be recorded
    CHECK(world.call("1").kind == Kind::refused);
    world.upstream.answer = core::fail(core::Code::unavailable, "not there");
    CHECK(world.call("2").kind == Kind::refused);
    world.upstream.answer = core::fail(core::Code::internal, "no answer came");
    CHECK(world.call("3").kind == Kind::refused);
    CHECK(world.upstream.calls == 2);
    world.upstream.answer = UpstreamAnswer{R"({"content":[]})", {}};
    CHECK(world.call("4").text.find("one an hour") != std::string::npos);  // the third may have run
    CHECK(world.upstream.calls == 2);
  });
}

TEST_CASE("a result is masked for the agent, or withheld when it cannot be looked through") {
  on_both([](World& world) {
    world.test.run(world.policy->publish(World::compile(
        "version: 2\ntools: [{name: pay, redact: {result: [email, '$.phone']}}]\n")));
    world.upstream.answer = UpstreamAnswer{
        R"({"content":[{"type":"text","text":"{\"phone\":1,\"m\":\"a@example.com\"}"}]})", {}};
    CHECK(
        world.call("1").json ==
        R"({"content":[{"type":"text","text":"{\"phone\":\"[redacted:field]\",\"m\":\"[redacted:email]\"}"}]})");
    world.upstream.answer =
        UpstreamAnswer{std::string(policy::k_max_redacted + 1, ' ') + R"({"content":[]})", {}};
    const CallResult withheld = world.call("2");
    CHECK(withheld.kind == Kind::refused);
    CHECK(withheld.text.find("withheld") != std::string::npos);
    CHECK(world.upstream.calls == 2);
    // What looks like JSON and cannot be read may have the field all the same.
    for (const std::string_view text : {R"({\"phone\":1}\n{\"phone\":2})",
                                        R"({\"phone\":1,\"phone\":2})",
                                        R"(\ufeff[{\"phone\":12345678901234567890}])"}) {
      CAPTURE(text);
      world.upstream.answer = UpstreamAnswer{
          R"({"content":[{"type":"text","text":")" + std::string(text) + R"("}]})", {}};
      CHECK(world.call("3").kind == Kind::refused);
    }
  });
}

}  // namespace
}  // namespace preloop::firewall
