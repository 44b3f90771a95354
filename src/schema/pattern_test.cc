#include "schema/pattern.h"

#include <doctest/doctest.h>

namespace preloop::schema {
namespace {

bool found(std::string_view pattern, std::string_view text) {
  const auto compiled = Pattern::compile(pattern);
  REQUIRE_MESSAGE(compiled.has_value(), pattern << ": " << compiled.error().message);
  return (*compiled)->found_in(text);
}
core::Code refusal(std::string_view pattern) {
  const auto compiled = Pattern::compile(pattern);
  REQUIRE_MESSAGE(!compiled.has_value(), pattern);
  return compiled.error().code;
}

TEST_CASE("patterns are searched for, anchors are ends of the text") {
  CHECK(found("b", "abc"));
  CHECK(!found("^b", "abc"));
  CHECK(found("^abc$", "abc"));
  CHECK(!found("^abc$", "abc\n"));
  CHECK(!found("^b$", "a\nb\nc"));
  CHECK(found("", ""));
  CHECK(found("^$", ""));
}

TEST_CASE("ECMA-262 classes and escapes") {
  CHECK(found(R"(^\d{3}$)", "123"));
  CHECK(!found(R"(^\d$)", "٣"));
  CHECK(!found(R"(^\w$)", "é"));
  CHECK(found(R"(^\W$)", "é"));
  CHECK(found(R"(^\s\s\s$)", " \u00a0\ufeff"));
  CHECK(found(R"(^[\s]$)", "\u2029"));
  CHECK(!found(R"(^\S$)", "\u2003"));
  CHECK(found(R"(^[\S]+$)", "aé中💩"));
  CHECK(!found(R"(^[^\S]$)", "a"));
  CHECK(found(R"(^https?:\/\/[^\/]+\/$)", "https://a.b/"));
  CHECK(found(R"(^\u00e9\x41\u{1F4A9}\uD83D\uDCA9$)", "éA💩💩"));
  CHECK(found(R"(^\cA\0\t\v$)", std::string_view("\x01\0\t\v", 4)));
  CHECK(found(R"(^[\b]$)", "\b"));
  CHECK(found(R"(\bfoo\b)", "a foo b"));
  CHECK(found(R"(^\.\*\+\?\^\$\(\)\[\]\{\}\|\\\-$)", R"(.*+?^$()[]{}|\-)"));
  CHECK(!found("^.$", "\r"));
  CHECK(!found("^.$", "\u2028"));
  CHECK(found("^.$", "💩"));
}

TEST_CASE("character classes are ECMA-262's, not POSIX's") {
  CHECK(found("^[[:alpha:]]$", "a]"));
  CHECK(found("^[a-c]+$", "abc"));
  CHECK(!found("^[^a-c]+$", "abc"));
  CHECK(found("^[-a]+$", "-a"));
  CHECK(found("^[a-]+$", "-a"));
  CHECK(found(R"(^[\w-.]+$)", "a-."));
  CHECK(found(R"(^[\d\-\]\\^]+$)", R"(1-]\^)"));
  CHECK(!found("[]", "a"));
  CHECK(found("^[^]$", "\n"));
  CHECK(found("^[а-я]+$", "привет"));
  CHECK(refusal("[c-a]") == core::Code::invalid_argument);
  CHECK(refusal("[a") == core::Code::invalid_argument);
}

TEST_CASE("groups, quantifiers and braces") {
  CHECK(found("^(a|b)+?c{2,3}$", "abcc"));
  CHECK(found("^(?:a)(?<name>b)$", "ab"));
  CHECK(found("^(?i)abc$", "ABC"));
  CHECK(found("^a{,2}$", "a{,2}"));
  CHECK(found("^{}$", "{}"));
  CHECK(found("^x{2}$", "xx"));
  CHECK(found("^x{2,}$", "xxxx"));
}

TEST_CASE("Unicode properties") {
  CHECK(found(R"(^\p{Letter}+$)", "πλ"));
  CHECK(!found(R"(^\p{Letter}+$)", "π1"));
  CHECK(found(R"(^\p{L}\p{Lu}\P{L}$)", "aÄ1"));
  CHECK(found(R"(^\p{Script=Greek}$)", "π"));
  CHECK(found(R"(^[\p{Nd}_]+$)", "٣_1"));
  CHECK(found(R"(^\p{ASCII}+$)", "abc"));
  CHECK(refusal(R"(\p{Nonsense})") == core::Code::invalid_argument);
  CHECK(refusal(R"(\p{L)") == core::Code::invalid_argument);
}

TEST_CASE("what cannot be done in linear time, and what is no pattern") {
  CHECK(refusal("(?=a)") == core::Code::unimplemented);
  CHECK(refusal("(?!a)") == core::Code::unimplemented);
  CHECK(refusal("(?<=a)b") == core::Code::unimplemented);
  CHECK(refusal("(?<!a)b") == core::Code::unimplemented);
  CHECK(refusal(R"((a)\1)") == core::Code::unimplemented);
  CHECK(refusal(R"((?<n>a)\k<n>)") == core::Code::unimplemented);
  for (const char* bad : {"(",
                          ")",
                          "*",
                          "a**",
                          "\\",
                          R"(\a)",
                          R"(\x4)",
                          R"(\u12)",
                          R"(\uD83D)",
                          R"(\u{110000})",
                          R"(\c1)",
                          "(?<n",
                          "(?P<n>a)",
                          "(?x)"}) {
    CHECK_MESSAGE(refusal(bad) == core::Code::invalid_argument, bad);
  }
}

TEST_CASE("common patterns fit the memory bound, repeated blow-ups do not") {
  CHECK(found("^.{1,1000}$", std::string(1000, 'a')));
  CHECK(!found("^.{1,1000}$", std::string(1001, 'a')));
  CHECK(found(R"(^[\p{L}\p{N} ._-]{1,64}$)", "Straße 12"));
  CHECK(refusal("((a{1,100}){1,100}){1,100}") == core::Code::invalid_argument);
  CHECK(refusal("a{1001}") == core::Code::invalid_argument);
}

}  // namespace
}  // namespace preloop::schema
