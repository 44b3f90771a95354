#pragma once
#include "core/clock.h"
#include "core/loop.h"
#include "core/result.h"
#include "core/task.h"
#include "net/http.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace preloop::net {

/// Bounds of one listener (decisions 9 and 11). Every one is answered early and clearly: 408, 413,
/// 431, 503 with Retry-After.
struct ServerLimits {
  std::size_t max_header_bytes = 32 * 1024;       ///< at most 64 KiB
  std::size_t max_body_bytes = 16 * 1024 * 1024;  ///< default of HttpHandler::max_body
  std::size_t max_connections = 16'384;           ///< lowered to what RLIMIT_NOFILE allows
  core::milliseconds header_timeout{10'000};
  core::milliseconds body_timeout{30'000};  ///< and at least min_body_rate from then on
  std::size_t min_body_rate = 1024;         ///< bytes a second
  core::milliseconds write_stall_timeout{30'000};
  core::milliseconds idle_timeout{75'000};  ///< between requests; none while a handler runs
};

/// Certificate chain and key in PEM files. TLS 1.2 or newer.
struct TlsFiles {
  std::string certificate_chain;
  std::string private_key;
};

struct ListenAddress {
  std::string host;        ///< literal address: "127.0.0.1", "::1", "0.0.0.0"
  std::uint16_t port = 0;  ///< 0 picks a free one
};
/// "127.0.0.1:8000", "[::1]:8000". invalid_argument with an example otherwise.
core::Result<ListenAddress> parse_listen_address(std::string_view text);

/// Counters for /metrics; any thread.
struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests_total = 0;
};

/// HTTP/1.1 over TCP or TLS: one acceptor that hands sockets round the loops, a connection stays
/// with its loop. No SO_REUSEPORT: with it a second process could take half of our clients.
class HttpServer {
 public:
  struct Options {
    ListenAddress address;
    ServerLimits limits;
    std::optional<TlsFiles> tls;
    /// CIDR blocks whose X-Forwarded-For is believed; the peer is the right-most hop outside them.
    std::vector<std::string> trusted_proxies;
  };

  /// Binds and listens; does not accept yet. `failed_precondition` naming the address when the port
  /// is taken. `handler` and `loops` outlive the server.
  static core::Result<std::unique_ptr<HttpServer>> create(Options options,
                                                          core::LoopPool& loops,
                                                          HttpHandler& handler);
  virtual ~HttpServer() = default;

  /// The port actually bound.
  virtual std::uint16_t port() const = 0;
  virtual void start() = 0;
  /// Stops accepting, closes idle connections, lets running handlers answer until `deadline`, then
  /// cancels what is left and waits for it. From any loop of the pool.
  virtual core::Task<void> stop(core::MonoTime deadline) = 0;
  /// Reads the certificate files again (SIGHUP); the old ones stay on error. Any thread.
  virtual core::Status reload_tls() = 0;
  virtual ServerStats stats() const = 0;
};

}  // namespace preloop::net
