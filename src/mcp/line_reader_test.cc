#include "mcp/line_reader.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

namespace preloop::mcp {
namespace {

std::vector<LineReader::Line> feed(LineReader& reader, std::string_view bytes, std::size_t piece) {
  std::vector<LineReader::Line> lines;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (!part.empty()) {
      if (auto line = reader.take(part)) {
        lines.push_back(std::move(*line));
      }
    }
  }
  return lines;
}

TEST_CASE("lines come out whole however the bytes are cut") {
  for (const std::size_t piece : {1, 2, 3, 100}) {
    LineReader reader(100);
    const auto lines = feed(reader, "one\n\ntwo\r\nrest", piece);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == "one");
    CHECK(lines[1].text.empty());
    CHECK(lines[2].text == "two\r");
  }
}

TEST_CASE("a line that is too long keeps its ends and leaves the next alone") {
  for (const std::size_t piece : {1, 7, 100'000}) {
    LineReader reader(1'000);
    const std::string at_end = R"({"result":")" + std::string(5'000, 'x') + R"(","id":12})";
    const std::string at_head = R"({"id":13,"result":")" + std::string(5'000, 'x') + R"("})";
    const auto lines = feed(reader, fmt::format("{}\n{}\nnext\n", at_end, at_head), piece);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].too_long);
    CHECK(lines[0].text.size() + lines[0].tail.size() < 1'000);
    CHECK(salvage_id(lines[0].text, lines[0].tail) == 12);
    CHECK(lines[1].too_long);
    CHECK(salvage_id(lines[1].text, lines[1].tail) == 13);
    CHECK_FALSE(lines[2].too_long);
    CHECK(lines[2].text == "next");
  }
}

TEST_CASE("ids are found in what is no JSON, but only in the outermost object") {
  CHECK(salvage_id("{\"jsonrpc\":\"2.0\",\"id\" : 5,\"result\":\"\xff\"}", "") == 5);
  CHECK(salvage_id("{\"result\":{\"id\":9,\"t\":\"\xff\"},\"id\":6}", "") == 6);
  CHECK(salvage_id("{\"result\":{\"id\":9},\"t\":\"\xff\"}", "") == std::nullopt);
  CHECK(salvage_id(R"({"t":"\"id\":3"})", "") == std::nullopt);
  CHECK(salvage_id(R"({"id":"7"})", "") == std::nullopt);
  CHECK(salvage_id("listening on port 80", "") == std::nullopt);
  CHECK(salvage_id("", "") == std::nullopt);
  CHECK(salvage_id("{\"", "") == std::nullopt);
  CHECK(salvage_id("{\"id\"", "") == std::nullopt);
  CHECK(salvage_id("{\"a\\", "}") == std::nullopt);
}

}  // namespace
}  // namespace preloop::mcp
