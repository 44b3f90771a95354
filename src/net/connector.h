#pragma once
#include "net/byte_stream.h"
#include "net/http_client.h"
#include "net/resolve.h"
#include "net/tls.h"

#include <memory>
#include <optional>

namespace preloop::net {

/// Makes the connections of one HttpClient: name, TCP, CONNECT through the proxy, TLS. One loop;
/// outlives what it runs.
class Connector {
 public:
  explicit Connector(const ClientOptions& options) : options_(options) {}

  /// A stream on which requests to `url`'s origin can be written. `unavailable` when it cannot be
  /// reached or is not trusted, deadline_exceeded, cancelled.
  core::Task<core::Result<ByteStreamPtr>> connect(Url url, core::MonoTime deadline);

 private:
  core::Task<core::Result<ByteStreamPtr>> open(Url url, core::MonoTime deadline);
  core::Task<core::Result<boost::asio::ip::tcp::socket>> dial(const Url& to,
                                                              core::MonoTime deadline);

  const ClientOptions& options_;
  Resolver resolver_;
  std::shared_ptr<TlsContext> tls_;  ///< made at the first https request: reading the store is slow
};

}  // namespace preloop::net
