#include "net/sse.h"

#include "targets.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace preloop::fuzz {
namespace {

constexpr std::size_t k_max_event = 1024;

struct Parsed {
  bool failed = false;
  std::vector<net::SseEvent> events;
};

Parsed parse(std::string_view bytes, std::size_t step) {
  net::SseParser parser(k_max_event);
  Parsed out;
  for (std::size_t at = 0; at < bytes.size() && !out.failed; at += step) {
    out.failed = !parser.feed(bytes.substr(at, step)).has_value();
    while (auto event = parser.next()) {
      out.events.push_back(std::move(*event));
    }
  }
  return out;
}

bool same(const net::SseEvent& a, const net::SseEvent& b) {
  return a.type == b.type && a.data == b.data && a.id == b.id && a.retry_ms == b.retry_ms;
}

}  // namespace

/// Pieces do not matter, nothing grows beyond its limit, and what we write reads back.
void sse(std::string_view bytes) {
  const Parsed whole = parse(bytes, std::max<std::size_t>(bytes.size(), 1));
  const Parsed pieces = parse(bytes, 1);
  check(whole.failed == pieces.failed, "a stream fails however it is cut");
  const std::size_t both = std::min(whole.events.size(), pieces.events.size());
  check(whole.failed || whole.events.size() == pieces.events.size(), "as many events");
  for (std::size_t i = 0; i < both; ++i) {
    check(same(whole.events[i], pieces.events[i]), "the same events");
  }
  for (const net::SseEvent& event : whole.events) {
    check(event.data.size() <= k_max_event, "an event within its limit");
    std::string wire;
    net::write_sse(wire, event);
    net::SseParser parser(4 * k_max_event);
    check(parser.feed(wire).has_value(), "what we write can be read");
    const auto back = parser.next();
    check(back && back->data == event.data && back->type == event.type, "and says the same");
  }
}

}  // namespace preloop::fuzz
