#include "net/tls.h"

#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>

namespace preloop::net {
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using core::Code;
using core::fail;

namespace {

constexpr auto k_await = asio::as_tuple(asio::use_awaitable);

class Context final : public TlsContext {
 public:
  explicit Context(ssl::context::method method) : context(method) {
    SSL_CTX* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle connections hold 34 KB less
  }
  ssl::context context;
};

ssl::context& native(const std::shared_ptr<TlsContext>& context) {
  return static_cast<Context&>(*context).context;
}

core::Error tls_error(std::string_view what, const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
    return {Code::cancelled, std::string(what) + " was cancelled", {}};
  }
  return {Code::unavailable, std::string(what) + ": " + error.message(), {}};
}

class TlsStream final : public ByteStream {
 public:
  TlsStream(tcp::socket socket, std::shared_ptr<TlsContext> context)
      : context_(std::move(context)), stream_(std::move(socket), native(context_)) {
    boost::system::error_code ignored;
    const auto endpoint = stream_.next_layer().remote_endpoint(ignored);
    peer_ = ignored ? std::string() : to_string(endpoint);
    configure_socket(stream_.next_layer());
  }
  ~TlsStream() override { close(); }

  core::Task<core::Status> handshake(ssl::stream_base::handshake_type side) {
    const auto [error] = co_await stream_.async_handshake(side, k_await);
    if (!error) {
      connected_ = true;
      co_return core::Status();
    }
    const long verified = SSL_get_verify_result(stream_.native_handle());
    if (side == ssl::stream_base::client && verified != X509_V_OK) {
      co_return fail(Code::unavailable,
                     std::string("the server's certificate is not trusted: ") +
                         X509_verify_cert_error_string(verified));
    }
    co_return std::unexpected(tls_error("TLS handshake", error));
  }
  SSL* native_stream() { return stream_.native_handle(); }

  core::Task<core::Result<std::size_t>> read_some(std::span<char> buffer) override {
    const auto [error, size] =
        co_await stream_.async_read_some(asio::buffer(buffer.data(), buffer.size()), k_await);
    if (error && error != asio::error::eof) {
      co_return std::unexpected(tls_error("reading", error));
    }
    co_return size;
  }

  core::Task<core::Status> write_all(std::string_view bytes) override {
    return write_all(bytes, {});
  }
  core::Task<core::Status> write_all(std::string_view first, std::string_view second) override {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(first.data(), first.size()),
                                                    asio::buffer(second.data(), second.size())};
    writing_ = true;
    const auto [error, size] = co_await asio::async_write(stream_, buffers, k_await);
    writing_ = false;
    if (error) {
      co_return std::unexpected(tls_error("writing", error));
    }
    co_return core::Status();
  }

  void close() override {
    tcp::socket& socket = stream_.next_layer();
    if (socket.is_open() && connected_ && !writing_) {
      send_close_notify(socket.native_handle());
    }
    connected_ = false;
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    socket.close(ignored);
  }

  std::string peer() const override { return peer_; }

 private:
  /// Asio's shutdown would wait for the peer, so OpenSSL writes its alert into memory and it goes
  /// out if there is room for it. Not into a socket BIO: that raises SIGPIPE when the peer is gone.
  void send_close_notify(int descriptor) {
    SSL* const native_ssl = stream_.native_handle();
    BIO* const memory = BIO_new(BIO_s_mem());
    SSL_set0_wbio(native_ssl, memory);  // takes it over
    SSL_shutdown(native_ssl);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory, &bytes);
    if (size > 0) {
      (void)::send(descriptor, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    ERR_clear_error();
  }

  std::shared_ptr<TlsContext> context_;
  ssl::stream<tcp::socket> stream_;
  std::string peer_;
  bool connected_ = false;
  bool writing_ = false;
};

bool is_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

core::Result<std::shared_ptr<TlsContext>> TlsContext::for_server(
    const std::string& certificate_chain, const std::string& private_key) {
  auto out = std::make_shared<Context>(ssl::context::tls_server);
  boost::system::error_code error;
  out->context.use_certificate_chain_file(certificate_chain, error);
  if (error) {
    return fail(Code::invalid_argument,
                "cannot use the certificate " + certificate_chain + ": " + error.message());
  }
  out->context.use_private_key_file(private_key, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(out->context.native_handle()) != 1) {
    return fail(Code::invalid_argument,
                "cannot use the private key " + private_key + ": " +
                    (error ? error.message() : "it does not belong to the certificate"));
  }
  return out;
}

core::Result<std::shared_ptr<TlsContext>> TlsContext::for_client(const std::string& ca_file) {
  auto out = std::make_shared<Context>(ssl::context::tls_client);
  out->context.set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;
  out->context.set_default_verify_paths(error);
  if (!error && !ca_file.empty()) {
    out->context.load_verify_file(ca_file, error);
  }
  if (error) {
    return fail(Code::invalid_argument,
                "cannot use the CA file " + ca_file + ": " + error.message());
  }
  return out;
}

core::Task<core::Result<ByteStreamPtr>> tls_accept(tcp::socket socket,
                                                   std::shared_ptr<TlsContext> context) {
  auto stream = std::make_unique<TlsStream>(std::move(socket), std::move(context));
  PRELOOP_CO_CHECK(co_await stream->handshake(ssl::stream_base::server));
  co_return ByteStreamPtr(std::move(stream));
}

core::Task<core::Result<ByteStreamPtr>> tls_connect(tcp::socket socket,
                                                    std::shared_ptr<TlsContext> context,
                                                    std::string host) {
  auto stream = std::make_unique<TlsStream>(std::move(socket), std::move(context));
  SSL* const native_ssl = stream->native_stream();
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(native_ssl);
  bool ready = false;
  if (is_address(host)) {
    ready = X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
  } else {
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ready = X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1 &&
            SSL_set_tlsext_host_name(native_ssl, host.c_str()) == 1;
  }
  if (!ready) {
    co_return fail(Code::internal, "OpenSSL did not take the host name");
  }
  PRELOOP_CO_CHECK(co_await stream->handshake(ssl::stream_base::client));
  co_return ByteStreamPtr(std::move(stream));
}

}  // namespace preloop::net
