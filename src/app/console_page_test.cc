#include "app/console_page.h"

#include "app/console_bundle.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace preloop::app {
namespace {

std::optional<net::Response> get(std::string_view path,
                                 std::initializer_list<net::Headers::Field> headers = {},
                                 std::string_view method = "GET") {
  net::Request request;
  request.method = method;
  request.path = path;
  for (const auto& [name, value] : headers) {
    request.headers.add(name, value);
  }
  return console_page(request);
}

std::string header(const net::Response& response, std::string_view name) {
  return std::string(response.headers.get(name).value_or(""));
}

const ConsoleFile& a_script() {
  const auto files = console_files();
  const auto found = std::ranges::find_if(files, [](const ConsoleFile& file) {
    return file.immutable && file.path.ends_with(".js") && !file.brotli.empty();
  });
  REQUIRE(found != files.end());
  return *found;
}

}  // namespace

TEST_CASE("the console's addresses get the document, each with a nonce of its own") {
  for (const std::string_view path : {"/", "/setup", "/approvals", "/approval/0190", "/login"}) {
    const auto first = get(path);
    const auto second = get(path);
    REQUIRE(first);
    CHECK(first->status == 200);
    CHECK(header(*first, "Content-Type") == "text/html; charset=utf-8");
    CHECK(header(*first, "Cache-Control") == "no-store");
    const std::string policy = header(*first, "Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"));
    const std::size_t begin = policy.find("'nonce-") + 7;
    const std::string nonce = policy.substr(begin, policy.find('\'', begin) - begin);
    CHECK(nonce.size() == 22);
    CHECK(first->body.contains(nonce));
    CHECK_FALSE(first->body.contains("__CSP_NONCE__"));
    CHECK(policy != header(*second, "Content-Security-Policy"));
  }
}

TEST_CASE("nothing else gets it") {
  for (const std::string_view path : {"/api",
                                      "/api/v1/nothing",
                                      "/mcp/x",
                                      "/hooks/x",
                                      "/healthz",
                                      "/index.html",
                                      "/approvalsx",
                                      "/assets/",
                                      "/assets/nothing.js",
                                      "/../etc/passwd"}) {
    CHECK_FALSE(get(path));
  }
  CHECK_FALSE(get("/", {}, "POST"));
  CHECK_FALSE(get("/approvals", {}, "DELETE"));
}

TEST_CASE("files come compressed as the client accepts, and are not sent twice") {
  const ConsoleFile& file = a_script();
  const auto plain = get(file.path);
  REQUIRE(plain);
  CHECK(plain->body == file.plain);
  CHECK(header(*plain, "Content-Encoding").empty());
  CHECK(header(*plain, "Vary") == "Accept-Encoding");
  CHECK(header(*plain, "Cache-Control") == "public, max-age=31536000, immutable");

  const auto brotli = get(file.path, {{"Accept-Encoding", "gzip, deflate, br"}});
  CHECK(header(*brotli, "Content-Encoding") == "br");
  CHECK(brotli->body == file.brotli);
  const auto gzip = get(file.path, {{"Accept-Encoding", "gzip;q=0.5, br;q=0"}});
  CHECK(header(*gzip, "Content-Encoding") == "gzip");
  CHECK(gzip->body == file.gzip);

  const auto again = get(file.path, {{"If-None-Match", "\"x\", W/" + std::string(file.etag)}});
  CHECK(again->status == 304);
  CHECK(again->body.empty());
  const auto other = get(file.path, {{"If-None-Match", "\"x\""}});
  CHECK(other->status == 200);
}

TEST_CASE("no file asks another origin for anything") {
  for (const ConsoleFile& file : console_files()) {
    if (file.path == "/index.html" || file.path.ends_with(".css")) {
      CHECK_FALSE(file.plain.contains("//fonts."));
      CHECK_FALSE(file.plain.contains("src=\"http"));
      CHECK_FALSE(file.plain.contains("url(http"));
    }
  }
}

}  // namespace preloop::app
