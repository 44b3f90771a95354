#include "mcp/http_rules.h"

#include "mcp/revision.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

net::Headers with(std::string_view name, std::string_view value) {
  net::Headers headers;
  headers.add(name, value);
  return headers;
}

TEST_CASE("revisions: known ones are kept, others become our latest") {
  for (const std::string_view name : {"2025-03-26", "2025-06-18", "2025-11-25"}) {
    CHECK(to_string(negotiate(name)) == name);
  }
  for (const std::string_view name : {"2024-11-05", "2026-07-28", "", "2025-11-25 "}) {
    CHECK(negotiate(name) == k_latest_revision);
    CHECK(parse_revision(name).has_value() == (name == "2026-07-28"));
  }
  CHECK_FALSE(is_stateless(k_latest_revision));
  CHECK(is_stateless(Revision::r2026_07_28));
  CHECK(allows_batches(Revision::r2025_03_26));
  CHECK_FALSE(allows_batches(Revision::r2025_06_18));
  CHECK_FALSE(has_priming_event(Revision::r2025_06_18));
  CHECK(has_priming_event(Revision::r2025_11_25));
}

TEST_CASE("paths") {
  CHECK(parse_mcp_path("/mcp/v1")->server.empty());
  CHECK(parse_mcp_path("/mcp")->server.empty());
  CHECK(parse_mcp_path("/mcp/v1/")->server.empty());
  CHECK(parse_mcp_path("/mcp/v1/servers/bank")->server == "bank");
  CHECK(parse_mcp_path("/mcp/v1/servers/bank/")->server == "bank");
  for (const std::string_view path : {"/",
                                      "",
                                      "/mcp/v2",
                                      "/mcp/v1/servers",
                                      "/mcp/v1/servers/",
                                      "/mcp/v1/servers/a/b",
                                      "/mcpx"}) {
    CHECK_FALSE_MESSAGE(parse_mcp_path(path), path);
  }
}

TEST_CASE("Accept: ranges, weights and absence") {
  const std::string_view json = "application/json";
  CHECK(accepts({}, json));
  CHECK(accepts(with("Accept", "application/json, text/event-stream"), json));
  CHECK(accepts(with("accept", "text/event-stream;q=0.5 , APPLICATION/JSON"), json));
  CHECK(accepts(with("Accept", "*/*"), json));
  CHECK(accepts(with("Accept", "application/*;q=0.1"), json));
  CHECK_FALSE(accepts(with("Accept", "application/json;q=0"), json));
  CHECK_FALSE(accepts(with("Accept", "application/json; q=0.000"), json));
  CHECK_FALSE(accepts(with("Accept", "text/html"), json));
  CHECK_FALSE(accepts(with("Accept", "application/json-seq"), json));
  CHECK_FALSE(accepts(with("Accept", ""), json));
  CHECK_FALSE(accepts(with("Accept", "text/*, application/jso*"), json));
}

TEST_CASE("Content-Type must be JSON: a form post is no request of ours") {
  CHECK(is_json_body(with("Content-Type", "application/json")));
  CHECK(is_json_body(with("Content-Type", "Application/JSON ; charset=utf-8")));
  for (const std::string_view type :
       {"text/plain", "application/jsonp", "", "application/json-rpc"}) {
    CHECK_FALSE_MESSAGE(is_json_body(with("Content-Type", type)), type);
  }
  CHECK_FALSE(is_json_body({}));
  CHECK(check_post({})->status == 415);
  net::Headers one = with("Content-Type", "application/json");
  one.add("Accept", "application/json");
  CHECK(check_post(one)->status == 406);
  one.add("Accept", "text/event-stream");
  CHECK_FALSE(check_post(one));
}

TEST_CASE("MCP-Protocol-Version: absent is right, unknown is not") {
  CHECK_FALSE(check_revision({}, "1"));
  CHECK_FALSE(check_revision(with("MCP-Protocol-Version", "2025-06-18"), "1"));
  const auto refused = check_revision(with("MCP-Protocol-Version", "2026-07-28\x1b[31m"), "7");
  REQUIRE(refused);
  CHECK(refused->status == 400);
  CHECK(refused->body.contains(R"("id":7)"));
  CHECK_FALSE(refused->body.contains('\x1b'));
}

}  // namespace
}  // namespace preloop::mcp
