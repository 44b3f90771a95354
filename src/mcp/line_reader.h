#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::mcp {

/// Cuts a stream into lines, without I/O. A line longer than the limit is not kept: of it, the head
/// and the tail are handed out, enough to find out which request it was about.
class LineReader {
 public:
  explicit LineReader(std::size_t max_line) : max_line_(max_line) {}

  struct Line {
    std::string text;  ///< without the line break; only the head when `too_long`
    std::string tail;  ///< only when `too_long`
    bool too_long = false;
  };
  /// Takes bytes up to the end of a line and removes them from `bytes`; the line when it is
  /// complete.
  std::optional<Line> take(std::string_view& bytes);

 private:
  std::size_t max_line_;
  Line line_;
};

/// The id of a response that cannot be read as JSON (too long, invalid UTF-8, cut), so that its
/// request need not wait for its deadline: a whole number at `"id":` in the outermost object, at
/// the head or at the very end. Only a hint about the server's own message.
std::optional<std::uint64_t> salvage_id(std::string_view head, std::string_view tail);

}  // namespace preloop::mcp
