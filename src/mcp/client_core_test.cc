#include "mcp/client_core.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using Kind = Incoming::Kind;

Incoming receive(ClientCore& core, std::string text) {
  const auto message = Message::parse(std::move(text));
  REQUIRE_MESSAGE(message, message.error().message);
  return core.receive(*message);
}

TEST_CASE("answers meet their requests, whatever the order") {
  ClientCore core;
  const Outgoing first = core.begin("tools/list", "{}");
  const Outgoing second = core.begin("ping", {});
  CHECK(first.text == R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}})");
  CHECK(second.text == R"({"jsonrpc":"2.0","id":2,"method":"ping"})");

  Incoming in = receive(core, R"({"jsonrpc":"2.0","id":2,"result":{ "a": 1.50 }})");
  CHECK(in.kind == Kind::answer);
  CHECK(in.id == 2);
  CHECK(in.answer.result == R"({ "a": 1.50 })");
  CHECK(in.answer.error.empty());

  in = receive(core, R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}})");
  CHECK(in.kind == Kind::answer);
  CHECK(in.id == 1);
  CHECK(in.answer.error == R"({"code":-1,"message":"no"})");
}

TEST_CASE("late, repeated and unknown answers are ignored") {
  ClientCore core;
  const Outgoing call = core.begin_call("tools/call", R"({"name":"x"})");
  CHECK(receive(core, R"({"jsonrpc":"2.0","id":1,"result":{}})").kind == Kind::answer);
  Incoming in = receive(core, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(in.kind == Kind::ignored);
  CHECK(in.text == "a second or late answer");
  CHECK(receive(core, R"({"jsonrpc":"2.0","id":99,"result":{}})").text ==
        "an answer to no request");
  // Only the exact id counts: a string that looks like it, a negative one, null.
  const Outgoing next = core.begin("ping", {});
  CHECK(next.id == 2);
  CHECK(receive(core, R"({"jsonrpc":"2.0","id":"2","result":{}})").kind == Kind::ignored);
  CHECK(receive(core, R"({"jsonrpc":"2.0","id":-2,"result":{}})").kind == Kind::ignored);
  CHECK(receive(core, R"({"jsonrpc":"2.0","id":null,"error":{}})").kind == Kind::ignored);
  CHECK(core.is_pending(2));
}

TEST_CASE("a call's progress token is its id, and the client's comes back") {
  ClientCore core;
  const auto sent = [&](std::string_view params) {
    return core.begin_call("tools/call", params).text;
  };
  CHECK(
      sent(R"({"name":"x"})") ==
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":1},"name":"x"}})");
  CHECK(
      sent(R"({"name":"x","_meta":{"progressToken":"p","k":1}})") ==
      R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"x","_meta":{"progressToken":2,"k":1}}})");
  CHECK(
      sent(R"({"_meta": {"k":1 } ,"arguments":{ "progressToken":9} })") ==
      R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"_meta": {"progressToken":3,"k":1 } ,"arguments":{ "progressToken":9} }})");
  CHECK(sent(R"({"_meta":{}})") ==
        R"({"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"_meta":{"progressToken":4}}})");
  CHECK(sent(R"({"_meta":null})") ==
        R"({"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"_meta":{"progressToken":5}}})");
  CHECK(sent(" { } ") ==
        R"({"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"_meta":{"progressToken":6}}})");
  // An escaped spelling must not smuggle a second token past us.
  CHECK(
      sent(R"({"_meta":{"progress\u0054oken":1}})") ==
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progress\u0054oken":7}}})");

  Incoming in = receive(
      core,
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":2,"message":"m"}})");
  CHECK(in.kind == Kind::progress);
  CHECK(in.id == 2);
  CHECK(
      in.text ==
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":"p","message":"m"}})");
  // A sign of life of a call whose client did not ask for progress.
  in = receive(
      core,
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1,"progressToken":1}})");
  CHECK(in.kind == Kind::progress);
  CHECK(in.text.empty());
  // Another client's token, or a forged one, belongs to nobody.
  for (const char* token : {R"("p")", "99", R"("2")", "null", "2.0", "{}"}) {
    in =
        receive(core,
                R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" +
                    std::string(token) + "}}");
    CHECK(in.kind == Kind::ignored);
  }
  // None after the answer.
  receive(core, R"({"jsonrpc":"2.0","id":2,"result":{}})");
  in = receive(
      core,
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":2,"progressToken":2}})");
  CHECK(in.kind == Kind::ignored);
}

TEST_CASE("a cancelled call tells the server once and hears no more") {
  ClientCore core;
  const Outgoing call = core.begin_call("tools/call", "{}");
  CHECK(
      core.cancel(call.id, "the \"client\" left") ==
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"the \"client\" left"}})");
  CHECK(core.cancel(call.id, "again").empty());
  CHECK(receive(core, R"({"jsonrpc":"2.0","id":1,"result":{}})").kind == Kind::ignored);
  // The answer overtook the cancellation.
  const Outgoing other = core.begin_call("tools/call", "{}");
  receive(core, R"({"jsonrpc":"2.0","id":2,"result":{}})");
  CHECK(core.cancel(other.id, "too late").empty());
}

TEST_CASE("ping is answered, and what no client offers is refused; ids come back as sent") {
  ClientCore core;
  core.begin_call("tools/call", "{}");
  CHECK(receive(core, R"({"jsonrpc":"2.0","id":"p-1","method":"ping"})").text ==
        R"({"jsonrpc":"2.0","id":"p-1","result":{}})");
  const Incoming in =
      receive(core, R"({"jsonrpc":"2.0","id":7,"params":{},"method":"tools/call"})");
  CHECK(in.kind == Kind::reply);
  CHECK(
      in.text ==
      R"({"jsonrpc":"2.0","id":7,"error":{"code":-32601,"message":"this client offers no such method"}})");
}

constexpr std::string_view k_asks =
    R"({"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{"message": "?"}})";
constexpr std::string_view k_logs =
    R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}})";

TEST_CASE("what names no call is about the one that runs, if exactly one does") {
  ClientCore core;
  core.begin("tools/list", "{}");  // our own is nobody's call
  CHECK(receive(core, std::string(k_asks)).kind == Kind::reply);
  CHECK(receive(core, std::string(k_logs)).id == 0);
  const Outgoing call = core.begin_call("tools/call", "{}");
  const Incoming asked = receive(core, std::string(k_asks));
  CHECK(asked.kind == Kind::request);
  CHECK(asked.id == call.id);
  CHECK(asked.asked.id == R"("e")");
  CHECK(asked.asked.method == "elicitation/create");
  CHECK(asked.asked.params == R"({"message": "?"})");
  CHECK(receive(core, std::string(k_logs)).id == call.id);
  core.begin_call("tools/call", "{}");
  CHECK(receive(core, std::string(k_asks)).kind == Kind::reply);
  CHECK(receive(core, std::string(k_logs)).id == 0);
}

TEST_CASE(
    "a call that was given up may still be what the server asks about: nobody else is asked") {
  ClientCore core;
  const Outgoing first = core.begin_call("tools/call", "{}");
  core.cancel(first.id, "the client left");
  const Outgoing second = core.begin_call("tools/call", "{}");
  CHECK(receive(core, std::string(k_asks)).kind == Kind::reply);
  CHECK(receive(core, std::string(k_logs)).id == 0);
  // Its late answer ends the doubt.
  receive(core, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(receive(core, std::string(k_asks)).id == second.id);
}

TEST_CASE("what comes on a call's own stream is about that call, whatever else runs") {
  ClientCore core;
  const Outgoing one = core.begin_call("tools/call", "{}");
  const Outgoing two = core.begin_call("tools/call", "{}");
  const auto asks = Message::parse(std::string(k_asks));
  CHECK(core.receive(*asks, two.id).id == two.id);
  CHECK(core.receive(*asks, one.id).id == one.id);
  receive(core, R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(core.receive(*asks, one.id).kind == Kind::reply);
}

TEST_CASE("a server cannot cancel anything of a client's") {
  ClientCore core;
  const Outgoing call = core.begin_call("tools/call", "{}");
  const auto cancels = Message::parse(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  CHECK(core.receive(*cancels, call.id).kind == Kind::ignored);
}

TEST_CASE("other notifications") {
  ClientCore core;
  CHECK(receive(core, R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})").kind ==
        Kind::list_changed);
  const std::string log =
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}})";
  const Incoming in = receive(core, log);
  CHECK(in.kind == Kind::message);
  CHECK(in.text == log);
}

TEST_CASE("the handshake accepts the revisions we speak and no other") {
  CHECK(initialize_params().starts_with(
      R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{},"url":{}},)"
      R"("roots":{},"sampling":{}},"clientInfo":{"name":"preloop",)"));
  const auto hello = [](std::string_view revision) {
    return read_hello(
        {R"({"protocolVersion":")" + std::string(revision) +
             R"(","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}})",
         ""});
  };
  for (const char* revision : {"2025-11-25", "2025-06-18", "2025-03-26"}) {
    const auto read = hello(revision);
    REQUIRE(read);
    CHECK(read->revision == revision);
    CHECK(read->has_tools);
    CHECK(read->software == "s 1");
  }
  CHECK_FALSE(hello("2024-11-05"));
  CHECK_FALSE(hello("2026-07-28"));
  CHECK_FALSE(hello(""));
  CHECK_FALSE(read_hello({"[]", ""}));
  const auto refused = read_hello({"", R"({"code":-32602,"message":"no\u001b[31m"})"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == R"(the server refused initialize: no\u001b[31m (-32602))");
  const auto bare = read_hello({R"({"protocolVersion":"2025-11-25"})", ""});
  REQUIRE(bare);
  CHECK_FALSE(bare->has_tools);
}

}  // namespace
}  // namespace preloop::mcp
