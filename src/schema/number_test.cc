#include "schema/number.h"

#include "schema/equality.h"

#include <doctest/doctest.h>

#include <string>

namespace preloop::schema {
namespace {

core::JsonDocument parse(const std::string& text) {
  auto document = core::JsonDocument::parse(text);
  REQUIRE(document.has_value());
  return std::move(*document);
}
int order(const std::string& a, const std::string& b) {
  const auto x = parse(a), y = parse(b);
  const auto result = compare_numbers(x.root(), y.root());
  return result < 0 ? -1 : result > 0 ? 1 : 0;
}
bool multiple(const std::string& a, const std::string& b) {
  const auto x = parse(a), y = parse(b);
  return is_multiple_of(x.root(), y.root());
}

TEST_CASE("numbers of all kinds compare exactly") {
  CHECK(order("1", "1.0") == 0);
  CHECK(order("9007199254740993", "9007199254740992.0") == 1);
  CHECK(order("9223372036854775807", "9223372036854775808") == -1);
  CHECK(order("9223372036854775807", "9223372036854775808.0") == -1);
  CHECK(order("9223372036854775808", "9223372036854775808.0") == 0);
  CHECK(order("18446744073709551615", "18446744073709551616.0") == -1);
  CHECK(order("18446744073709551615", "-1") == 1);
  CHECK(order("-9223372036854775808", "-9223372036854775808.0") == 0);
  CHECK(order("-9223372036854775808", "-9223372036854777856.0") == 1);
  CHECK(order("-1", "-1.5") == 1);
  CHECK(order("-2", "-1.5") == -1);
  CHECK(order("1", "1.5") == -1);
  CHECK(order("0", "-0.0") == 0);
  CHECK(order("1e300", "18446744073709551615") == 1);
  CHECK(order("-1e300", "-9223372036854775808") == -1);
}

TEST_CASE("multiples are decided on the decimals that were written") {
  CHECK(multiple("19.99", "0.01"));
  CHECK(multiple("0.3", "0.1"));
  CHECK(!multiple("0.35", "0.1"));
  CHECK(multiple("12391239123", "1e-8"));
  CHECK(multiple("1e308", "0.5"));
  CHECK(!multiple("1e308", "0.123456789"));
  CHECK(multiple("18446744073709551615", "5"));
  CHECK(!multiple("18446744073709551615", "2"));
  CHECK(multiple("-9223372036854775808", "2"));
  CHECK(!multiple("9007199254740993", "2"));
  CHECK(multiple("0", "7"));
  CHECK(!multiple("1e-300", "1e300"));
  CHECK(multiple("1e300", "1e-300"));
  CHECK(multiple("4.5", "1.5"));
  CHECK(!multiple("35", "1.5"));
  CHECK(!multiple("5", "10"));
  CHECK(multiple("100", "20"));
  CHECK(multiple("5e-324", "5e-324"));
}

TEST_CASE("keys are equal exactly when values are") {
  const char* const values[] = {"1",
                                "2",
                                "1.5",
                                "true",
                                "null",
                                "\"1\"",
                                "[]",
                                "{}",
                                "[1]",
                                "[[1]]",
                                "[1,1]",
                                R"({"a":1,"b":2})",
                                R"({"a":1,"b":3})",
                                R"({"a":{"b":2}})",
                                "9007199254740992",
                                "9007199254740993",
                                "18446744073709551615",
                                "9223372036854775808",
                                "1e300"};
  for (const char* a : values) {
    for (const char* b : values) {
      const auto x = parse(a), y = parse(b);
      const bool same = std::string(a) == b;
      CHECK(equal(x.root(), y.root()) == same);
      CHECK((key_of(x.root()) == key_of(y.root())) == same);
      CHECK(core::json_equal(x.root(), y.root()) == same);
    }
  }
  const auto a = parse(R"({"a":1,"b":[9223372036854775808]})");
  const auto b = parse(R"({"b":[9223372036854775808.0],"a":1.0})");
  CHECK(equal(a.root(), b.root()));
  CHECK(key_of(a.root()) == key_of(b.root()));
}

}  // namespace
}  // namespace preloop::schema
