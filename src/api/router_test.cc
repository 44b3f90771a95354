#include "api/router.h"

#include <doctest/doctest.h>

namespace preloop::api {
namespace {

struct Routes {
  Router router;
  Routes() {
    const std::pair<const char*, const char*> routes[] = {{"GET", "/tools"},
                                                          {"GET", "/tools/{id}"},
                                                          {"DELETE", "/tools/{id}"},
                                                          {"GET", "/policies/versions"},
                                                          {"POST", "/policies/{verb}"},
                                                          {"PUT", "/tools/{id}/rules/{n}"}};
    for (std::size_t i = 0; i < std::size(routes); ++i) {
      REQUIRE(router.add(routes[i].first, routes[i].second, i));
    }
  }
};

TEST_CASE("a request finds its operation and parameters") {
  const Routes routes;
  CHECK(routes.router.find("GET", "/tools").match->operation == 0);
  const auto one = routes.router.find("DELETE", "/tools/a b");
  REQUIRE(one.match);
  CHECK(one.match->operation == 2);
  CHECK(one.match->parameters == std::vector<std::pair<std::string, std::string>>{{"id", "a b"}});
  const auto two = routes.router.find("PUT", "/tools/x/rules/7");
  REQUIRE(two.match);
  CHECK(two.match->parameters.back() == std::pair<std::string, std::string>("n", "7"));
}

TEST_CASE("text wins over a parameter, and the parameter is tried when text leads nowhere") {
  const Routes routes;
  CHECK(routes.router.find("GET", "/policies/versions").match->operation == 3);
  CHECK(routes.router.find("POST", "/policies/apply").match->operation == 4);
  // The method does not reopen the search: one address is one resource.
  CHECK(routes.router.find("POST", "/policies/versions").allow == "GET, HEAD");
}

TEST_CASE("404, 405 with Allow, and HEAD") {
  const Routes routes;
  for (const char* path :
       {"", "/", "/nothing", "/tools/", "/tools//rules/1", "/tools/a/b", "tools"}) {
    const auto answer = routes.router.find("GET", path);
    CHECK_MESSAGE(!answer.match, path);
    CHECK_MESSAGE(answer.allow.empty(), path);
  }
  CHECK(routes.router.find("POST", "/tools/x").allow == "GET, HEAD, DELETE");
  CHECK(routes.router.find("HEAD", "/tools/x").match->operation == 1);
  CHECK(routes.router.find("HEAD", "/policies/apply").allow == "POST");
  CHECK(routes.router.find("get", "/tools").allow == "GET, HEAD");
}

TEST_CASE("the same route twice is refused") {
  Routes routes;
  CHECK(routes.router.add("GET", "/tools/{other}", 9).error().code == core::Code::already_exists);
  CHECK(routes.router.add("GET", "tools", 9).error().code == core::Code::invalid_argument);
}

}  // namespace
}  // namespace preloop::api
