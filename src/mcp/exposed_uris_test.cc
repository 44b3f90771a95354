#include "mcp/exposed_uris.h"

#include <doctest/doctest.h>

#include <array>

namespace preloop::mcp {
namespace {

TEST_CASE("a URI of a server becomes one of its own, and comes back") {
  CHECK(exposed_uri("files", "file:///a+b") == "files+file:///a+b");
  CHECK(exposed_uri("app", "ui://card/1") == "ui://app+card/1");
  constexpr std::array k_uris{"file:///a+b", "ui://card/1", "ui://", "no scheme", "", "+", "a+b:c"};
  for (const std::string_view uri : k_uris) {
    const std::string exposed = exposed_uri("one-2", uri);
    const auto own = own_uri(exposed);
    REQUIRE_MESSAGE(own, exposed);
    CHECK(own->server == "one-2");
    CHECK(own->uri == uri);
  }
}

TEST_CASE("a URI that no server could have been put before is none of ours") {
  for (const std::string_view uri :
       {"file:///x", "+file:///x", "UPPER+file:///x", "a/b+c", "ui://card", "ui://+card", ""}) {
    CHECK_FALSE_MESSAGE(own_uri(uri), uri);
  }
}

TEST_CASE("URIs of resources in a result are exposed, every other byte stays") {
  CHECK(expose_result_uris(R"({"content":[ {"type":"resource_link","uri":"test://a", "x": 1.0},)"
                           R"({"type":"resource","resource":{"uri":"test:\/\/b","text":"uri"}},)"
                           R"({"type":"text","uri":"test://text"}],"uri":"test://top"})",
                           "up") ==
        R"({"content":[ {"type":"resource_link","uri":"up+test://a", "x": 1.0},)"
        R"({"type":"resource","resource":{"uri":"up+test://b","text":"uri"}},)"
        R"({"type":"text","uri":"test://text"}],"uri":"test://top"})");
  CHECK(expose_result_uris(R"({"contents":[{"uri":"test://a","text":""}]})", "up") ==
        R"({"contents":[{"uri":"up+test://a","text":""}]})");
  CHECK(
      expose_result_uris(
          R"({"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"t:1"}}}]})",
          "up") ==
      R"({"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"up+t:1"}}}]})");
}

TEST_CASE("a result that is not what it should be passes as it is") {
  for (const std::string_view result : {"{}",
                                        R"({"content":{"uri":"a"}})",
                                        R"({"content":["uri",1,null]})",
                                        R"({"contents":[1,{"uri":2}]})",
                                        R"({"messages":[{"content":"uri"},"uri"]})",
                                        R"({"content":[{"type":"resource","resource":"uri"}]})"}) {
    CHECK(expose_result_uris(std::string(result), "up") == result);
  }
}

TEST_CASE("a tool's interface is where the client can read it") {
  CHECK(expose_interface_uri(R"({"name":"a","_meta":{"ui":{"resourceUri":"ui://card"}}})", "up") ==
        R"({"name":"a","_meta":{"ui":{"resourceUri":"ui://up+card"}}})");
  CHECK(expose_interface_uri(R"({"_meta":{"ui/resourceUri":"ui://card"}})", "up") ==
        R"({"_meta":{"ui/resourceUri":"ui://up+card"}})");
  CHECK(expose_interface_uri(R"({"resourceUri":"ui://card"})", "up") ==
        R"({"resourceUri":"ui://card"})");
}

}  // namespace
}  // namespace preloop::mcp
