#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "net/http.h"
#include "net/url.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace preloop::net {

/// Method, URL and headers of requests that are sent again and again, put into bytes once.
struct PreparedHead {
  std::string method;
  Url url;
  std::string origin;  ///< of `url`
  std::string text;    ///< the head but for Content-Length and the empty line
};

struct ClientRequest {
  std::string method = "GET";
  Url url;
  Headers headers;  ///< Host, Content-Length and Connection are ours
  /// Stands for the three above, which are then not looked at. From HttpClient::prepare.
  std::shared_ptr<const PreparedHead> head;
  std::string body;
  /// Set once bytes of the request may have left, for callers who must tell a request that surely
  /// was not executed from one that may have been. Null: nobody asks.
  bool* sent = nullptr;
};

/// A response whose head has arrived; the body is read as it comes. Dropping it before the end
/// closes the connection; reading to the end returns it to the pool.
class ClientResponse {
 public:
  virtual ~ClientResponse() = default;
  virtual int status() const = 0;
  virtual const Headers& headers() const = 0;
  /// The next piece (valid until the next call), or an empty view at the end.
  virtual core::Task<core::Result<std::string_view>> read_some() = 0;
  /// The whole body; resource_exhausted beyond `max_bytes`.
  virtual core::Task<core::Result<std::string>> read_all(std::size_t max_bytes) = 0;
};

struct ClientLimits {
  std::size_t max_idle_per_origin = 16;
  std::size_t max_connections_per_origin = 64;
  std::size_t max_queued_per_origin = 256;
  std::size_t max_header_bytes = 64 * 1024;  ///< at most 64 KiB
  core::milliseconds connect_timeout{10'000};
  core::milliseconds idle_timeout{60'000};
};

struct ClientOptions {
  ClientLimits limits;
  /// "http://proxy:3128": https goes through CONNECT, http through absolute-form requests.
  std::optional<Url> proxy;
  /// Extra CA file in PEM, besides the system's store.
  std::string ca_file;
};

/// HTTP/1.1 client with pooled keep-alive connections, TLS with certificate and host name checks,
/// and a CONNECT proxy. One per loop; every member on that loop. A request that fails on a reused
/// connection before any response byte is retried once on a fresh one only if its method is
/// idempotent; others answer `unavailable`. Redirects are not followed.
class HttpClient {
 public:
  static std::unique_ptr<HttpClient> create(core::Loop& loop, ClientOptions options);
  virtual ~HttpClient() = default;  ///< After stop().

  /// invalid_argument for what `send` would refuse.
  virtual core::Result<std::shared_ptr<const PreparedHead>> prepare(
      std::string method, Url url, const Headers& headers) const = 0;
  /// Sends and waits for the head. Cancellation: closes the connection. The deadline covers
  /// connecting, sending and the head; the body has the caller's own.
  virtual core::Task<core::Result<std::unique_ptr<ClientResponse>>> send(
      ClientRequest request, core::MonoTime deadline) = 0;
  /// Closes every connection, also those whose answers are being read, and waits for their tasks.
  virtual core::Task<void> stop() = 0;
};

}  // namespace preloop::net
