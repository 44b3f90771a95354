#pragma once
#include "cel/arena.h"
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace preloop::cel {

enum class TokenKind : std::uint8_t {
  end,
  identifier,         ///< `text` is the name; reserved words are identifiers here
  quoted_identifier,  ///< `text` is what stands between the backquotes
  int_literal,        ///< `text` is the digits, perhaps with 0x
  uint_literal,       ///< the same, without the u
  double_literal,
  string_literal,  ///< `text` is the decoded content
  bytes_literal,
  symbol,  ///< `text` is the operator or bracket, longest match: "&&", "<=", "?"
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t offset = 0;  ///< byte offset of the first character
  std::string_view text;

  bool is_symbol(std::string_view symbol) const {
    return kind == TokenKind::symbol && text == symbol;
  }
  bool is_word(std::string_view word) const {
    return kind == TokenKind::identifier && text == word;
  }
};

/// A position for people: from 1, columns in code points.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};
Place place_of(std::string_view source, std::uint32_t offset);

/// invalid_argument that names a place: the message starts with `line:column`, the detail's path is
/// `line:column` (from 1, columns in code points) and its message the bare problem.
core::Error source_error(std::string_view source, std::uint32_t offset, std::string problem);

/// Splits CEL source into tokens (language definition, "Syntax"; the last part of its grammar).
/// The source must be valid UTF-8 and outlive the tokens; decoded literals go to the arena.
class Lexer {
 public:
  Lexer(std::string_view source, Arena& arena) : source_(source), arena_(&arena) {}

  /// The next token; `end` at the end, again and again. Errors are source_error.
  core::Result<Token> next();

 private:
  core::Result<Token> number();
  core::Result<Token> quoted_identifier();
  core::Result<Token> literal(std::size_t prefix_length);
  core::Result<Token> symbol();
  void skip_blanks();
  std::size_t literal_prefix() const;
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  core::Error error(std::size_t offset, std::string problem) const;

  std::string_view source_;
  Arena* arena_;
  std::size_t at_ = 0;
};

}  // namespace preloop::cel
