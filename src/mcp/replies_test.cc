#include "mcp/replies.h"

#include "catalogue/definition.h"
#include "mcp/rpc_codec.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

core::JsonDocument json(std::string text) {
  auto document = core::JsonDocument::parse(std::move(text));
  REQUIRE_MESSAGE(document, document.error().message);
  return std::move(*document);
}

catalogue::ToolPtr tool_of(const std::string& name) {
  const std::string text = R"({"name":")" + name + R"(", "x-unknown": 1.0})";
  const auto document = json(text);
  auto tool = catalogue::read_definition(document.root(), text);
  REQUIRE(tool);
  tool->id = core::ToolId::make({});
  tool->exposed_name = "bank__" + name;
  return std::make_shared<const catalogue::Tool>(std::move(*tool));
}

TEST_CASE("initialize: the version is needed, the client's name is only a label") {
  CHECK_FALSE(read_initialize(json("{}").root()));
  CHECK_FALSE(read_initialize({}));
  CHECK_FALSE(read_initialize(json(R"({"protocolVersion":20250618})").root()));
  const auto asked = read_initialize(
      json(R"({"protocolVersion":"2025-06-18","clientInfo":{"name":"a\u001b[31m","version":"1"}})")
          .root());
  REQUIRE(asked);
  CHECK(asked->revision == Revision::r2025_06_18);
  CHECK_FALSE(asked->client.contains('\x1b'));
  CHECK(asked->client.ends_with(" 1"));
  const auto result = json(initialize_result(asked->revision, "1.2.3"));
  CHECK(result.root()["protocolVersion"].as_string() == "2025-06-18");
  CHECK(result.root()["capabilities"]["tools"]["listChanged"].as_bool() == true);
  CHECK(result.root()["capabilities"]["resources"]["subscribe"].as_bool() == true);
  CHECK(result.root()["serverInfo"]["version"].as_string() == "1.2.3");
}

TEST_CASE("tools come in pages, with the names of the path and every other byte as it was") {
  const std::vector tools{tool_of("a"), tool_of("b"), tool_of("c")};
  const auto all = tools_page(tools, Naming::own, {}, 10);
  CHECK(
      *all ==
      R"({"tools":[{"name":"a", "x-unknown": 1.0},{"name":"b", "x-unknown": 1.0},{"name":"c", "x-unknown": 1.0}]})");
  const auto first = json(*tools_page(tools, Naming::exposed, {}, 2));
  CHECK(first.root()["tools"].size() == 2);
  CHECK(first.root()["tools"].at(0)["name"].as_string() == "bank__a");
  const auto params = json(R"({"cursor":)" + first.root()["nextCursor"].dump() + "}");
  const auto second = json(*tools_page(tools, Naming::exposed, params.root(), 2));
  CHECK(second.root()["tools"].size() == 1);
  CHECK_FALSE(second.root()["nextCursor"].exists());
  for (const std::string_view cursor : {R"("")", R"("AAAA")", "1", "null", R"("%%")"}) {
    const auto bad = json(R"({"cursor":)" + std::string(cursor) + "}");
    CHECK_FALSE_MESSAGE(tools_page(tools, Naming::exposed, bad.root(), 2), cursor);
  }
  CHECK(tools_digest(tools) == tools_digest(tools));
  CHECK(tools_digest(tools) != tools_digest(std::span(tools).first(2)));
  CHECK(tools_digest({}) != 0);
}

TEST_CASE("how a call ended, in the words of the protocol") {
  firewall::CallResult result;
  result.kind = firewall::CallResult::Kind::answered;
  result.json = R"({"content":[], "x": 1.0})";
  CHECK(call_response("1", result, k_latest_revision) ==
        R"({"jsonrpc":"2.0","id":1,"result":{"content":[], "x": 1.0}})");
  result.kind = firewall::CallResult::Kind::upstream_error;
  result.json = R"({"code":-32000,"message":"m","data":null})";
  CHECK(call_response(R"("a")", result, k_latest_revision) ==
        R"({"jsonrpc":"2.0","id":"a","error":{"code":-32000,"message":"m","data":null}})");
  result.kind = firewall::CallResult::Kind::unknown_tool;
  result.text = "There is no tool 'x' here.";
  CHECK(json(call_response("1", result, k_latest_revision)).root()["error"]["code"].as_int() ==
        k_invalid_params);
  result.kind = firewall::CallResult::Kind::pending;
  result.text = "waits";
  result.approval = core::ApprovalId::make({});
  result.decision = policy::Action::require_approval;
  const auto pending = json(call_response("1", result, k_latest_revision));
  const core::Json answer = pending.root()["result"];
  CHECK(answer["isError"].as_bool() == true);
  CHECK(answer["content"].at(0)["text"].as_string() == "waits");
  CHECK(answer["_meta"]["preloop/approval"].as_string() == result.approval->to_string());
  CHECK(answer["_meta"]["preloop/decision"].as_string() == "require_approval");
  CHECK(answer["_meta"]["preloop/outcome"].as_string() == "pending");
}

TEST_CASE("without sessions a result is complete, and an error has a code that still exists") {
  firewall::CallResult result;
  result.kind = firewall::CallResult::Kind::answered;
  const auto of = [&result](std::string answer) {
    result.json = std::move(answer);
    return call_response("1", result, Revision::r2026_07_28);
  };
  CHECK(of(R"({"content":[], "x": 1.0})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[], "x": 1.0}})");
  CHECK(of("{ }") == R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete" }})");
  CHECK(of(R"({"resultType":"complete","content":[]})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}})");
  CHECK(of(R"({"resultType":"task","content":[]})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[]}})");
  // A question stays one.
  CHECK(of(R"({"resultType":"input_required","requestState":"s"})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","requestState":"s"}})");
  result.kind = firewall::CallResult::Kind::upstream_error;
  CHECK(of(R"({"code":-32002,"message":"m","data":{"uri":"x"}})") ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"m","data":{"uri":"x"}}})");
  CHECK(of(R"({"code":-1,"message":"m"})") ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"m"}})");
}

TEST_CASE("log messages below the client's level stay here") {
  CHECK(log_level("debug") == 0);
  CHECK(log_level("emergency") == 7);
  CHECK_FALSE(log_level("loud"));
  const std::string info = make_notification("notifications/message", R"({"level":"info"})");
  CHECK(passes_log_level(info, 0));
  CHECK(passes_log_level(info, 1));
  CHECK_FALSE(passes_log_level(info, 2));
  CHECK(passes_log_level(make_notification("notifications/progress", "{}"), 7));
}

TEST_CASE("a member is left out and the others keep their bytes") {
  const std::string text = R"({"name":"pay", "task": {"ttl":1},"arguments":{"amount": 1.50}})";
  const auto params = json(text);
  CHECK(without_member(params.root(), text, "task") ==
        R"({"name":"pay","arguments":{"amount": 1.50}})");
}

}  // namespace
}  // namespace preloop::mcp
