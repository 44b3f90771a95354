#include "net/http.h"

#include "net/host_guard.h"
#include "net/http1_head.h"

#include <doctest/doctest.h>

namespace preloop::net {
namespace {

TEST_CASE("a header can be set to a value that came from the same headers") {
  Headers headers;
  headers.add("X-A", "a value that is too long for the small string buffer");
  headers.set("X-A", *headers.get("X-A"));
  CHECK(headers.get("x-a") == "a value that is too long for the small string buffer");
}

TEST_CASE("headers compare without case and keep repeated fields apart") {
  Headers headers;
  headers.add("X-A", "1");
  headers.add("x-a", "2");
  headers.add("B", "3");
  CHECK(headers.get("X-a") == "1");
  CHECK(headers.count("x-A") == 2);
  headers.set("X-A", "4");
  CHECK(headers.count("x-a") == 1);
  headers.remove("b");
  CHECK_FALSE(headers.get("B"));
}

TEST_CASE("errors become problem documents") {
  const Response response = problem(
      core::Error{core::Code::invalid_argument, "the \"name\" is bad", {{"/name", "too long"}}});
  CHECK(response.status == 400);
  CHECK(response.headers.get("content-type") == "application/problem+json");
  CHECK(response.body ==
        R"({"type":"urn:preloop:problem:invalid_argument","title":"Bad Request","status":400,)"
        R"("detail":"the \"name\" is bad","errors":[{"path":"/name","message":"too long"}]})");
  CHECK(problem(core::Error{core::Code::unavailable, "x", {}}).headers.get("retry-after"));
}

TEST_CASE("heads are found in pieces; ambiguous line breaks are refused") {
  using State = HeadScan::State;
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  HeadScan scan;
  for (std::size_t i = 0; i < head.size(); ++i) {
    REQUIRE(scan.scan(std::string_view(head).substr(0, i)) == State::incomplete);
  }
  CHECK(scan.scan(head + "rest") == State::complete);
  CHECK(scan.size() == head.size());
  using namespace std::string_literals;
  for (const std::string& bad : {"GET / HTTP/1.1\nHost: h\n\n"s,
                                 "GET / HTTP/1.1\r\nA: 1\r\n b\r\n\r\n"s,
                                 "GET / HTTP/1.1\r\nA: 1\r\n\tb\r\n\r\n"s,
                                 "GET / HTTP/1.1\r\nA: \0\r\n\r\n"s,
                                 "GET / HTTP/1.1\r\nA: 1\rB: 2\r\n\r\n"s,
                                 "GET / HTTP/1.1\r\nA: 1\r\r\n\r\n"s,
                                 "GET / HTTP/1.1\r\nA: 1\r\n\n"s}) {
    CAPTURE(bad);
    CHECK(HeadScan().scan(bad) == State::malformed);
  }
}

TEST_CASE("only our own names and origins pass") {
  const HostPolicy policy{{"localhost", "127.0.0.1", "::1", "preloop.example"}};
  const auto check = [&](const std::vector<Headers::Field>& fields) {
    Headers headers;
    for (const auto& [name, value] : fields) {
      headers.add(name, value);
    }
    const auto refused = policy.refuse(headers);
    return refused ? refused->status : 200;
  };
  for (const char* host :
       {"localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "Preloop.Example"}) {
    CAPTURE(host);
    CHECK(check({{"Host", host}}) == 200);
    CHECK(check({{"Host", host}, {"Origin", std::string("http://") + host}}) == 200);
  }
  for (const char* host : {"",
                           "evil.com",
                           "localhost.evil.com",
                           "evil.com:localhost",
                           "localhost@evil.com",
                           "evil.com@localhost",
                           "localhost:80:80",
                           "localhost/",
                           "localhost.",
                           "::1",
                           "[::1%lo]",
                           "[localhost]",
                           "localhost evil"}) {
    CAPTURE(host);
    CHECK(check({{"Host", host}}) == 421);
  }
  CHECK(check({}) == 421);
  CHECK(check({{"Host", "localhost"}, {"Host", "localhost"}}) == 421);
  for (const char* origin : {"null",
                             "",
                             "http://evil.com",
                             "http://localhost.evil.com",
                             "http://localhost@evil.com",
                             "http://evil.com/localhost",
                             "http://localhost/",
                             "file://localhost",
                             "localhost",
                             "http://localhost http://evil.com",
                             "http://localhost, http://evil.com"}) {
    CAPTURE(origin);
    CHECK(check({{"Host", "localhost"}, {"Origin", origin}}) == 403);
  }
  CHECK(check({{"Host", "localhost"},
               {"Origin", "http://localhost"},
               {"Origin", "http://localhost"}}) == 403);
}

}  // namespace
}  // namespace preloop::net
