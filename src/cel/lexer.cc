#include "cel/lexer.h"

#include "cel/literal.h"
#include "core/text.h"

#include <fmt/format.h>

#include <array>

namespace preloop::cel {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

Place place_of(std::string_view source, std::uint32_t offset) {
  Place out;
  std::size_t start = 0;
  for (std::size_t i = 0; i < offset && i < source.size(); ++i) {
    if (source[i] == '\n') {
      ++out.line;
      start = i + 1;
    }
  }
  out.column += static_cast<std::uint32_t>(core::utf8_length(source.substr(start, offset - start)));
  return out;
}

core::Error source_error(std::string_view source, std::uint32_t offset, std::string problem) {
  const Place at = place_of(source, offset);
  std::string place = fmt::format("{}:{}", at.line, at.column);
  std::string message = fmt::format("{}: {}", place, problem);
  return core::Error{
      core::Code::invalid_argument, std::move(message), {{std::move(place), std::move(problem)}}};
}

core::Error Lexer::error(std::size_t offset, std::string problem) const {
  return source_error(source_, static_cast<std::uint32_t>(offset), std::move(problem));
}

void Lexer::skip_blanks() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++at_;
    } else if (c == '/' && peek(1) == '/') {
      const std::size_t end = source_.find('\n', at_);
      at_ = end == std::string_view::npos ? source_.size() : end;
    } else {
      break;
    }
  }
}

core::Result<Token> Lexer::next() {
  skip_blanks();
  if (at_ >= source_.size()) {
    return Token{TokenKind::end, static_cast<std::uint32_t>(source_.size()), {}};
  }
  const char c = source_[at_];
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
    return number();
  }
  if (c == '"' || c == '\'') {
    return literal(0);
  }
  if (const std::size_t prefix = literal_prefix(); prefix > 0) {
    return literal(prefix);
  }
  if (is_letter(c)) {
    const std::size_t start = at_;
    while (is_letter(peek()) || is_digit(peek())) {
      ++at_;
    }
    return Token{TokenKind::identifier,
                 static_cast<std::uint32_t>(start),
                 source_.substr(start, at_ - start)};
  }
  if (c == '`') {
    return quoted_identifier();
  }
  return symbol();
}

/// Length of r, b or br (any case) directly before a quote, else 0.
std::size_t Lexer::literal_prefix() const {
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  const char first = static_cast<char>(source_[at_] | 0x20);
  const char second = static_cast<char>(peek(1) | 0x20);
  if ((first == 'r' || first == 'b') && is_quote(peek(1))) {
    return 1;
  }
  return first == 'b' && second == 'r' && is_quote(peek(2)) ? 2 : 0;
}

core::Result<Token> Lexer::literal(std::size_t prefix_length) {
  const std::size_t start = at_;
  const LiteralForm form{
      .is_bytes = prefix_length > 0 && (source_[at_] | 0x20) == 'b',
      .is_raw = prefix_length > 0 && (source_[at_ + prefix_length - 1] | 0x20) == 'r'};
  at_ += prefix_length;
  const char quote = source_[at_];
  const bool triple = peek(1) == quote && peek(2) == quote;
  at_ += triple ? 3 : 1;
  const std::size_t content = at_;
  while (true) {
    if (at_ >= source_.size()) {
      return std::unexpected(error(start, "this text literal has no closing quote"));
    }
    const char c = source_[at_];
    if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
      break;
    }
    if (!triple && (c == '\n' || c == '\r')) {
      return std::unexpected(
          error(start,
                "this text literal has no closing quote on its line; write \\n, or use "
                "triple quotes"));
    }
    // A raw literal has no escapes, so there a quote closes even after a backslash.
    at_ += c == '\\' && !form.is_raw && at_ + 1 < source_.size() ? 2 : 1;
  }
  const std::string_view body = source_.substr(content, at_ - content);
  at_ += triple ? 3 : 1;
  auto decoded = decode_literal(body, form, *arena_);
  if (!decoded) {
    return std::unexpected(error(content + decoded.error().offset, decoded.error().problem));
  }
  return Token{form.is_bytes ? TokenKind::bytes_literal : TokenKind::string_literal,
               static_cast<std::uint32_t>(start),
               *decoded};
}

core::Result<Token> Lexer::number() {
  const std::size_t start = at_;
  TokenKind kind = TokenKind::int_literal;
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
    if (!is_hex(peek(2))) {
      return std::unexpected(error(start, "0x needs at least one hexadecimal digit"));
    }
    at_ += 2;
    while (is_hex(peek())) {
      ++at_;
    }
  } else {
    const auto digits = [&] {
      while (is_digit(peek())) {
        ++at_;
      }
    };
    digits();
    if (peek() == '.' && is_digit(peek(1))) {
      kind = TokenKind::double_literal;
      ++at_;
      digits();
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign))) {
      kind = TokenKind::double_literal;
      at_ += sign;
      digits();
    }
  }
  Token token{kind, static_cast<std::uint32_t>(start), source_.substr(start, at_ - start)};
  if (kind == TokenKind::int_literal && (peek() == 'u' || peek() == 'U')) {
    token.kind = TokenKind::uint_literal;
    ++at_;
  }
  if (is_letter(peek()) || is_digit(peek())) {
    return std::unexpected(error(at_, fmt::format("unexpected '{}' after a number", peek())));
  }
  return token;
}

core::Result<Token> Lexer::quoted_identifier() {
  const std::size_t start = at_++;
  while (peek() != '`') {
    const char c = peek();
    if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != '/' && c != ' ') {
      return std::unexpected(
          error(at_ < source_.size() ? at_ : start,
                "a name in backquotes may hold letters, digits, _ . - / and blanks, and needs a "
                "closing backquote; for other keys write x['key']"));
    }
    ++at_;
  }
  const std::string_view text = source_.substr(start + 1, at_ - start - 1);
  ++at_;
  if (text.empty()) {
    return std::unexpected(error(start, "there is no name between these backquotes"));
  }
  return Token{TokenKind::quoted_identifier, static_cast<std::uint32_t>(start), text};
}

core::Result<Token> Lexer::symbol() {
  static constexpr std::array<std::string_view, 25> k_symbols = {
      "&&", "||", "<=", ">=", "==", "!=", "(", ")", "[", "]", "{", "}", ".",
      ",",  ":",  "?",  "+",  "-",  "*",  "/", "%", "!", "<", ">", "=",
  };
  const std::string_view rest = source_.substr(at_);
  for (const std::string_view text : k_symbols) {
    if (rest.starts_with(text)) {
      if (text == "=") {
        return std::unexpected(error(at_, "unexpected '='; comparison is written =="));
      }
      const Token token{
          TokenKind::symbol, static_cast<std::uint32_t>(at_), rest.substr(0, text.size())};
      at_ += text.size();
      return token;
    }
  }
  if (rest.front() == '&' || rest.front() == '|') {
    return std::unexpected(
        error(at_, fmt::format("unexpected '{0}'; the logical operator is {0}{0}", rest.front())));
  }
  const std::string_view character = rest.substr(0, utf8_sequence_length(rest.front()));
  return std::unexpected(
      error(at_, fmt::format("unexpected character '{}'", core::printable(character))));
}

}  // namespace preloop::cel
