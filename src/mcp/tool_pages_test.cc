#include "mcp/tool_pages.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace preloop::mcp {
namespace {

firewall::UpstreamAnswer page(std::string tools, std::string_view cursor = {}) {
  return {fmt::format(
              R"({{"tools":[{}]{}{}}})", tools, cursor.empty() ? "" : R"(,"nextCursor":)", cursor),
          ""};
}
std::string tool(std::string_view name) {
  return fmt::format(R"({{"name":"{}","inputSchema":{{"type":"object"}},"x-kept": 1.50}})", name);
}

TEST_CASE("pages are joined and definitions keep their bytes") {
  ToolPages pages;
  CHECK(pages.params() == "{}");
  CHECK(pages.add(page(tool("a") + " , " + tool("b"), R"("c\u0031")")).value() == true);
  CHECK(pages.params() == R"({"cursor":"c\u0031"})");
  CHECK(pages.add(page(tool("c"), "null")).value() == false);
  const auto tools = pages.take();
  REQUIRE(tools.size() == 3);
  CHECK(tools[1].name == "b");
  CHECK(tools[1].definition == tool("b"));
  CHECK(tools[2].input_schema != nullptr);
  CHECK(pages.problems().empty());
}

TEST_CASE("one bad tool does not take the others with it") {
  ToolPages pages;
  CHECK(pages.add(page(R"({"title":"no name"},7,)" + tool("ok") + "," + tool("ok"))).value() ==
        false);
  CHECK(pages.take().size() == 1);
  CHECK(pages.problems().size() == 3);
}

TEST_CASE("lists without end are refused") {
  ToolPages repeating;
  CHECK(repeating.add(page("", R"("same")")).value() == true);
  CHECK(repeating.add(page("", R"("same")")).error().code == core::Code::resource_exhausted);

  ToolPages growing(ListLimits{.max_pages = 3});
  for (int i = 0; i < 3; ++i) {
    CHECK(growing.add(page("", fmt::format("\"{}\"", i))).value() == true);
  }
  CHECK(growing.add(page("", R"("3")")).error().code == core::Code::resource_exhausted);

  ToolPages many(ListLimits{.max_items = 2});
  CHECK_FALSE(many.add(page(tool("a") + "," + tool("b") + "," + tool("c"))));
  ToolPages large(ListLimits{.max_bytes = 100});
  CHECK_FALSE(large.add(page(tool(std::string(100, 'a')))));
}

TEST_CASE("what is no list is an error") {
  const auto add = [](const firewall::UpstreamAnswer& answer) { return ToolPages().add(answer); };
  CHECK_FALSE(add({R"({})", ""}));
  CHECK_FALSE(add({R"({"tools":{}})", ""}));
  CHECK_FALSE(add({R"([])", ""}));
  CHECK_FALSE(add(page("", "7")));
  CHECK_FALSE(add(page("", "\"" + std::string(10'000, 'x') + "\"")));
  CHECK(add({"", R"({"code":-32603,"message":"broken"})"}).error().message ==
        "the server did not list its tools: broken (-32603)");
}

}  // namespace
}  // namespace preloop::mcp
