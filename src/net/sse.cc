#include "net/sse.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace preloop::net {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  // A line break inside would start another field.
  std::copy_if(value.begin(), value.end(), std::back_inserter(out), [](char c) {
    return c != '\r' && c != '\n' && c != '\0';
  });
  out += '\n';
}

void append_lines(std::string& out, std::string_view prefix, std::string_view text) {
  while (true) {
    const auto end = text.find_first_of("\r\n");
    out += prefix;
    out += text.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos) {
      return;
    }
    const bool pair = text.substr(end, 2) == "\r\n";
    text.remove_prefix(end + (pair ? 2 : 1));
  }
}

}  // namespace

void write_sse(std::string& out, const SseEvent& event) {
  if (!event.type.empty()) {
    append_field(out, "event", event.type);
  }
  if (event.id) {
    append_field(out, "id", *event.id);
  }
  if (event.retry_ms) {
    append_field(out, "retry", std::to_string(*event.retry_ms));
  }
  append_lines(out, "data: ", event.data);
  out += '\n';
}

void write_sse_comment(std::string& out, std::string_view text) {
  append_lines(out, ": ", text);
  out += '\n';
}

core::Status SseParser::feed(std::string_view bytes) {
  const auto too_large = [this] {
    failed_ = true;
    return core::fail(core::Code::resource_exhausted,
                      "the event stream sent an event larger than " +
                          std::to_string(max_event_bytes_) + " bytes");
  };
  if (failed_) {
    return too_large();
  }
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const auto end = bytes.find_first_of("\r\n");
    const std::string_view part = bytes.substr(0, end);
    if (buffer_.size() + part.size() + event_bytes_ > max_event_bytes_) {
      return too_large();
    }
    if (end == std::string_view::npos) {
      buffer_ += part;
      return {};
    }
    if (buffer_.empty()) {
      take_line(part);
    } else {
      buffer_ += part;
      take_line(std::exchange(buffer_, {}));
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
  }
  return {};
}

void SseParser::take_line(std::string_view line) {
  if (std::exchange(first_line_, false) && line.starts_with("\xEF\xBB\xBF")) {
    line.remove_prefix(3);
  }
  if (line.empty()) {
    return dispatch();
  }
  event_bytes_ += line.size();
  const auto colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (name == "data") {
    if (std::exchange(has_data_, true)) {
      event_.data += '\n';
    }
    event_.data += value;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id" && value.find('\0') == std::string_view::npos) {
    event_.id = value;
  } else if (name == "retry") {
    unsigned milliseconds = 0;
    const char* const last = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), last, milliseconds);
    if (error == std::errc() && stop == last) {
      event_.retry_ms = milliseconds;
    }
  }
}

void SseParser::dispatch() {
  SseEvent event = std::exchange(event_, {});
  event_bytes_ = 0;
  if (event.id) {
    last_id_ = event.id;
  }
  if (event.retry_ms) {
    retry_ms_ = event.retry_ms;
  }
  if (std::exchange(has_data_, false)) {
    ready_.push_back(std::move(event));
  }
}

std::optional<SseEvent> SseParser::next() {
  if (ready_.empty()) {
    return std::nullopt;
  }
  SseEvent event = std::move(ready_.front());
  ready_.pop_front();
  return event;
}

}  // namespace preloop::net
