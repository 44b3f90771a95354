#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace preloop::cel {

/// A compiled RE2 pattern: linear time, bounded memory. Thread-safe.
class Regex {
 public:
  enum class Origin : std::uint8_t {
    literal,   ///< written in the expression, compiled once
    computed,  ///< made by an evaluation, perhaps of outside data: little memory, little time
  };
  /// RE2's reason when the pattern is malformed or too big.
  static std::expected<std::unique_ptr<Regex>, std::string> compile(std::string_view pattern,
                                                                    Origin origin);
  virtual ~Regex() = default;

  /// Whether the pattern occurs anywhere in `text`, as CEL's `matches` asks.
  virtual bool search(std::string_view text) const = 0;
  /// Budget steps of one search in that many bytes.
  virtual std::size_t search_cost(std::size_t bytes) const = 0;

  /// The number of groups that capture.
  virtual std::size_t groups() const = 0;
  static constexpr std::size_t k_max_pieces = 10;
  /// The leftmost match that begins at `from` or later: all of it in the first piece, then its
  /// groups, as many as there is room for (at most k_max_pieces in all). A group that took no part
  /// has a null `data()`.
  virtual bool match(std::string_view text,
                     std::size_t from,
                     std::span<std::string_view> pieces) const = 0;
};

}  // namespace preloop::cel
