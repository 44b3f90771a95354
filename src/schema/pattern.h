#pragma once
#include "core/result.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace preloop::schema {

/// An ECMA-262 regular expression (flag `u`, searched for anywhere in the text) matched in time
/// linear in the text. Immutable; threads may share one.
class Pattern {
 public:
  /// Errors: invalid_argument when it is not an expression or too large, unimplemented when it
  /// needs look-around, back-references or a property that is not known here.
  static core::Result<std::unique_ptr<const Pattern>> compile(std::string_view ecma);
  ~Pattern();

  bool found_in(std::string_view text) const;
  /// Steps that a search in `bytes` of text is charged.
  std::size_t cost(std::size_t bytes) const { return 1 + bytes * program_size_ / 1024; }
  /// The most bytes it may ever occupy, its matching states included.
  std::size_t memory() const { return memory_; }

 private:
  struct Impl;
  Pattern(std::unique_ptr<Impl> impl, std::size_t memory);
  std::unique_ptr<Impl> impl_;
  std::size_t program_size_;
  std::size_t memory_;
};

/// The same expression in RE2's syntax. Errors as Pattern::compile.
core::Result<std::string> translate_pattern(std::string_view ecma);

}  // namespace preloop::schema
