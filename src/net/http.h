#pragma once
#include "core/call_context.h"
#include "core/result.h"
#include "core/task.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace preloop::net {

/// Header fields in the order they came; names compare without case. Values are bytes as received,
/// trimmed. Repeated fields are kept apart.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  void add(std::string_view name, std::string_view value) { fields_.emplace_back(name, value); }
  /// Replaces every field of that name.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  /// The first value, or nullopt. The view lives until the next change.
  std::optional<std::string_view> get(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// A request whose head and body have been read, within the server's limits.
struct Request {
  std::string method;  ///< as sent; methods are case-sensitive
  std::string target;  ///< origin form as sent, for instance "/mcp/v1?x=1"
  std::string path;    ///< percent-decoded and free of dot segments; the router uses only this
  std::string query;   ///< raw, without the question mark
  Headers headers;
  std::string body;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  static Response text(int status, std::string body);
  static Response json(int status, std::string body);
};

/// How a handler answers: either `send` once, or `start_stream`, any number of `write`s and
/// `finish`. The connection adds Date, framing and the security headers. Every member answers
/// `unavailable` once the client has gone; a handler may ignore that and return.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual core::Task<core::Status> send(Response response) = 0;
  /// `head.body` must be empty. HTTP/1.1 clients get chunked framing, older ones an unframed body.
  virtual core::Task<core::Status> start_stream(Response head) = 0;
  /// Suspends while the client reads slower than we write (write stall limit: see ServerLimits).
  virtual core::Task<core::Status> write(std::string_view bytes) = 0;
  virtual core::Task<core::Status> finish() = 0;
  /// Has the status line been committed? After that an error can only end the connection.
  virtual bool started() const = 0;
};

/// Answers every request of a server: a router, in practice. Called on the connection's loop, many
/// calls interleaved. Must answer; a handler that returns without answering yields 500. `request`
/// and `responder` live until the returned task ends. When the client disconnects,
/// `context.cancelled` fires at once and the task goes on until it returns by itself.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual core::Task<void> handle(Request& request,
                                  Responder& responder,
                                  const core::CallContext& context) = 0;
  /// How large a body to this path may be, asked when the head has been read.
  virtual std::size_t max_body(std::string_view path) const;
};

/// The one table from our error codes to HTTP (net/http_error.cc).
int http_status(core::Code code);
/// RFC 9457 problem document: type, title, status, detail, errors[{path,message}].
Response problem(const core::Error& error);
Response problem(int status, std::string_view title, std::string_view detail);

}  // namespace preloop::net
