#pragma once
#include "core/result.h"

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>

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

  /// What a reconnecting client needs, also from blocks that carry no data and so are no event: the
  /// last id seen (for Last-Event-ID) and the last retry.
  const std::optional<std::string>& last_id() const { return last_id_; }
  std::optional<unsigned> retry_ms() const { return retry_ms_; }

 private:
  void take_line(std::string_view line);
  void dispatch();

  std::size_t max_event_bytes_;
  std::string buffer_;  ///< the line in progress
  std::size_t event_bytes_ = 0;
  bool first_line_ = true;  ///< a byte order mark may come
  bool after_cr_ = false;   ///< a line feed that comes now belongs to the line break
  bool failed_ = false;
  bool has_data_ = false;
  SseEvent event_;
  std::optional<std::string> last_id_;
  std::optional<unsigned> retry_ms_;
  std::list<SseEvent> ready_;  ///< a deque allocates when it is made
};

}  // namespace preloop::net
