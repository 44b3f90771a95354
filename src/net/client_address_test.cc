#include "net/client_address.h"

#include "net/http_server.h"

#include <doctest/doctest.h>

namespace preloop::net {
namespace {

TEST_CASE("address blocks") {
  const auto blocks = AddressBlocks::parse({"10.0.0.0/8", "192.168.1.7", "fd00::/9", "0.0.0.0/32"});
  REQUIRE(blocks);
  for (const char* inside : {"10.255.0.1", "::ffff:10.1.2.3", "192.168.1.7", "fd7f::1"}) {
    CAPTURE(inside);
    CHECK(blocks->contains(inside));
  }
  for (const char* outside :
       {"11.0.0.1", "192.168.1.8", "fd80::1", "", "x", "10.1", "fd00::1%lo"}) {
    CAPTURE(outside);
    CHECK_FALSE(blocks->contains(outside));
  }
  for (const char* bad :
       {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0.0/8x"}) {
    CAPTURE(bad);
    CHECK_FALSE(AddressBlocks::parse({bad}));
  }
}

TEST_CASE("the client is the right-most hop that is not trusted") {
  const auto trusted = *AddressBlocks::parse({"10.0.0.0/8", "::1"});
  const auto client = [&](std::string_view peer, std::vector<std::string_view> fields) {
    Headers headers;
    for (const auto field : fields) {
      headers.add("x-forwarded-for", field);
    }
    return client_address(peer, headers, trusted);
  };
  CHECK(client("1.1.1.1:5", {"2.2.2.2"}) == "1.1.1.1");
  CHECK(client("10.0.0.1:5", {}) == "10.0.0.1");
  CHECK(client("10.0.0.1:5", {"2.2.2.2"}) == "2.2.2.2");
  CHECK(client("[::1]:5", {"9.9.9.9, 2.2.2.2 , 10.1.1.1"}) == "2.2.2.2");
  CHECK(client("10.0.0.1:5", {"9.9.9.9, 2.2.2.2", "10.1.1.1"}) == "2.2.2.2");
  CHECK(client("10.0.0.1:5", {"2.2.2.2, evil"}) == "10.0.0.1");
  CHECK(client("10.0.0.1:5", {"[2001:db8::1]:99"}) == "2001:db8::1");
  CHECK(client("10.0.0.1:5", {"2.2.2.2:99"}) == "2.2.2.2");
  CHECK(client("10.0.0.1:5", {"10.0.0.3, 10.0.0.2"}) == "10.0.0.3");
}

TEST_CASE("addresses to listen on") {
  CHECK(parse_listen_address("127.0.0.1:8000")->port == 8000);
  CHECK(parse_listen_address("[::1]:0")->host == "::1");
  for (const char* bad : {"",
                          "8000",
                          ":8000",
                          "localhost:1",
                          "::1:80",
                          "[127.0.0.1]:1",
                          "1.2.3.4:",
                          "1.2.3.4:65536",
                          "1.2.3.4:x",
                          "[::1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_listen_address(bad));
  }
}

}  // namespace
}  // namespace preloop::net
