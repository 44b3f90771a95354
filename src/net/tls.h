#pragma once
#include "net/byte_stream.h"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>

namespace preloop::net {

/// OpenSSL settings shared by many connections; immutable, any thread.
class TlsContext {
 public:
  /// Certificate chain and key in PEM files; TLS 1.2 or newer. invalid_argument naming the file.
  static core::Result<std::shared_ptr<TlsContext>> for_server(const std::string& certificate_chain,
                                                              const std::string& private_key);
  /// Trusts the system's store and, unless empty, the certificates in `ca_file`.
  static core::Result<std::shared_ptr<TlsContext>> for_client(const std::string& ca_file);
  virtual ~TlsContext() = default;
};

/// The server's handshake. Cancelling or dropping it closes the socket.
core::Task<core::Result<ByteStreamPtr>> tls_accept(boost::asio::ip::tcp::socket socket,
                                                   std::shared_ptr<TlsContext> context);
/// The client's handshake; the certificate must be valid for `host` (a name or an address).
core::Task<core::Result<ByteStreamPtr>> tls_connect(boost::asio::ip::tcp::socket socket,
                                                    std::shared_ptr<TlsContext> context,
                                                    std::string host);

}  // namespace preloop::net
