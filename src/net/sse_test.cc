#include "net/sse.h"

#include <doctest/doctest.h>

#include <vector>

namespace preloop::net {
namespace {

std::vector<SseEvent> parse_in_pieces(std::string_view text, std::size_t piece) {
  SseParser parser(1 << 16);
  std::vector<SseEvent> events;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    REQUIRE(parser.feed(text.substr(at, piece)));
    while (auto event = parser.next()) {
      events.push_back(std::move(*event));
    }
  }
  return events;
}

TEST_CASE("events, whatever the line break and however the bytes are cut") {
  const std::string lf =
      "\xEF\xBB\xBF: hello\nevent: add\ndata: 1\ndata:2\ndata\nid: x\n\ndata:\n\n";
  std::string cr = lf, crlf;
  for (char& c : cr) {
    c = c == '\n' ? '\r' : c;
  }
  for (const char c : lf) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
  }
  for (const std::string& text : {lf, cr, crlf}) {
    for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, text.size()}) {
      const auto events = parse_in_pieces(text, piece);
      REQUIRE(events.size() == 2);
      CHECK(events[0].type == "add");
      CHECK(events[0].data == "1\n2\n");
      CHECK(events[0].id == "x");
      CHECK(events[1].data.empty());
      CHECK_FALSE(events[1].id);
    }
  }
}

TEST_CASE("what is not a field, and blocks without data") {
  SseParser parser(1024);
  using namespace std::string_literals;
  REQUIRE(parser.feed("id: a\nretry: 250\n\nid: b\0c\nretry: 1x\nretry: 99999999999\nnope: 1\n"s +
                      " data: 2\nevent:  two spaces\ndata: y\n\ndata: unfinished\n"));
  const auto event = parser.next();
  REQUIRE(event);
  CHECK(event->data == "y");
  CHECK(event->type == " two spaces");
  CHECK_FALSE(event->id);
  CHECK_FALSE(event->retry_ms);
  CHECK(parser.last_id() == "a");
  CHECK(parser.retry_ms() == 250);
  CHECK_FALSE(parser.next());
}

TEST_CASE("a line or an event that is too large ends the stream") {
  SseParser line(100);
  CHECK(line.feed(std::string(100, 'x')));
  CHECK(line.feed("x").error().code == core::Code::resource_exhausted);
  CHECK_FALSE(line.feed("\n\n"));
  SseParser lines(100);
  core::Status status;
  for (int i = 0; i < 20 && status; ++i) {
    status = lines.feed("data: 1234\n");
  }
  CHECK_FALSE(status);
  SseParser many(100);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(many.feed("data: 1234\n\n"));
  }
}

TEST_CASE("what is written is read back, and values cannot add fields") {
  std::string out;
  write_sse(out, {"t\nid: evil", "a\r\nb\rc\n\nd", "1\r\n2", 5});
  write_sse_comment(out, "keep\nalive");
  write_sse(out, {});
  const auto events = parse_in_pieces(out, 5);
  REQUIRE(events.size() == 2);
  CHECK(events[0].type == "tid: evil");
  CHECK(events[0].data == "a\nb\nc\n\nd");
  CHECK(events[0].id == "12");
  CHECK(events[0].retry_ms == 5);
}

}  // namespace
}  // namespace preloop::net
