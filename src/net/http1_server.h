#pragma once
#include "core/task_scope.h"
#include "net/byte_stream.h"
#include "net/client_address.h"
#include "net/http1_head.h"
#include "net/http_server.h"

#include <atomic>
#include <cstdint>
#include <memory>

namespace preloop::net {

/// What the connections of one listener on one loop share; outlives them.
struct Http1Shared {
  core::Loop& loop;
  HttpHandler& handler;
  const ServerLimits& limits;
  const AddressBlocks& trusted_proxies;
  std::atomic<std::uint64_t>& requests_total;
  core::TaskScope scope{loop.executor()};
  HttpDate date;
  std::uint64_t id_state;  ///< start with a random number

  /// 16 hex digits; unique, not secret.
  std::string next_request_id();
};

/// The server's side of one HTTP/1.1 connection: reads requests, calls the handler, writes answers
/// in order. Two tasks of `shared.scope`: `serve`, and a reader that notices at once when the
/// client has gone. One loop.
class Http1Connection {
 public:
  static std::shared_ptr<Http1Connection> create(ByteStreamPtr stream, Http1Shared& shared);
  virtual ~Http1Connection() = default;

  /// Until the connection has ended.
  virtual core::Task<void> serve() = 0;
  /// No further request: ends at once when idle, else after the current answer.
  virtual void drain() = 0;
  /// Ends now; a running handler sees `context.cancelled`.
  virtual void abort() = 0;
};

/// Writes a complete answer that closes the connection, for clients that are turned away.
std::string closing_response(const Response& response, Http1Shared& shared);

}  // namespace preloop::net
