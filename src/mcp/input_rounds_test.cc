#include "mcp/input_rounds.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

constexpr std::string_view k_asking =
    R"({"resultType":"input_required","inputRequests":{"name":{"method":"elicitation/create",)"
    R"("params":{"message":"Who?"}},"where":{"method":"roots/list"}},"requestState":"own"})";

core::WallTime at(int seconds) {
  return core::WallTime{} + core::seconds(1'800'000'000 + seconds);
}

TEST_CASE("only a result that says so asks for input") {
  CHECK(asks_for_input(k_asking));
  CHECK(asks_for_input(R"({"result\u0054ype":"input\u005frequired"})"));
  CHECK_FALSE(asks_for_input(R"({"content":[{"type":"text","text":"input_required"}]})"));
  CHECK_FALSE(asks_for_input(R"({"resultType":"complete","x":{"resultType":"input_required"}})"));
}

TEST_CASE("questions are read with their keys, the state as it came") {
  const auto asked = read_input_required(k_asking);
  REQUIRE(asked);
  REQUIRE(asked->questions.size() == 2);
  CHECK(asked->questions[0].key == "name");
  CHECK(asked->questions[0].method == "elicitation/create");
  CHECK(asked->questions[0].params == R"({"message":"Who?"})");
  CHECK(asked->questions[1].params.empty());
  CHECK(asked->state == R"("own")");
  CHECK_FALSE(read_input_required(R"({"resultType":"input_required"})"));
  CHECK_FALSE(read_input_required(R"({"inputRequests":{"a":{}}})"));
  CHECK_FALSE(read_input_required(R"({"inputRequests":[1],"requestState":"s"})"));
  CHECK_FALSE(read_input_required(R"({"inputRequests":{},"requestState":7})"));
}

TEST_CASE("answers take the place of those of the round before") {
  const auto params = core::JsonDocument::parse(
      R"({"name":"t","arguments":{"a":1.0},"requestState":"old","inputResponses":{"x":{}}})");
  REQUIRE(params);
  CHECK(
      with_answers(
          params->root(), params->text(), {{"name", R"({"action":"accept"})"}}, R"("s")") ==
      R"({"name":"t","arguments":{"a":1.0},"inputResponses":{"name":{"action":"accept"}},"requestState":"s"})");
  CHECK(without_answers(params->root(), params->text()) == R"({"name":"t","arguments":{"a":1.0}})");
}

TEST_CASE("a state opens for the caller and the call it was sealed for, and not for long") {
  const StateSeal seal;
  const std::string quoted = seal.seal(R"("own")", "ana's call", at(0));
  REQUIRE(quoted.size() > 2);
  const std::string sealed = quoted.substr(1, quoted.size() - 2);
  CHECK(sealed.find("own") == std::string::npos);
  REQUIRE(seal.open(sealed, "ana's call", at(3'600)));
  CHECK(*seal.open(sealed, "ana's call", at(3'600)) == R"("own")");
  CHECK_FALSE(seal.open(sealed, "ben's call", at(1)));
  CHECK_FALSE(seal.open(sealed, "ana's call", at(3'601)));
  CHECK_FALSE(StateSeal().open(sealed, "ana's call", at(1)));
  CHECK_FALSE(seal.open("own", "ana's call", at(1)));
  CHECK_FALSE(seal.open("", "ana's call", at(1)));
  std::string forged = sealed;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  CHECK_FALSE(seal.open(forged, "ana's call", at(1)));
}

TEST_CASE("a state is replaced where it stands") {
  CHECK(with_state(R"({"requestState":"a","x":1})", R"("b")") == R"({"requestState":"b","x":1})");
  CHECK(with_state(R"({"x":1})", R"("b")") == R"({"x":1})");
}

}  // namespace
}  // namespace preloop::mcp
