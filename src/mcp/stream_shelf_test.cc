#include "mcp/stream_shelf.h"

#include <doctest/doctest.h>

namespace preloop::mcp {
namespace {

std::vector<std::string> data_of(const std::optional<StreamShelf::Rest>& rest) {
  std::vector<std::string> out;
  for (const auto& event : rest.value_or(StreamShelf::Rest{}).events) {
    out.push_back(event.data);
  }
  return out;
}

TEST_CASE("event ids come back as they went, and nothing else is one") {
  CHECK(to_string(EventId{7, 12}) == "7-12");
  CHECK(parse_event_id("7-12") == EventId{7, 12});
  for (const std::string_view text :
       {"", "-", "7", "7-", "-12", "7-12x", "7--12", "+7-12", "7-99999999999999999999"}) {
    CHECK_FALSE_MESSAGE(parse_event_id(text), text);
  }
}

TEST_CASE("only the asked stream is replayed, from after the last event") {
  StreamShelf shelf;
  shelf.append({1, 0}, "");
  shelf.append({1, 1}, "a");
  shelf.append({2, 0}, "other");
  shelf.append({1, 2}, "b");
  CHECK(data_of(shelf.after({1, 0})) == std::vector<std::string>{"a", "b"});
  CHECK(data_of(shelf.after({1, 2})).empty());
  CHECK_FALSE(shelf.after({1, 2})->is_finished);
  const auto approval = core::ApprovalId::make({});
  shelf.finish(1, approval);
  CHECK(shelf.after({1, 2})->is_finished);
  CHECK(shelf.after({1, 2})->approval == approval);
  CHECK_FALSE(shelf.after({3, 0}));
  shelf.forget(1);
  CHECK_FALSE(shelf.after({1, 0}));
  CHECK(shelf.after({2, 0}));
}

TEST_CASE("the shelf is bounded by events, streams and bytes; a gap is no replay") {
  StreamShelf shelf;
  for (std::uint64_t i = 0; i <= StreamShelf::k_max_events; ++i) {
    shelf.append({1, i}, "x");
  }
  CHECK(shelf.after({1, 0}));
  shelf.append({1, StreamShelf::k_max_events + 1}, "x");
  CHECK_FALSE(shelf.after({1, 0}));
  for (std::uint64_t stream = 2; stream < 2 + StreamShelf::k_max_streams; ++stream) {
    shelf.append({stream, 0}, "x");
  }
  CHECK_FALSE(shelf.after({1, StreamShelf::k_max_events}));
  CHECK(shelf.after({2, 0}));
  shelf.append({99, 0}, std::string(StreamShelf::k_max_bytes, 'x'));
  CHECK_FALSE(shelf.after({2, 0}));
  CHECK(shelf.after({99, 0}));
  shelf.append({99, 1}, "x");
  CHECK_FALSE(shelf.after({99, 0}).value_or(StreamShelf::Rest{}).events.size() == 2);
  shelf.append({100, 0}, std::string(StreamShelf::k_max_bytes + 1, 'x'));
  CHECK_FALSE(shelf.after({100, 0}));
  shelf.append({101, 0}, "still works");
  CHECK(shelf.after({101, 0}));
}

}  // namespace
}  // namespace preloop::mcp
