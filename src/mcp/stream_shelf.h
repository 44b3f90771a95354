#pragma once
#include "core/id.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace preloop::mcp {

/// The id of one event: the stream, unique in its session, and the place in it. On the wire "7-12".
struct EventId {
  std::uint64_t stream = 0;
  std::uint64_t number = 0;
  bool operator==(const EventId&) const = default;
};
std::string to_string(EventId id);
/// What a client sends as Last-Event-ID; nullopt when it is none of ours.
std::optional<EventId> parse_event_id(std::string_view text);

/// What the streams of one session said, for a client that lost the connection of one and asks for
/// the rest. Only streams that answer a POST are kept: what the others say (the list of tools has
/// changed) is found out again. Bounded by streams, events and bytes; the oldest go first.
/// Sans-I/O; one loop.
class StreamShelf {
 public:
  static constexpr std::size_t k_max_streams = 16;
  static constexpr std::size_t k_max_events = 64;         ///< a stream
  static constexpr std::size_t k_max_bytes = 512 * 1024;  ///< all streams

  /// What the stream says next, in the wire's order: `number` counts from 0. Makes the stream.
  void append(EventId id, std::string data);
  /// It has said everything. `approval`, when given, is told about once the rest was read.
  void finish(std::uint64_t stream, std::optional<core::ApprovalId> approval);
  /// The client has it all.
  void forget(std::uint64_t stream);

  struct Event {
    EventId id;
    std::string data;
  };
  struct Rest {
    std::vector<Event> events;
    bool is_finished = false;
    std::optional<core::ApprovalId> approval;
  };
  /// What came after `last`; nullopt when the stream is not known (any more), or events after
  /// `last` were dropped.
  std::optional<Rest> after(EventId last) const;

 private:
  struct Stream {
    std::uint64_t number = 0;
    std::list<Event> events;  ///< a deque takes half a kilobyte when it is made
    bool is_finished = false;
    std::optional<core::ApprovalId> approval;
  };
  Stream* find(std::uint64_t number);
  void drop_front_event(Stream& stream);

  std::list<Stream> streams_;  ///< oldest first
  std::size_t bytes_ = 0;
};

}  // namespace preloop::mcp
