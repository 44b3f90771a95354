#pragma once
#include "core/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::net {

/// One server-sent event (WHATWG HTML, section 9.2).
struct SseEvent {
  std::string type;  ///< empty: "message"
  std::string data;
  std::optional<std::string> id;
  std::optional<unsigned> retry_ms;
};

/// Appends the event in wire form; data is split at line breaks.
void write_sse(std::string& out, const SseEvent& event);
/// ": text\n\n", which keeps proxies from closing the stream and tells the client nothing.
void write_sse_comment(std::string& out, std::string_view text);

/// Incremental, sans-I/O: feed bytes, take events. Bounded: a line or event beyond
/// `max_event_bytes` is resource_exhausted and ends the stream.
class SseParser {
 public:
  explicit SseParser(std::size_t max_event_bytes) : max_event_bytes_(max_event_bytes) {}
  core::Status feed(std::string_view bytes);
  /// The next complete event; nullopt until more bytes come.
  std::optional<SseEvent> next();

 private:
  std::size_t max_event_bytes_;
  std::string buffer_;
  std::size_t scanned_ = 0;
  bool first_ = true;
  SseEvent event_;
  std::size_t event_bytes_ = 0;
  std::vector<SseEvent> ready_;
};

}  // namespace preloop::net
