#pragma once
#include "core/result.h"
#include "net/http.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::net {

/// Why a request is answered before a handler sees it.
struct Refusal {
  int status = 400;
  std::string_view detail;  ///< static text
};

/// One HTTP/1 request (RFC 9112), fed with bytes; Beast's parser inside, which works without I/O.
/// Stricter than the RFC wherever two parsers could disagree about where a message ends
/// (decision 11).
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  /// `head` is complete (HeadScan). Fills method, target and headers of `request`.
  std::optional<Refusal> parse_head(std::string_view head, Request& request);

  // After parse_head:
  bool is_http10() const;
  bool keep_alive() const;
  bool expects_continue() const;
  std::optional<std::uint64_t> content_length() const;

  /// Takes body bytes from the front of `bytes`; what is left needs more bytes to make sense.
  std::optional<Refusal> parse_body(std::string_view& bytes,
                                    std::string& body,
                                    std::size_t max_bytes);
  /// The message is complete.
  bool done() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One HTTP/1 response. Errors are `unavailable`: the server's answer makes no sense.
class ResponseParser {
 public:
  /// Responses to HEAD have no body, whatever their head says.
  enum class Body : std::uint8_t { as_framed, none };

  ResponseParser();
  ~ResponseParser();

  core::Status parse_head(std::string_view head, Body body, int& status, Headers& headers);
  bool keep_alive() const;
  /// Appends the decoded body to `body`.
  core::Status parse_body(std::string_view& bytes, std::string& body);
  /// The connection has ended: completes a body that goes to the end, else `unavailable`.
  core::Status end();
  bool done() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace preloop::net
