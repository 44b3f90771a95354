#include "net/url.h"

#include <doctest/doctest.h>

namespace preloop::net {
namespace {

TEST_CASE("usable URLs") {
  const auto url = Url::parse("HTTPS://Example.COM:8443/a/b?x=1");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->host == "example.com");
  CHECK(url->port == 8443);
  CHECK(url->target == "/a/b?x=1");
  CHECK(url->origin() == "https://example.com:8443");
  CHECK(Url::parse("http://[::1]:80?q")->to_string() == "http://[::1]/?q");
  CHECK(Url::parse("https://h")->port == 443);
  CHECK(Url::parse("http://h")->target == "/");
}

TEST_CASE("URLs that are refused") {
  for (const char* text : {"",
                           "h",
                           "ftp://h/",
                           "http:/h",
                           "http://",
                           "http:///x",
                           "http://u@h/",
                           "http://u:p@h/",
                           "http://h/#f",
                           "http://h:0/",
                           "http://h:65536/",
                           "http://h:+1/",
                           "http://h:/",
                           "http://h:1x/",
                           "http://[::1/",
                           "http://[::1]x/",
                           "http://[fe80::1%25eth0]/",
                           "http://h /",
                           "http://h/\r\nX: y",
                           "http://h\\@evil/",
                           "http://h\xc3\xa9/",
                           "http://a b/"}) {
    CAPTURE(text);
    CHECK_FALSE(Url::parse(text));
  }
}

TEST_CASE("escapes") {
  CHECK(percent_decode("a%20b%C3%A9") == "a b\xc3\xa9");
  CHECK_FALSE(percent_decode("%"));
  CHECK_FALSE(percent_decode("%2"));
  CHECK_FALSE(percent_decode("%zz"));
  CHECK_FALSE(percent_decode("a%00"));
  CHECK(percent_encode("a b/~\xff") == "a%20b%2F~%FF");
  const auto query = parse_query("a=1&&b=x%20y+z&c&d=%zz&a=2");
  REQUIRE(query.size() == 5);
  CHECK(query[1] == std::pair<std::string, std::string>("b", "x y z"));
  CHECK(query[2] == std::pair<std::string, std::string>("c", ""));
  CHECK(query[3].second == "%zz");
  CHECK(query[4].second == "2");
}

TEST_CASE("paths are decoded once, and refused when they are ambiguous") {
  CHECK(normal_path("/a%20b/c?x=/../") == "/a b/c");
  CHECK(normal_path("/") == "/");
  CHECK(normal_path("/a%252e%252e") == "/a%2e%2e");
  CHECK(normal_path("/.well-known/x") == "/.well-known/x");
  CHECK(normal_path("/...") == "/...");
  for (const char* target :
       {"",          "a",       "*",      "http://h/", "/..",     "/../a", "/a/./b",
        "/%2e%2e/a", "/a/.%2E", "/a%2fb", "/a%2Fb",    "/a%5c..", "/a\\b", "/%00",
        "/%0a",      "/%7f",    "/%",     "/%zz",      "/%ff",    "/a#b"}) {
    CAPTURE(target);
    CHECK_FALSE(normal_path(target));
  }
}

}  // namespace
}  // namespace preloop::net
