#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::bench {

/// One HTTP/1.1 message at the front of what has been received. Views into those bytes.
struct HttpMessage {
  std::string_view start_line;
  std::string_view session;  ///< Mcp-Session-Id
  std::string_view body;     ///< framing removed only when it is not chunked
  std::size_t size = 0;      ///< of the whole message

  int status() const;  ///< of a response; 0 when the line makes no sense
};

enum class Framed : std::uint8_t { incomplete, complete, malformed };

/// Looks from the start each time: nearly always one read has brought the whole message. Only what
/// our peers send is understood: Content-Length, chunked, or no body at all.
Framed read_message(std::string_view bytes, HttpMessage& out);

}  // namespace preloop::bench
