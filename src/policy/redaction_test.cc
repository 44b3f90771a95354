#include "policy/redaction.h"

#include <doctest/doctest.h>

namespace preloop::policy {
namespace {

std::string masked(std::string_view json, const std::vector<std::string>& entries) {
  const auto rules = compile_redaction(entries);
  REQUIRE_MESSAGE(rules, rules.error().message);
  const auto out = redact(json, *rules);
  REQUIRE_MESSAGE(out, out.error().message);
  return *out;
}

TEST_CASE("fields by path, patterns in strings, detectors everywhere") {
  CHECK(masked(R"({"user":{"phone":"1","name":"Ana"},"n":1})", {"$.user.phone"}) ==
        R"({"user":{"phone":"[redacted:field]","name":"Ana"},"n":1})");
  CHECK(masked(R"({"users":[{"p":1},{"p":2,"q":3}]})", {"$.users[*].p"}) ==
        R"({"users":[{"p":"[redacted:field]"},{"p":"[redacted:field]","q":3}]})");
  CHECK(masked(R"({"a b":{"x":1}})", {"$['a b']"}) == R"({"a b":"[redacted:field]"})");
  CHECK(masked(R"({"a":{"x":1},"b":2})", {"$.*"}) ==
        R"({"a":"[redacted:field]","b":"[redacted:field]"})");
  CHECK(masked(R"({"t":"order 123456, 7","n":123456})", {"re:[0-9]{6}"}) ==
        R"({"t":"order [redacted:pattern], 7","n":"[redacted:pattern]"})");
  CHECK(masked(R"({"m":"ana@example.com"})", {"email"}) == R"({"m":"[redacted:email]"})");
  CHECK(masked(R"({"i":"DE89370400440532013000"})", {"iban"}) == R"({"i":"[redacted:iban]"})");
  CHECK(masked(R"({"untouched": [1, 2.50]})", {"secrets"}) == R"({"untouched": [1, 2.50]})");
}

TEST_CASE("what is wrong is said, with the nearest name") {
  CHECK(compile_redaction({"secret"}).error().message.find("did you mean 'secrets'?") !=
        std::string::npos);
  for (const char* entry : {"$", "$.", "$a", "$[0", "$[]", "re:(", "re:.*", "re:"}) {
    CHECK_MESSAGE(!compile_redaction({entry}), entry);
  }
}

TEST_CASE("what cannot be looked through is refused, not passed") {
  const auto rules = compile_redaction({"$.a"});
  REQUIRE(rules);
  CHECK_FALSE(redact("not json", *rules));
  CHECK(redact(std::string(k_max_redacted + 1, ' '), *rules).error().code ==
        core::Code::resource_exhausted);
}

}  // namespace
}  // namespace preloop::policy
