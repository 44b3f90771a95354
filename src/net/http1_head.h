#pragma once
#include "net/http.h"

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace preloop::net {

/// Finds the end of a message head (RFC 9112) in bytes as they come, in one pass, and refuses what
/// different parsers read differently: a line feed without carriage return or the reverse,
/// obs-fold, NUL. The parser proper (http1_parser.h) sees complete clean heads only.
class HeadScan {
 public:
  enum class State : std::uint8_t { incomplete, complete, malformed };

  /// `bytes` is everything since the start of the head; the same bytes plus more on each call. Not
  /// after `complete`.
  State scan(std::string_view bytes);
  /// Of the head with its empty line, once complete.
  std::size_t size() const { return line_; }

 private:
  std::size_t line_ = 0;  ///< where the current line starts
  std::size_t next_ = 0;  ///< first byte not yet looked at
};

/// "Not Found" for 404; "Unknown" for what nobody registered.
std::string_view reason_phrase(int status);

/// May `value` stand in a header field: no CR, LF or NUL, with which it could add fields of its
/// own.
bool is_field_value(std::string_view value);
/// A token of RFC 9110: what names of fields and methods are made of.
bool is_token(std::string_view text);

void append_field(std::string& out, std::string_view name, std::string_view value);

/// The Date header's value, formatted once a second. One loop.
class HttpDate {
 public:
  std::string_view now();

 private:
  std::time_t second_ = 0;
  char text_[30] = {};
};

}  // namespace preloop::net
