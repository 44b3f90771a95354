#include "net/http1_head.h"
#include "net/http1_parser.h"
#include "targets.h"

#include <cstddef>
#include <string>
#include <tuple>

namespace preloop::fuzz {
namespace {

constexpr std::size_t k_max_body = 4096;

/// What came out of a request, to be compared between two ways of feeding it.
struct Outcome {
  bool complete_head = false;
  int refused = 0;
  std::string method, target, body;
  bool done = false;
  auto operator<=>(const Outcome&) const = default;
};

Outcome feed_request(std::string_view bytes, std::size_t step) {
  Outcome out;
  net::HeadScan scan;
  std::size_t seen = 0;
  auto state = net::HeadScan::State::incomplete;
  while (state == net::HeadScan::State::incomplete && seen < bytes.size()) {
    seen = std::min(bytes.size(), seen + step);
    state = scan.scan(bytes.substr(0, seen));
  }
  if (state != net::HeadScan::State::complete) {
    return out;
  }
  check(scan.size() <= seen, "a head ends within what was read");
  out.complete_head = true;
  net::RequestParser parser;
  net::Request request;
  if (const auto refusal = parser.parse_head(bytes.substr(0, scan.size()), request)) {
    out.refused = refusal->status;
    check(refusal->status >= 400 && !refusal->detail.empty(), "a refusal says why");
    return out;
  }
  out.method = request.method;
  out.target = request.target;
  std::size_t from = scan.size();
  std::size_t to = from;
  while (!parser.done()) {
    std::string_view piece = bytes.substr(from, to - from);
    const std::size_t before = piece.size();
    if (const auto refusal = parser.parse_body(piece, out.body, k_max_body)) {
      out.refused = refusal->status;
      out.body.clear();  // how much was taken before depends on how it came
      return out;
    }
    check(piece.size() <= before, "a parser takes from the front");
    check(out.body.size() <= k_max_body, "a body stays within its limit");
    from += before - piece.size();
    if (to == bytes.size() && (piece.size() == before || from == to)) {
      break;
    }
    to = std::min(bytes.size(), to + step);
  }
  out.done = parser.done();
  if (!out.done) {
    out.body.clear();
  }
  return out;
}

void feed_response(std::string_view bytes) {
  net::HeadScan scan;
  if (scan.scan(bytes) != net::HeadScan::State::complete) {
    return;
  }
  net::ResponseParser parser;
  int status = 0;
  net::Headers headers;
  if (!parser.parse_head(
          bytes.substr(0, scan.size()), net::ResponseParser::Body::as_framed, status, headers)) {
    return;
  }
  std::string_view rest = bytes.substr(scan.size());
  std::string body;
  if (!parser.done() && parser.parse_body(rest, body) && !parser.done()) {
    std::ignore = parser.end();
  }
}

}  // namespace

/// A request means the same however it is cut into reads: two readings would be two requests.
void http1(std::string_view bytes) {
  const Outcome whole = feed_request(bytes, std::max<std::size_t>(bytes.size(), 1));
  check(whole == feed_request(bytes, 1), "one request, byte by byte or at once");
  check(whole == feed_request(bytes, 7), "one request, in pieces or at once");
  feed_response(bytes);
}

}  // namespace preloop::fuzz
