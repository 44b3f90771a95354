#include "http_message.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace preloop::bench {
namespace {

constexpr std::string_view k_line_end = "\r\n";

/// `lower` is lower case already.
bool same_name(std::string_view name, std::string_view lower) {
  // Setting the bit makes capitals small; what else it changes is in no name we look for.
  return std::ranges::equal(
      name, lower, [](char a, char b) { return static_cast<char>(a | 0x20) == b; });
}

/// Where the last chunk's closing empty line ends, or npos.
std::size_t end_of_chunks(std::string_view bytes, std::size_t at, bool& malformed) {
  while (true) {
    const std::size_t line = bytes.find(k_line_end, at);
    if (line == std::string_view::npos) {
      return line;
    }
    std::size_t size = 0;
    const auto parsed = std::from_chars(bytes.data() + at, bytes.data() + line, size, 16);
    if (parsed.ec != std::errc{}) {
      malformed = true;
      return std::string_view::npos;
    }
    at = line + 2 + size + 2;
    if (at > bytes.size()) {
      return std::string_view::npos;
    }
    if (size == 0) {
      return at;
    }
  }
}

}  // namespace

int HttpMessage::status() const {
  int status = 0;
  if (start_line.size() >= 12) {
    std::from_chars(start_line.data() + 9, start_line.data() + 12, status);
  }
  return status;
}

Framed read_message(std::string_view bytes, HttpMessage& out) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    return Framed::incomplete;
  }
  std::size_t at = bytes.find(k_line_end);
  out = {.start_line = bytes.substr(0, at)};
  std::size_t length = 0;
  bool chunked = false;
  while (at < head_end) {
    const std::size_t start = at + 2;
    at = bytes.find(k_line_end, start);
    const std::string_view line = bytes.substr(start, at - start);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return Framed::malformed;
    }
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    if (same_name(name, "content-length")) {
      if (std::from_chars(value.data(), value.data() + value.size(), length).ec != std::errc{}) {
        return Framed::malformed;
      }
    } else if (same_name(name, "transfer-encoding")) {
      chunked = true;
    } else if (same_name(name, "mcp-session-id")) {
      out.session = value;
    }
  }
  const std::size_t body = head_end + 4;
  if (chunked) {
    bool malformed = false;
    const std::size_t end = end_of_chunks(bytes, body, malformed);
    if (end == std::string_view::npos) {
      return malformed ? Framed::malformed : Framed::incomplete;
    }
    length = end - body;
  }
  if (bytes.size() - body < length) {
    return Framed::incomplete;
  }
  out.body = bytes.substr(body, length);
  out.size = body + length;
  return Framed::complete;
}

}  // namespace preloop::bench
