#include "identity/names.h"

#include "identity/types.h"

#include <doctest/doctest.h>

namespace preloop::identity {
namespace {

TEST_CASE("an address is normalised and nonsense refused") {
  CHECK(*normal_email("  Ana@Example.COM ") == "ana@example.com");
  for (const char* bad : {"",
                          "ana",
                          "@example.com",
                          "ana@",
                          "a@b@c",
                          "a b@c",
                          "a@b\nc",
                          "a@b\xe2\x80\xae",
                          "a@\xff",
                          "<a@b>"}) {
    CHECK(normal_email(bad).error().code == core::Code::invalid_argument);
  }
  CHECK(!normal_email(std::string(250, 'a') + "@b.cd"));
}

TEST_CASE("names of agents, their kinds and tags") {
  CHECK(check_agent_name("ci-bot_2.x").has_value());
  for (const char* bad : {"", "-x", "a b", "a/b", "ä", "*"}) {
    CHECK(!check_agent_name(bad));
  }
  CHECK(!check_agent_name(std::string(65, 'a')));
  CHECK(check_agent_kind("").has_value());
  CHECK(!check_agent_kind("a\nb"));
  CHECK(check_tags({"prod", "eu"}).has_value());
  CHECK(!check_tags({"prod", "prod"}));
  CHECK(!check_tags({""}));
  CHECK(!check_tags(std::vector<std::string>(17, "x")));
  CHECK(*normal_display_name(" Ana Lovelace ") == "Ana Lovelace");
  CHECK(!normal_display_name("\xe2\x80\xae evil"));
  CHECK(!normal_display_name("  "));
  CHECK(parse_standing(to_string(Standing::suspended)) == Standing::suspended);
  CHECK(!parse_standing("gone"));
}

}  // namespace
}  // namespace preloop::identity
