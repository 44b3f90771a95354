#include "mcp/stream_shelf.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace preloop::mcp {
namespace {

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

std::string to_string(EventId id) {
  return fmt::format("{}-{}", id.stream, id.number);
}

std::optional<EventId> parse_event_id(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto stream = read_number(text.substr(0, dash)),
             number = read_number(text.substr(dash + 1));
  return stream && number ? std::optional(EventId{*stream, *number}) : std::nullopt;
}

StreamShelf::Stream* StreamShelf::find(std::uint64_t number) {
  const auto found = std::ranges::find(streams_, number, &Stream::number);
  return found == streams_.end() ? nullptr : &*found;
}

void StreamShelf::drop_front_event(Stream& stream) {
  bytes_ -= stream.events.front().data.size();
  stream.events.pop_front();
}

void StreamShelf::append(EventId id, std::string data) {
  Stream* stream = find(id.stream);
  if (stream == nullptr) {
    stream = &streams_.emplace_back();
    stream->number = id.stream;
  }
  bytes_ += data.size();
  stream->events.push_back({id, std::move(data)});
  if (stream->events.size() > k_max_events) {
    drop_front_event(*stream);
  }
  while (streams_.size() > k_max_streams || (bytes_ > k_max_bytes && streams_.size() > 1)) {
    forget(streams_.front().number);
  }
  while (bytes_ > k_max_bytes) {  // one stream alone: its last event may be too much, too
    drop_front_event(streams_.front());
  }
}

void StreamShelf::finish(std::uint64_t number, std::optional<core::ApprovalId> approval) {
  if (Stream* const stream = find(number)) {
    stream->is_finished = true;
    stream->approval = approval;
  }
}

void StreamShelf::forget(std::uint64_t number) {
  if (Stream* const stream = find(number)) {
    while (!stream->events.empty()) {
      drop_front_event(*stream);
    }
    streams_.remove_if([&](const Stream& other) { return other.number == number; });
  }
}

std::optional<StreamShelf::Rest> StreamShelf::after(EventId last) const {
  const auto stream = std::ranges::find(streams_, last.stream, &Stream::number);
  if (stream == streams_.end() || stream->events.empty() ||
      stream->events.front().id.number > last.number + 1) {
    return std::nullopt;
  }
  Rest rest;
  rest.is_finished = stream->is_finished;
  rest.approval = stream->approval;
  std::ranges::copy_if(stream->events, std::back_inserter(rest.events), [&](const Event& event) {
    return event.id.number > last.number;
  });
  return rest;
}

}  // namespace preloop::mcp
