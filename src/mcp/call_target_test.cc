#include "mcp/call_target.h"

#include "catalogue/names.h"
#include "mcp/listed_items.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

using catalogue::Method;
using core::Code;

struct Fixture {
  core::ServerId id = core::ServerId::make({});
  catalogue::Catalogue catalogue = make();

  catalogue::Catalogue make() const {
    auto lists = std::make_shared<catalogue::ServerLists>();
    lists->resources = {{"test://a", R"({"uri":"test://a","name": "a"})"},
                        {"test://b", R"({"name":"b","uri":"test://b"})"},
                        {"test://c", R"({"uri":"test://c"})"}};
    lists->prompts = {{"greet me", R"({"name":"greet me"})"}};
    auto server = std::make_shared<catalogue::Server>();
    server->id = id;
    server->config.name = "up";
    server->lists = lists;
    return catalogue::Catalogue({server}, {});
  }
  core::Result<CallTarget> read(std::string_view method,
                                std::string_view params,
                                bool own_path = false) const {
    const auto message = Message::parse(make_request("1", method, params));
    REQUIRE(message);
    return read_call_target(catalogue, own_path ? std::optional(id) : std::nullopt, *message);
  }
  std::string text(std::string_view method, std::string_view params, bool own_path = false) const {
    const auto target = read(method, params, own_path);
    return target ? target->params.text() : "error: " + target.error().message;
  }
};

TEST_CASE("what a request is about is named as its server names it") {
  const Fixture f;
  CHECK(f.text("resources/read", R"({"uri":"up+test://a","_meta":{"progressToken": 1}})") ==
        R"({"arguments":{"uri":"test://a"},"_meta":{"progressToken": 1}})");
  CHECK(f.text("resources/read", R"({"uri":"up+test://a"})", true) ==
        R"({"arguments":{"uri":"up+test://a"}})");
  const std::string prompt = catalogue::exposed_name("up", "greet me");
  CHECK(f.text("prompts/get", R"({"name":")" + prompt + R"(","arguments":{"n": "1"}})") ==
        R"({"arguments":{"name":"greet me","arguments":{"n": "1"}}})");
  CHECK(f.text("completion/complete",
               R"({"ref":{"type":"ref/prompt","name":")" + prompt +
                   R"("},"argument":{"name":"n","value":""}})") ==
        R"({"arguments":{"ref":{"type":"ref/prompt","name":"greet me"},)"
        R"("argument":{"name":"n","value":""}}})");
  CHECK(f.text("completion/complete", R"({"ref":{"type":"ref/resource","uri":"up+test://{x}"}})") ==
        R"({"arguments":{"ref":{"type":"ref/resource","uri":"test://{x}"}}})");
}

TEST_CASE("what names nothing here, or nothing at all, reaches no server") {
  const Fixture f;
  const auto code = [&](std::string_view method, std::string_view params) {
    const auto target = f.read(method, params);
    REQUIRE_FALSE(target);
    return target.error().code;
  };
  CHECK(code("resources/read", R"({"uri":"test://a"})") == Code::not_found);
  CHECK(code("resources/read", R"({"uri":"other+test://a"})") == Code::not_found);
  CHECK(code("resources/read", R"({"uri":1})") == Code::invalid_argument);
  CHECK(code("resources/read", "{}") == Code::invalid_argument);
  CHECK(code("prompts/get", R"({"name":"greet me"})") == Code::not_found);
  CHECK(code("prompts/get", R"({"name":"up__nothing"})") == Code::not_found);
  CHECK(code("prompts/get",
             R"({"name":")" + catalogue::exposed_name("up", "greet me") + R"(","arguments":[]})") ==
        Code::invalid_argument);
  CHECK(code("completion/complete", R"({"ref":{"type":"ref/tool","name":"x"}})") ==
        Code::invalid_argument);
  CHECK(code("completion/complete", R"({"ref":"x"})") == Code::invalid_argument);
  CHECK(code("tools/call", R"({"name":"resources:read"})") == Code::invalid_argument);
  // The path's server may have gone.
  const auto message = Message::parse(make_request("1", "resources/read", R"({"uri":"a"})"));
  CHECK(read_call_target(f.catalogue, core::ServerId::make({}), *message).error().code ==
        Code::not_found);
}

TEST_CASE("lists come in pages, with the names of the path and every other byte as it was") {
  const Fixture f;
  const auto everything = [](core::ServerId, Method) { return true; };
  const auto items = listed_items(f.catalogue, ListKind::resources, std::nullopt, everything);
  REQUIRE(items.size() == 3);
  const auto none = core::JsonDocument::parse("{}");
  CHECK(*items_page(items, ListKind::resources, Naming::own, none->root(), 10) ==
        R"({"resources":[{"uri":"test://a","name": "a"},{"name":"b","uri":"test://b"},)"
        R"({"uri":"test://c"}]})");
  const auto first = core::JsonDocument::parse(
      *items_page(items, ListKind::resources, Naming::exposed, none->root(), 2));
  CHECK(first->root()["resources"].at(1).dump() == R"({"name":"b","uri":"up+test://b"})");
  const auto cursor = first->root()["nextCursor"].as_string();
  REQUIRE(cursor);
  const auto next = core::JsonDocument::parse(R"({"cursor":")" + std::string(*cursor) + R"("})");
  CHECK(*items_page(items, ListKind::resources, Naming::exposed, next->root(), 2) ==
        R"({"resources":[{"uri":"up+test://c"}]})");
  const auto wrong = core::JsonDocument::parse(R"({"cursor":"x"})");
  CHECK_FALSE(items_page(items, ListKind::resources, Naming::own, wrong->root(), 2));
  // Nobody is told of what they may never have.
  const auto nothing = [](core::ServerId, Method method) {
    return method != Method::resources_read;
  };
  CHECK(listed_items(f.catalogue, ListKind::resources, std::nullopt, nothing).empty());
  CHECK(listed_items(f.catalogue, ListKind::prompts, f.id, nothing).size() == 1);
  CHECK(listed_items(f.catalogue, ListKind::prompts, core::ServerId::make({}), everything).empty());
}

}  // namespace
}  // namespace preloop::mcp
