#pragma once
#include "net/byte_stream.h"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace preloop::net {

/// Takes over a connected socket of this loop: non-blocking, TCP_NODELAY.
ByteStreamPtr make_tcp_stream(boost::asio::ip::tcp::socket socket);
void configure_socket(boost::asio::ip::tcp::socket& socket);

/// "127.0.0.1:80", "[::1]:80".
std::string to_string(const boost::asio::ip::tcp::endpoint& endpoint);
/// The Error of a failed socket operation: cancelled when it was aborted, else unavailable.
core::Error socket_error(std::string_view what, const boost::system::error_code& error);

}  // namespace preloop::net
