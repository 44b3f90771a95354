#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
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
};

}  // namespace preloop::cel
